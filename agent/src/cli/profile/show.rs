//! `koshin profile show`.

use serde_json::json;

use crate::{
    cli::{CliError, Exit, session::Session, table::Table},
    profile::{Bilingual, Profile, Profiles, Retire, Role},
};

use super::{rank_word, retire_word};

pub(super) fn show(
    session: &Session<'_>,
    profiles: &Profiles,
    id: &str,
) -> Result<Exit, Box<CliError>> {
    let Some(profile) = profiles.get(id) else {
        let known = profiles.all().iter().map(|profile| profile.id.as_str());
        return Err(CliError::unknown_profile(session.texts, id, known).into());
    };
    let lines = lines(session, profile);
    session
        .printer
        .result(json!({ "profile": members(profile) }), lines);
    Ok(Exit::Done)
}

fn members(profile: &Profile) -> serde_json::Value {
    json!({
        "id": profile.id,
        "name": { "ja": profile.name.ja, "en": profile.name.en },
        "rank": rank_word(profile.rank),
        "file": profile.path.display().to_string(),
        "help_desk": {
            "phone": profile.help_desk.phone,
            "hours": profile.help_desk.hours.as_ref().map(|hours| json!({
                "ja": hours.ja, "en": hours.en,
            })),
        },
        "pin": { "ja": profile.pin_word.ja, "en": profile.pin_word.en },
        "origins": profile.origins.iter().map(|site| json!({
            "origin": site.origin, "role": site.role.word(),
        })).collect::<Vec<_>>(),
        "issuers": profile.issuers.iter().map(|issuer| json!({
            "subject": issuer.subject(),
            "sha256": protocol::certificate::sha256_id(issuer.der()),
            "not_after": issuer.not_after().to_string(),
        })).collect::<Vec<_>>(),
        "subject": profile.subject,
        "renewal": {
            "window_days": profile.renewal.window_days,
            "notice_days": profile.renewal.notice_days,
            "grace_days": profile.renewal.grace_days,
            "urgent_days": profile.renewal.urgent_days,
        },
        "key_types": profile.key_types.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "retire": retire_word(profile.retire),
        "request_keys": profile.request_keys.len(),
    })
}

fn lines(session: &Session<'_>, profile: &Profile) -> Vec<String> {
    let mut table = Table::plain();
    let mut add = |label: &str, value: String| table.row([session.say(label, &[]), value]);
    let text = |text: &Bilingual| text.say(session.language).to_owned();
    let days = |days: u16| session.say("cli-days", &[("days", &days.to_string())]);
    let joined = |words: Vec<String>| words.join(", ");
    add("cli-profile-id", profile.id.clone());
    add("cli-profile-name", text(&profile.name));
    add("cli-profile-file", profile.path.display().to_string());
    for site in &profile.origins {
        let label = match site.role {
            Role::Bank => "cli-profile-bank-site",
            Role::Ca => "cli-profile-ca-site",
        };
        add(label, site.origin.clone());
    }
    for issuer in &profile.issuers {
        add("cli-profile-issuer", issuer.subject().to_owned());
    }
    if !profile.subject.is_empty() {
        add("cli-profile-subject", profile.subject.join(", "));
    }
    add("cli-profile-phone", profile.help_desk.phone.clone());
    if let Some(hours) = &profile.help_desk.hours {
        add("cli-profile-hours", text(hours));
    }
    add("cli-profile-pin", text(&profile.pin_word));
    let renewal = &profile.renewal;
    add("cli-profile-window", days(renewal.window_days));
    add("cli-profile-grace", days(renewal.grace_days));
    add("cli-profile-urgent", days(renewal.urgent_days));
    let notices = renewal.notice_days.iter().map(|day| days(*day));
    add("cli-profile-notice", joined(notices.collect()));
    let types = profile.key_types.iter().map(ToString::to_string);
    add("cli-profile-key-types", joined(types.collect()));
    let retire = match profile.retire {
        Retire::FirstLogin => "cli-retire-first-login",
        Retire::AtIssue => "cli-retire-at-issue",
        Retire::Expiry => "cli-retire-expiry",
    };
    add("cli-profile-retire", session.say(retire, &[]));
    let signed = if profile.request_keys.is_empty() {
        "cli-no"
    } else {
        "cli-yes"
    };
    add("cli-profile-signed-requests", session.say(signed, &[]));
    table.lines()
}

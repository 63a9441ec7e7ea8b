//! `koshin profile list`.

use serde_json::json;

use crate::{
    cli::{
        CliError, Exit,
        findings::{explain, finding_members},
        session::Session,
        table::Table,
    },
    profile::{Profiles, Rank},
};

use super::{origins, rank_word};

pub(super) fn list(session: &Session<'_>, profiles: &Profiles) -> Result<Exit, Box<CliError>> {
    let members = json!({
        "profiles": profiles.all().iter().map(|profile| json!({
            "id": profile.id,
            "name": { "ja": profile.name.ja, "en": profile.name.en },
            "rank": rank_word(profile.rank),
            "file": profile.path.display().to_string(),
            "origins": profile.origins.iter().map(|site| &site.origin).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "rejected": profiles.rejected().iter().map(|rejected| json!({
            "file": rejected.path.display().to_string(),
            "findings": finding_members(session.texts, &rejected.findings),
        })).collect::<Vec<_>>(),
    });
    let mut table = Table::new([
        session.say("cli-column-profile", &[]),
        session.say("cli-column-bank", &[]),
        session.say("cli-column-rank", &[]),
        session.say("cli-column-origins", &[]),
    ]);
    for profile in profiles.all() {
        table.row([
            profile.id.clone(),
            profile.name.say(session.language).to_owned(),
            match profile.rank {
                Rank::Installed => session.say("cli-rank-installed", &[]),
                Rank::User => session.say("cli-rank-user", &[]),
            },
            origins(profile),
        ]);
    }
    if profiles.all().is_empty() {
        session.printer.result(members, []);
        session.printer.note(&session.say("cli-no-profiles", &[]));
    } else {
        session.printer.result(members, table.lines());
    }
    for finding in profiles.rejected().iter().flat_map(|one| &one.findings) {
        let (what, _) = explain(session.texts, finding);
        let text = format!("{}: {what}", finding.place);
        session.printer.warning(session.texts, &text);
    }
    Ok(Exit::Done)
}

//! What a customer sees of a renewal on which an officer of the CA decides.

use super::{
    Brand, Language, Page, escape, row,
    text::{Text, bank, ca as words},
};
use crate::{
    store::{Application, ApplicationStatus, IssuedCertificate},
    time,
};

/// The CA's page while nobody has decided: everything may be closed, and where it goes on.
pub(crate) fn pending(
    language: Language,
    application: &Application,
    current: &IssuedCertificate,
    bank_origin: &str,
    now: i64,
) -> String {
    let say = |text: Text| text.say(language);
    let body = format!(
        r#"<h1>{title}</h1>
<div class="callout note" role="status"><p class="big">{taken}</p><p>{lead}</p></div>
<section class="card"><h2>{what}</h2>
<dl class="plain">{who}{requested}{until}</dl></section>
<ul class="points"><li>{close}</li>{old}<li>{back}</li><li>{same}</li></ul>
<div class="actions"><a class="button" href="/renewal/pending">{check}</a><a class="button secondary" href="{bank}/main">{later}</a></div>"#,
        title = say(words::PENDING_TITLE),
        taken = say(words::PENDING_TAKEN),
        lead = say(words::PENDING),
        what = say(words::PENDING_WHAT),
        who = row(words::START_WHO, language, &escape(&application.user)),
        requested = row(
            words::PENDING_SINCE,
            language,
            &time::moment_text(application.requested, language)
        ),
        until = row(
            words::PENDING_OLD_UNTIL,
            language,
            &time::moment_text(current.not_after, language)
        ),
        close = say(words::PENDING_CLOSE),
        // One that has expired serves for nothing but the renewal.
        old = if now > current.not_after {
            String::new()
        } else {
            format!("<li>{}</li>", say(words::PENDING_OLD))
        },
        back = say(words::PENDING_BACK),
        same = say(words::PENDING_SAME),
        check = say(words::PENDING_CHECK),
        bank = escape(bank_origin),
        later = say(words::LATER),
    );
    Page {
        brand: Brand::Ca,
        language,
        title: words::PENDING_TITLE.say(language),
        script: None,
        path: Some("/renewal/pending"),
        body: &body,
    }
    .html()
}

/// What stands above 電子証明書更新開始 once an officer has decided.
pub(crate) fn verdict(language: Language, application: Option<&Application>) -> String {
    let (class, text) = match application.map(|application| application.status) {
        Some(ApplicationStatus::Approved) => ("good", words::START_APPROVED),
        Some(ApplicationStatus::Refused) => ("attention", words::START_REFUSED),
        Some(ApplicationStatus::Pending) | None => return String::new(),
    };
    format!(
        r#"<div class="callout {class}"><p>{}</p></div>"#,
        text.say(language)
    )
}

/// The banner of the bank's main page: its class, heading, text and button. `last_day` is the last
/// second for renewing.
pub(crate) fn banner(
    language: Language,
    application: &Application,
    current: &IssuedCertificate,
    (last_day, now): (i64, i64),
) -> (&'static str, Text, String, Text) {
    let (class, title, text, button) = match application.status {
        ApplicationStatus::Pending if now > current.not_after => (
            "note",
            bank::PENDING_TITLE,
            bank::PENDING_EXPIRED,
            bank::PENDING_BUTTON,
        ),
        ApplicationStatus::Pending => (
            "note",
            bank::PENDING_TITLE,
            bank::PENDING,
            bank::PENDING_BUTTON,
        ),
        ApplicationStatus::Approved => ("good", bank::APPROVED_TITLE, bank::APPROVED, bank::RENEW),
        ApplicationStatus::Refused => {
            ("attention", bank::REFUSED_TITLE, bank::REFUSED, bank::RENEW)
        }
    };
    let text = text.fill(
        language,
        &[
            (
                "requested",
                &time::moment_text(application.requested, language),
            ),
            ("day", &time::day_text(current.not_after, language)),
            ("last", &time::day_text(last_day, language)),
        ],
    );
    (class, title, text, button)
}

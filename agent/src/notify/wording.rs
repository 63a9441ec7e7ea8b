//! What notices say. None of these texts has a link.

use protocol::bridge::Status;

use super::{Due, Notice};
use crate::language::Texts;

impl Notice {
    /// The heading: short, since desktops cut long ones off.
    #[must_use]
    pub fn heading(&self, texts: &Texts) -> String {
        let first = self.first();
        match first.status {
            Status::Expired | Status::PastGrace => texts.say("notify-heading-expired", &[]),
            _ if first.days_left == 0 => texts.say("notify-heading-today", &[]),
            _ => {
                let days = first.days_left.to_string();
                texts.say("notify-heading", &[("days", &days)])
            }
        }
    }

    /// The text on the desktop.
    #[must_use]
    pub fn text(&self, texts: &Texts) -> String {
        let mut lines = vec![self.profile.name.say(texts.language()).to_owned()];
        lines.extend(self.certificates.iter().map(|due| line(due, texts)));
        lines.push(texts.say("notify-what-to-do", &[]));
        lines.join("\n")
    }

    /// The subject of the mail.
    #[must_use]
    pub fn subject(&self, texts: &Texts) -> String {
        let bank = self.profile.name.say(texts.language());
        let heading = self.heading(texts);
        texts.say(
            "notify-mail-subject",
            &[("bank", bank), ("heading", &heading)],
        )
    }

    /// The mail's text.
    #[must_use]
    pub fn letter(&self, texts: &Texts) -> String {
        let language = texts.language();
        let lines: Vec<_> = self
            .certificates
            .iter()
            .map(|due| texts.say("notify-mail-line", &[("line", &line(due, texts))]))
            .collect();
        let arguments = [
            ("bank", self.profile.name.say(language)),
            ("lines", &lines.join("\n")),
            ("help-desk", &self.profile.help_desk.say(language)),
        ];
        texts.say("notify-mail-text", &arguments) + "\n"
    }

    /// Whether there is no time to lose.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        !matches!(self.first().status, Status::Due | Status::Valid)
    }

    fn first(&self) -> &Due {
        self.certificates
            .first()
            .expect("a notice is about a certificate")
    }
}

fn line(due: &Due, texts: &Texts) -> String {
    let date = texts.bank_date(due.certificate.not_after());
    let name = due.name();
    let days = due.days_left.to_string();
    let arguments = [
        ("name", name.as_str()),
        ("date", date.as_str()),
        ("days", days.as_str()),
    ];
    match due.status {
        Status::Expired | Status::PastGrace => texts.say("notify-line-expired", &arguments[..2]),
        _ if due.days_left == 0 => texts.say("notify-line-today", &arguments[..2]),
        _ => texts.say("notify-line", &arguments),
    }
}

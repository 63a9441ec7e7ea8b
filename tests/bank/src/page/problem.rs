//! Pages on which something is wrong: each says what, why, and the way on.

use super::{
    Brand, Language, Page, escape, steps,
    text::{self, Text, certificate as words},
};
use crate::time;

/// A page with one message and one link.
pub(crate) struct Message<'a> {
    pub(crate) brand: Brand,
    pub(crate) title: Text,
    pub(crate) lead: String,
    /// Where the button leads, and what it says.
    pub(crate) button: (&'a str, Text),
}

impl Message<'_> {
    pub(crate) fn html(&self, language: Language) -> String {
        let body = format!(
            r#"<h1>{title}</h1>
<div class="callout attention"><p>{lead}</p></div>
<div class="actions"><a class="button" href="{href}">{label}</a></div>"#,
            title = self.title.say(language),
            lead = escape(&self.lead),
            href = escape(self.button.0),
            label = self.button.1.say(language),
        );
        Page {
            brand: self.brand,
            language,
            title: self.title.say(language),
            script: None,
            path: None,
            body: &body,
        }
        .html()
    }
}

/// What is wrong with the certificate that came with a connection, with what the page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CertificateProblem {
    Missing,
    Foreign,
    Expired { user: String, not_after: i64 },
    NotYetValid { user: String, not_before: i64 },
    Revoked { user: String, serial: String },
    Superseded { user: String, serial: String },
    OtherId { entered: String, owner: String },
    Changed,
}

impl CertificateProblem {
    /// A word for the log.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Foreign => "foreign",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::Revoked { .. } => "revoked",
            Self::Superseded { .. } => "superseded",
            Self::OtherId { .. } => "other-id",
            Self::Changed => "changed",
        }
    }

    /// The heading of the page.
    pub(crate) fn title(&self) -> Text {
        match self {
            Self::Missing => words::MISSING_TITLE,
            Self::Foreign => words::FOREIGN_TITLE,
            Self::Expired { .. } => words::EXPIRED_TITLE,
            Self::NotYetValid { .. } => words::NOT_YET_TITLE,
            Self::Revoked { .. } => words::REVOKED_TITLE,
            Self::Superseded { .. } => words::SUPERSEDED_TITLE,
            Self::OtherId { .. } => words::OTHER_TITLE,
            Self::Changed => words::CHANGED_TITLE,
        }
    }

    /// The page.
    pub(crate) fn html(&self, language: Language) -> String {
        let (lead, way, values) = self.story(language);
        let values: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let body = format!(
            r#"<h1>{title}</h1>
<div class="callout attention"><p>{lead}</p></div>
<h2>{next}</h2>
{steps}
<div class="actions"><a class="button secondary" href="/">{login}</a></div>"#,
            title = self.title().say(language),
            lead = escape(&lead.fill(language, &values)),
            next = text::WHAT_TO_DO.say(language),
            steps = steps(language, way, &values),
            login = text::LOGIN_AGAIN.say(language),
        );
        Page {
            brand: Brand::Bank,
            language,
            title: self.title().say(language),
            script: None,
            path: Some("/certificate"),
            body: &body,
        }
        .html()
    }

    fn story(&self, language: Language) -> (Text, &'static [Text], Vec<(&'static str, String)>) {
        match self {
            Self::Missing => (words::MISSING, MISSING_STEPS, vec![]),
            Self::Foreign => (words::FOREIGN, FOREIGN_STEPS, vec![]),
            Self::Expired { user, not_after } => (
                words::EXPIRED,
                EXPIRED_STEPS,
                vec![
                    ("user", user.clone()),
                    ("day", time::day_text(*not_after, language)),
                ],
            ),
            Self::NotYetValid { user, not_before } => (
                words::NOT_YET,
                NOT_YET_STEPS,
                vec![
                    ("user", user.clone()),
                    ("day", time::moment_text(*not_before, language)),
                ],
            ),
            Self::Revoked { user, serial } => (
                words::REVOKED,
                REVOKED_STEPS,
                vec![("user", user.clone()), ("serial", short(serial))],
            ),
            Self::Superseded { user, serial } => (
                words::SUPERSEDED,
                RESTART_STEPS,
                vec![("user", user.clone()), ("serial", short(serial))],
            ),
            Self::OtherId { entered, owner } => (
                words::OTHER,
                OTHER_STEPS,
                vec![("entered", entered.clone()), ("owner", owner.clone())],
            ),
            Self::Changed => (words::CHANGED, FOREIGN_STEPS, vec![]),
        }
    }
}

/// How to make a browser forget the previous certificate.
pub(crate) const RESTART_STEPS: &[Text] = &[
    words::RESTART_STEP_1,
    words::RESTART_STEP_2,
    words::RESTART_STEP_3,
    words::RESTART_STEP_4,
];

const MISSING_STEPS: &[Text] = &[
    words::MISSING_STEP_1,
    words::MISSING_STEP_2,
    words::MISSING_STEP_3,
    words::MISSING_STEP_4,
];
const FOREIGN_STEPS: &[Text] = &[words::FOREIGN_STEP_1, words::FOREIGN_STEP_2];
const EXPIRED_STEPS: &[Text] = &[words::EXPIRED_STEP_1, words::EXPIRED_STEP_2];
const NOT_YET_STEPS: &[Text] = &[words::NOT_YET_STEP];
const REVOKED_STEPS: &[Text] = &[words::REVOKED_STEP];
const OTHER_STEPS: &[Text] = &[words::OTHER_STEP_1, words::OTHER_STEP_2];

/// A serial number in running text: its last eight digits tell two certificates apart.
pub(crate) fn short(serial: &str) -> String {
    let digits = serial.to_ascii_uppercase();
    let tail = digits.len().saturating_sub(8);
    digits[tail..].to_owned()
}

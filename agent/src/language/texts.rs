//! The catalogue in one language.

use std::{borrow::Cow, sync::LazyLock};

use fluent_bundle::{
    FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle as ConcurrentBundle,
};
use protocol::bridge::Problem;
use unic_langid::LanguageIdentifier;

use super::{Language, catalogue};
use crate::failure::Failure;

/// The catalogue in one language; what it lacks is said in English.
pub struct Texts {
    language: Language,
    bundle: ConcurrentBundle<FluentResource>,
}

static JAPANESE: LazyLock<Texts> = LazyLock::new(|| Texts::read(Language::Japanese));
static ENGLISH: LazyLock<Texts> = LazyLock::new(|| Texts::read(Language::English));

impl Texts {
    /// The catalogue in that language.
    #[must_use]
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::Japanese => &JAPANESE,
            Language::English => &ENGLISH,
        }
    }

    /// Its language.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// The message `id`, or its attribute `id.attribute`, with the values of its variables.
    ///
    /// A value that is a whole number chooses among a message's plural forms. An id that the
    /// catalogue lacks is given back as it is: a reader of the screen can at least report it.
    #[must_use]
    pub fn say(&self, id: &str, arguments: &[(&str, &str)]) -> String {
        let arguments: FluentArgs<'_> = arguments
            .iter()
            .map(|&(name, value)| (name, number_or_text(value)))
            .collect();
        self.format(id, &arguments)
            .or_else(|| Self::of(Language::English).format(id, &arguments))
            .unwrap_or_else(|| {
                tracing::error!(id, "the catalogue lacks a message");
                id.to_owned()
            })
    }

    /// The message `id`, or its attribute, without variables; nothing if the catalogue lacks it.
    pub(crate) fn find(&self, id: &str) -> Option<String> {
        self.format(id, &FluentArgs::new())
    }

    /// A step of a renewal, as the audit trail names it (`key-made`, or a problem's code), in
    /// words; one that this version does not know as it is.
    #[must_use]
    pub fn step(&self, what: &str) -> String {
        [format!("trail-{what}"), format!("problem-{what}")]
            .iter()
            .find_map(|id| self.find(id))
            .unwrap_or_else(|| what.to_owned())
    }

    /// What a page, a dialog or the CLI shows of a failure.
    #[must_use]
    pub fn problem(&self, failure: &Failure) -> Problem {
        // A failure is told in any language, so it brings a day as RFC 3339 has it.
        let known: Vec<(&str, String)> = failure
            .arguments
            .iter()
            .map(|(name, value)| match name.as_ref() {
                "date" => ("date", self.day(value)),
                name => (name, value.clone()),
            })
            .collect();
        // It brings what it knows; the texts have words for what it doesn't.
        let arguments: Vec<(&str, &str)> = PROBLEM_VARIABLES
            .iter()
            .filter(|name| known.iter().all(|(known, _)| known != *name))
            .map(|name| (*name, UNKNOWN))
            .chain(known.iter().map(|(name, value)| (*name, value.as_str())))
            .collect();
        let id = format!("problem-{}", failure.code.as_str());
        Problem {
            r#type: format!("urn:koshin:problem:{}", failure.code.as_str()),
            title: self.say(&id, &arguments),
            status: failure.code.status(),
            detail: Some(self.say(&format!("{id}.cause"), &arguments)),
            remedy: self.say(&format!("{id}.remedy"), &arguments),
            code: failure.code,
            reference: failure.reference.as_str().to_owned(),
        }
    }

    fn read(language: Language) -> Self {
        let mut bundle = ConcurrentBundle::new_concurrent(vec![identifier(language)]);
        // Dialogs and terminals show the isolating marks as boxes.
        bundle.set_use_isolating(false);
        for (area, text) in catalogue::areas(language) {
            let resource = FluentResource::try_new((*text).to_owned())
                .unwrap_or_else(|(readable, _)| readable);
            if bundle.add_resource(resource).is_err() {
                tracing::error!(area, "a message is in the catalogue twice");
            }
        }
        Self { language, bundle }
    }

    fn format(&self, id: &str, arguments: &FluentArgs<'_>) -> Option<String> {
        let (id, attribute) = match id.split_once('.') {
            Some((id, attribute)) => (id, Some(attribute)),
            None => (id, None),
        };
        let message = self.bundle.get_message(id)?;
        let pattern = match attribute {
            Some(name) => message.get_attribute(name)?.value(),
            None => message.value()?,
        };
        let mut errors = Vec::new();
        let text = self
            .bundle
            .format_pattern(pattern, Some(arguments), &mut errors);
        if !errors.is_empty() {
            tracing::error!(id, ?errors, "a message could not be put together");
        }
        Some(text.into_owned())
    }
}

/// The variables that the texts of problems use, each with a wording for when it is unknown.
///
/// `date`: a day, as RFC 3339 text; `tries`: tries left, of a PIN or a code; `token`: a token's
/// label; `help-desk`: number and hours; `package`: what to install; `module`: a token driver's
/// name; `kind`: `renew` or `acquire`; `file`: a file's name.
const PROBLEM_VARIABLES: [&str; 8] = [
    "date",
    "tries",
    "token",
    "help-desk",
    "package",
    "module",
    "kind",
    "file",
];

/// Selects the `[unknown]` form of a problem's text.
const UNKNOWN: &str = "unknown";

fn identifier(language: Language) -> LanguageIdentifier {
    language
        .tag()
        .parse()
        .expect("the tags of Language are well formed")
}

/// Whole numbers as numbers, unless that would change how they look (`007`, a long serial).
fn number_or_text(value: &str) -> FluentValue<'_> {
    match value.parse::<i32>() {
        Ok(number) if number.to_string() == value => FluentValue::from(number),
        Ok(_) | Err(_) => FluentValue::String(Cow::Borrowed(value)),
    }
}

#[cfg(test)]
mod tests {
    use protocol::bridge::ProblemCode;

    use super::*;

    #[test]
    fn every_file_of_the_catalogue_is_well_formed() {
        for language in Language::ALL {
            for (area, text) in catalogue::areas(language) {
                if let Err((_, errors)) = FluentResource::try_new((*text).to_owned()) {
                    panic!("{language}/{area}.ftl: {errors:?}");
                }
            }
        }
    }

    #[test]
    fn a_problem_is_complete_however_little_is_known() {
        for language in Language::ALL {
            for code in ProblemCode::ALL {
                let failure = Failure::new(*code);
                let problem = Texts::of(language).problem(&failure);
                let detail = problem.detail.unwrap();
                for text in [&problem.title, &detail, &problem.remedy] {
                    assert!(
                        !text.is_empty() && !text.contains(['{', '}', '$']),
                        "{language} {}: {text}",
                        code.as_str()
                    );
                    assert!(!text.contains(UNKNOWN), "{language}: {text}");
                }
                assert_eq!(problem.reference, failure.reference.as_str());
            }
        }
    }

    #[test]
    fn a_problem_says_what_the_failure_knows() {
        let failure = Failure::new(ProblemCode::TooEarly).with("date", "2026-11-22");
        let problem = Texts::of(Language::Japanese).problem(&failure);
        let texts = format!("{:?} {}", problem.detail, problem.remedy);
        assert!(texts.contains("2026年11月22日"), "{texts}");
        let failure = Failure::new(ProblemCode::PinIncorrect).with("tries", "1");
        let problem = Texts::of(Language::English).problem(&failure);
        assert!(problem.detail.unwrap().contains("1 try is left"));
    }

    #[test]
    fn what_clerks_read_has_no_jargon() {
        for language in Language::ALL {
            for code in ProblemCode::ALL {
                let problem = Texts::of(language).problem(&Failure::new(*code));
                let text = format!("{} {:?} {}", problem.title, problem.detail, problem.remedy);
                for jargon in ["PKCS", "CKR", "CSR", "DER", "PEM", "CMS", "X.509"] {
                    assert!(!text.contains(jargon), "{language}: {text}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_id_is_given_back() {
        assert_eq!(Texts::of(Language::Japanese).say("no-such", &[]), "no-such");
    }

    #[test]
    fn numbers_keep_their_look() {
        for text in ["007", "12345678901234567890", "1e3", "+5", "1.50"] {
            assert!(matches!(number_or_text(text), FluentValue::String(_)));
        }
        assert!(matches!(number_or_text("3"), FluentValue::Number(_)));
    }
}

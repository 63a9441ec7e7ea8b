//! Which language somebody reads.

use std::{env, fmt, str::FromStr};

use thiserror::Error;

/// A language that the catalogue has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// 日本語
    Japanese,
    /// English
    English,
}

/// Not the tag of a language that the catalogue has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is neither \"ja\" nor \"en\"")]
pub struct UnknownLanguage(String);

impl Language {
    /// Every language of the catalogue.
    pub const ALL: [Self; 2] = [Self::Japanese, Self::English];

    /// The tag (BCP 47), as in the configuration and in `Content-Language`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Japanese => "ja",
            Self::English => "en",
        }
    }

    /// The locale for programs that take one from their environment.
    #[must_use]
    pub fn locale(self) -> &'static str {
        match self {
            Self::Japanese => "ja_JP.UTF-8",
            Self::English => "en_US.UTF-8",
        }
    }

    /// The language of this process's environment: the first of LC_ALL, LC_MESSAGES and LANG
    /// that says something, and English when none does.
    #[must_use]
    pub fn from_environment() -> Self {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .filter_map(|name| env::var(name).ok())
            .find(|value| !value.is_empty())
            .map_or(Self::English, |value| Self::from_locale(&value))
    }

    /// The language of a POSIX locale such as `ja_JP.UTF-8`; English for any that the catalogue
    /// doesn't have.
    #[must_use]
    pub fn from_locale(locale: &str) -> Self {
        let language = locale.split(['_', '.', '@', '-']).next().unwrap_or(locale);
        if language.eq_ignore_ascii_case("ja") {
            Self::Japanese
        } else {
            Self::English
        }
    }

    /// The reader's first choice in an `Accept-Language` header (RFC 9110, section 12.5.4)
    /// among the languages of the catalogue. `*` says nothing.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(u16, Self)> = None;
        for choice in header.split(',').take(32) {
            let (range, weight) = choice.split_once(';').unwrap_or((choice, "q=1"));
            let Some(weight) = thousandths(weight) else {
                continue;
            };
            let tag = range.trim().split('-').next().unwrap_or_default();
            let Ok(language) = tag.parse() else {
                continue;
            };
            if weight > 0 && best.is_none_or(|(highest, _)| weight > highest) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(tag: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL
            .into_iter()
            .find(|language| tag.eq_ignore_ascii_case(language.tag()))
            .ok_or_else(|| UnknownLanguage(tag.to_owned()))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// A weight such as `q=0.8`, in thousandths.
fn thousandths(weight: &str) -> Option<u16> {
    let value: f32 = weight.trim().strip_prefix("q=")?.parse().ok()?;
    // Checked to be in range, so nothing is cut off but digits past the third.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (0.0..=1.0)
        .contains(&value)
        .then_some((value * 1000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_name_their_language() {
        for japanese in [
            "ja",
            "ja_JP.UTF-8",
            "ja_JP.eucJP",
            "ja-JP",
            "JA_jp@calendar",
        ] {
            assert_eq!(Language::from_locale(japanese), Language::Japanese);
        }
        for other in ["C", "C.UTF-8", "en_GB.UTF-8", "jam_JM", "de_DE", ""] {
            assert_eq!(Language::from_locale(other), Language::English);
        }
    }

    #[test]
    fn a_browser_says_what_it_prefers() {
        let cases = [
            ("ja,en-US;q=0.9,en;q=0.8", Some(Language::Japanese)),
            ("en-GB,ja;q=0.9", Some(Language::English)),
            ("de;q=1, en;q=0.2, ja;q=0.3", Some(Language::Japanese)),
            ("fr,*;q=0.5", None),
            ("ja;q=0", None),
            ("ja;q=rubbish, en;q=7", None),
            ("", None),
        ];
        for (header, language) in cases {
            assert_eq!(
                Language::from_accept_language(header),
                language,
                "{header:?}"
            );
        }
    }
}

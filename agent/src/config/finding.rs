//! What can be wrong with a settings file or a profile, and where.

use std::{
    fmt,
    path::{Path, PathBuf},
};

/// A file, and a line of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, counted from 1; `None` for the file as a whole.
    pub line: Option<usize>,
}

impl Place {
    /// The file as a whole.
    #[must_use]
    pub fn file(path: &Path) -> Self {
        Self {
            file: path.to_owned(),
            line: None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        match self.line {
            Some(line) => write!(f, ":{line}"),
            None => Ok(()),
        }
    }
}

/// Something that is wrong, or a warning. What a person reads is in the catalogue under
/// `config-CODE` and its attribute `hint`; `Display` is for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What.
    pub reason: Reason,
}

impl Finding {
    /// A finding.
    #[must_use]
    pub fn new(place: Place, reason: Reason) -> Self {
        Self { place, reason }
    }

    /// Whether the file is of use all the same.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        matches!(
            self.reason,
            Reason::IssuerExpired { .. } | Reason::IssuerExpiresSoon { .. }
        )
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, arguments) = self.reason.message();
        write!(f, "{}: {code}", self.place)?;
        for (name, value) in arguments {
            write!(f, " {name}={value:?}")?;
        }
        Ok(())
    }
}

/// Findings that make a file unusable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings(pub Vec<Finding>);

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, finding) in self.0.iter().enumerate() {
            let separator = if number == 0 { "" } else { "; " };
            write!(f, "{separator}{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Findings {}

/// What a key should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A string.
    Text,
    /// `true` or `false`.
    Switch,
    /// A whole number.
    Number,
    /// A list of strings.
    Texts,
    /// A table.
    Table,
    /// A list of tables.
    Tables,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident $({ $($field:ident: $type:ty),+ })? = $code:literal;)*) => {
        /// What is wrong.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the fields are the variables of the reason's text")]
        pub enum Reason {
            $($(#[$doc])* $name $({ $($field: $type),+ })?,)*
        }

        impl Reason {
            /// The codes of all reasons.
            pub const CODES: &'static [&'static str] = &[$($code),*];

            /// The code, and the variables of its text.
            #[must_use]
            pub fn message(&self) -> (&'static str, Vec<(&'static str, String)>) {
                match self {
                    $(Self::$name $({ $($field),+ })? => (
                        $code,
                        vec![$($((stringify!($field), Variable::text($field))),+)?],
                    ),)*
                }
            }
        }
    };
}

reasons! {
    /// The file cannot be read.
    Unreadable { cause: String } = "unreadable";
    /// The file has more than 1 MiB.
    TooLarge = "too-large";
    /// It is not TOML.
    Syntax { message: String } = "syntax";
    /// Nobody knows that key.
    UnknownKey { key: String, nearest: Option<String> } = "unknown-key";
    /// The key must be there.
    Missing { key: String } = "missing";
    /// The value is of another type.
    WrongType { key: String, expected: Expected } = "wrong-type";
    /// The value is none of the words that the key takes.
    BadChoice { key: String, value: String, choices: Vec<String>, nearest: Option<String> } = "bad-choice";
    /// The number or time is too small or too large.
    OutOfRange { key: String, least: String, most: String } = "out-of-range";
    /// A length of time without a known unit.
    BadDuration { key: String, value: String } = "bad-duration";
    /// A length of time that must be whole days.
    NotWholeDays { key: String, value: String } = "not-whole-days";
    /// The string is empty, or has characters that a dialog cannot show on one line.
    BadText { key: String } = "bad-text";
    /// The path does not begin at the root.
    RelativePath { key: String, value: String } = "relative-path";
    /// Not a mail address.
    BadAddress { key: String, value: String } = "bad-address";
    /// Mail without TLS to another computer.
    MailInTheClear { value: String } = "mail-in-the-clear";
    /// The same value twice in a list that wants different ones.
    Duplicate { key: String, value: String } = "duplicate";
    /// Only the system's file may set it.
    SystemOnly { key: String } = "system-only";
    /// The ports reach beyond 65535.
    PortsBeyondEnd = "ports-beyond-end";
    /// Not an exact https origin.
    BadOrigin { value: String, fault: OriginFault } = "bad-origin";
    /// No origin has the role `bank`.
    NoBankOrigin = "no-bank-origin";
    /// A list that must have an entry has none.
    Empty { key: String } = "empty";
    /// The file of a CA certificate cannot be read.
    IssuerUnreadable { path: String, cause: String } = "issuer-unreadable";
    /// No PEM certificate there.
    NotACertificate { cause: String } = "not-a-certificate";
    /// No PEM public key there, or of a type that Koshin does not verify with.
    NotAPublicKey { cause: String } = "not-a-public-key";
    /// Not a subject's attribute in the form of RFC 4514.
    NotAnAttribute { value: String } = "not-an-attribute";
    /// The certificate is not a CA's.
    IssuerNotCa { subject: String } = "issuer-not-ca";
    /// The CA certificate may not sign certificates.
    IssuerMayNotSign { subject: String } = "issuer-may-not-sign";
    /// The CA certificate's own signature is wrong.
    IssuerSignature { subject: String } = "issuer-signature";
    /// The CA certificate has expired.
    IssuerExpired { subject: String, date: String } = "issuer-expired";
    /// The CA certificate expires within a year: certificates that it issues now may outlive it.
    IssuerExpiresSoon { subject: String, date: String } = "issuer-expires-soon";
    /// The urgent days are more than the renewal window.
    UrgentBeyondWindow = "urgent-beyond-window";
    /// A notice before the renewal window opens.
    NoticeBeyondWindow { value: String } = "notice-beyond-window";
    /// Another profile has that origin.
    OriginTaken { value: String, other: String } = "origin-taken";
    /// An installed profile has that CA certificate.
    IssuerTaken { subject: String, other: String } = "issuer-taken";
    /// Another profile has that CA, and no attribute of the subject tells the two apart.
    SubjectNotDistinct { subject: String, other: String } = "subject-not-distinct";
    /// An installed profile has that name.
    NameTaken { value: String, other: String } = "name-taken";
    /// Policy forbids profiles in the user's folder.
    UserProfilesOff = "user-profiles-off";
    /// The module's file is not there.
    ModuleAbsent { path: String } = "module-absent";
    /// No module is named, and p11-kit's do not count.
    NoModule = "no-module";
    /// The pinentry program is not there.
    PinentryAbsent { value: String } = "pinentry-absent";
    /// The name of a profile's file has characters other than a-z, 0-9 and hyphen.
    BadFileName { value: String } = "bad-file-name";
}

/// Why a text is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginFault {
    /// It does not begin with `https://`.
    Scheme,
    /// It goes on after host and port.
    Path,
    /// It has a user name.
    UserInfo,
    /// The host has upper-case letters.
    UpperCase,
    /// The host has characters beyond ASCII: punycode is wanted.
    NotPunycode,
    /// The host is empty or malformed.
    Host,
    /// The port is not a number from 1 to 65535, or is the default one.
    Port,
}

/// A value as a variable of a text.
trait Variable {
    fn text(&self) -> String;
}

impl Variable for String {
    fn text(&self) -> String {
        self.clone()
    }
}

/// Nothing is `none`, which a catalogue can select on.
impl Variable for Option<String> {
    fn text(&self) -> String {
        self.clone().unwrap_or_else(|| "none".to_owned())
    }
}

impl Variable for Vec<String> {
    fn text(&self) -> String {
        self.join(", ")
    }
}

impl Variable for Expected {
    fn text(&self) -> String {
        match self {
            Self::Text => "text",
            Self::Switch => "switch",
            Self::Number => "number",
            Self::Texts => "texts",
            Self::Table => "table",
            Self::Tables => "tables",
        }
        .to_owned()
    }
}

impl Variable for OriginFault {
    fn text(&self) -> String {
        match self {
            Self::Scheme => "scheme",
            Self::Path => "path",
            Self::UserInfo => "user-info",
            Self::UpperCase => "upper-case",
            Self::NotPunycode => "not-punycode",
            Self::Host => "host",
            Self::Port => "port",
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{Language, Texts};

    #[test]
    fn every_finding_has_its_text_and_its_hint_in_both_languages() {
        for language in Language::ALL {
            let texts = Texts::of(language);
            for code in Reason::CODES {
                let id = format!("config-{code}");
                assert_ne!(texts.say(&id, &[]), id, "{language}");
                let hint = format!("{id}.hint");
                assert_ne!(texts.say(&hint, &[]), hint, "{language}");
            }
        }
    }

    #[test]
    fn a_nearest_key_is_offered_only_where_there_is_one() {
        let hint = |nearest: Option<&str>| {
            let reason = Reason::UnknownKey {
                key: "langauge".to_owned(),
                nearest: nearest.map(str::to_owned),
            };
            let (code, arguments) = reason.message();
            let arguments: Vec<_> = arguments
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            Texts::of(Language::English).say(&format!("config-{code}.hint"), &arguments)
        };
        assert_eq!(hint(Some("language")), "did you mean language?");
        assert!(hint(None).starts_with("remove it"));
    }
}

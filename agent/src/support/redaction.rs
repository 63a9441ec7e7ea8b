//! What goes from a support file before anybody sees it.

use std::ffi::OsString;

use pkcs11_bridge::ModuleListing;
use protocol::certificate::Certificate;

use crate::doctor::Surroundings;

/// How much of a token's serial number stays, in characters: enough to tell two tokens apart.
const SERIAL_SHOWN: usize = 4;

/// Names shorter than this are words, too, and would take half the text with them.
const SHORTEST_NAME: usize = 3;

/// What is replaced, and by what: the home folder, the names of user and PC, the names within
/// the certificates on the tokens, and all but the beginning of the tokens' serial numbers.
#[derive(Debug, Default)]
pub struct Redaction {
    /// The longest first, so that a name within another one does not save the rest of it.
    pairs: Vec<(String, String)>,
}

impl Redaction {
    /// For this PC and what is on its tokens.
    #[must_use]
    pub fn of(around: &Surroundings, listings: &[ModuleListing]) -> Self {
        let mut redaction = Self::of_person(around.variable);
        for listing in listings
            .iter()
            .flat_map(|module| module.tokens.iter().flatten())
        {
            redaction.add(&listing.token.serial, shortened(&listing.token.serial));
            for entry in &listing.inventory.certificates {
                if let Ok(certificate) = Certificate::from_der(&entry.der) {
                    redaction.names_of(&certificate);
                }
            }
        }
        redaction
    }

    fn of_person(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let text = |name| variable(name)?.into_string().ok();
        let mut redaction = Self::default();
        if let Some(home) = text("HOME") {
            let home = home.trim_end_matches('/');
            redaction.add(home, "~".to_owned());
            let user = home.rsplit('/').next().unwrap_or_default();
            redaction.name(user, "[user]");
        }
        for name in ["USER", "LOGNAME"] {
            redaction.name(&text(name).unwrap_or_default(), "[user]");
        }
        let host = rustix::system::uname();
        redaction.name(&host.nodename().to_string_lossy(), "[pc]");
        redaction
    }

    fn names_of(&mut self, certificate: &Certificate) {
        let subject = certificate.subject_text();
        let attributes = subject.split([',', '+']);
        for value in attributes.filter_map(|attribute| Some(attribute.split_once('=')?.1)) {
            self.name(value.trim(), "[name]");
        }
        if let Some(name) = certificate.common_name() {
            self.name(&name, "[name]");
        }
        self.add(&subject, "[subject]".to_owned());
    }

    fn name(&mut self, name: &str, instead: &str) {
        // A word of two letters in Japanese is a name; in ASCII it is a country.
        let long = name.chars().count() >= SHORTEST_NAME || !name.is_ascii();
        if long && name != "root" {
            self.add(name, instead.to_owned());
        }
    }

    fn add(&mut self, what: &str, instead: String) {
        if !what.is_empty() && self.pairs.iter().all(|(known, _)| known != what) {
            self.pairs.push((what.to_owned(), instead));
            self.pairs
                .sort_by_key(|(what, _)| std::cmp::Reverse(what.len()));
        }
    }

    /// The text without them.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (what, instead) in &self.pairs {
            text = text.replace(what.as_str(), instead);
        }
        // The serial numbers of tokens that are elsewhere now stand in addresses (RFC 7512).
        let mut parts = text.split("serial=");
        let mut redacted = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part
                .find(|c: char| !c.is_ascii_alphanumeric() && !"%-._".contains(c))
                .unwrap_or(part.len());
            let (serial, rest) = part.split_at(end);
            redacted += "serial=";
            redacted += &shortened(serial);
            redacted += rest;
        }
        redacted
    }
}

fn shortened(serial: &str) -> String {
    let shown: String = serial.chars().take(SERIAL_SHOWN).collect();
    if shown.len() < serial.len() {
        shown + "…"
    } else {
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(text: &str) -> String {
        let mut redaction = Redaction::of_person(|name| match name {
            "HOME" => Some("/home/suzuki/".into()),
            "LOGNAME" => Some("hanako".into()),
            _ => None,
        });
        redaction.add("0123456789abcdef", shortened("0123456789abcdef"));
        redaction.name("鈴木", "[name]");
        redaction.name("JP", "[name]");
        redaction.apply(text)
    }

    #[test]
    fn whoever_reads_it_does_not_learn_who_the_person_is() {
        for (text, expected) in [
            ("/home/suzuki/.config/koshin", "~/.config/koshin"),
            ("/srv/suzuki/x and hanako", "/srv/[user]/x and [user]"),
            ("CN=鈴木, C=JP", "CN=[name], C=JP"),
            ("token 0123456789abcdef", "token 0123…"),
            (
                "pkcs11:token=T;serial=99887766;x=1 \"serial=ab%20cdef\"",
                "pkcs11:token=T;serial=9988…;x=1 \"serial=ab%2…\"",
            ),
        ] {
            assert_eq!(redacted(text), expected);
        }
    }
}

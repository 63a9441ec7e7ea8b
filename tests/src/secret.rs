//! Looking for a secret in what a program wrote, however it may be spelled there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding};

/// Something that must stand nowhere.
#[derive(Clone, Debug)]
pub struct Secret {
    /// What it is, for a message.
    pub name: String,
    spellings: Vec<(&'static str, Vec<u8>)>,
}

impl Secret {
    /// The secret with these bytes. Fewer than six are found by chance.
    ///
    /// # Panics
    /// If there are fewer than six.
    #[must_use]
    pub fn new(name: &str, bytes: &[u8]) -> Self {
        assert!(bytes.len() >= 6, "{name} is too short to be looked for");
        let joined = |separator: &str, spell: fn(&u8) -> String| {
            let parts: Vec<String> = bytes.iter().map(spell).collect();
            parts.join(separator).into_bytes()
        };
        let lower: fn(&u8) -> String = |byte| format!("{byte:02x}");
        let upper: fn(&u8) -> String = |byte| format!("{byte:02X}");
        let decimal: fn(&u8) -> String = ToString::to_string;
        let mut spellings = vec![
            ("raw", bytes.to_vec()),
            ("hex", joined("", lower)),
            ("hex in capitals", joined("", upper)),
            ("hex with colons", joined(":", lower)),
            ("hex in capitals with colons", joined(":", upper)),
            ("hex with spaces", joined(" ", lower)),
            ("numbers", joined(",", decimal)),
            ("numbers with spaces", joined(", ", decimal)),
            ("percent", joined("", |byte| format!("%{byte:02X}"))),
            ("UTF-16", bytes.iter().flat_map(|byte| [*byte, 0]).collect()),
        ];
        for offset in 0..3 {
            spellings.push(("base64", middle::<Base64Unpadded>(bytes, offset)));
            spellings.push(("base64url", middle::<Base64UrlUnpadded>(bytes, offset)));
        }
        Self {
            name: name.to_owned(),
            spellings,
        }
    }

    /// How the secret is spelled in these bytes, if it is.
    #[must_use]
    pub fn spelled_in(&self, bytes: &[u8]) -> Option<&'static str> {
        self.spellings
            .iter()
            .find(|(_, spelling)| {
                bytes
                    .windows(spelling.len())
                    .any(|window| window == spelling)
            })
            .map(|(how, _)| *how)
    }
}

/// The digits that base64 has for these bytes wherever they stand `offset` bytes behind a multiple
/// of three, without those at either end, in which their neighbours have a part.
fn middle<E: Encoding>(bytes: &[u8], offset: usize) -> Vec<u8> {
    let padded = [&vec![0; offset][..], bytes].concat();
    let digits = E::encode_string(&padded).into_bytes();
    let from = (offset * 8).div_ceil(6);
    let to = padded.len() * 8 / 6;
    digits[from..to].to_vec()
}

/// Every file under a folder with its content.
///
/// # Panics
/// If one cannot be read.
#[must_use]
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() {
            let content = fs::read(&path).expect("the file can be read");
            found.push((path, content));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_whatever_spelling() {
        let pin = b"73190462";
        let secret = Secret::new("pin", pin);
        assert_eq!(secret.spelled_in(b"pin 73190461"), None);
        assert_eq!(secret.spelled_in(b"pin 73190462."), Some("raw"));
        assert_eq!(secret.spelled_in(b"3733313930343632"), Some("hex"));
        assert_eq!(
            secret.spelled_in(b"[55, 51, 49, 57, 48, 52, 54, 50]"),
            Some("numbers with spaces")
        );
        for before in 0..7 {
            for after in 0..4 {
                let text = [&vec![b'\xfe'; before][..], pin, &vec![b'\xfb'; after]].concat();
                let spelled = Base64Unpadded::encode_string(&text);
                assert_eq!(
                    secret.spelled_in(spelled.as_bytes()),
                    Some("base64"),
                    "{before} {after}"
                );
            }
        }
    }
}

//! The one-time code by which a bank knows who asks for a certificate.

use ring::hmac;
use zeroize::{Zeroize as _, Zeroizing};

/// Characters of a code: 80 bits in Crockford's base 32.
pub const CODE_CHARACTERS: usize = 16;

/// What is authenticated begins with this, so that no other use of a code gives the same value.
const CONTEXT: &[u8] = b"koshin-acquisition-1";

/// Crockford's base 32: no I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A one-time code. It has no Serialize, Clone, Debug or Display, and is wiped when dropped.
///
/// Its form for people is four groups of four characters, `K7QM-0Z3T-9XWB-41RD`; its form as a key
/// is the same sixteen characters in upper case without hyphens, as ASCII.
pub struct AcquisitionCode([u8; CODE_CHARACTERS]);

impl AcquisitionCode {
    /// A code of 80 random bits, five for each character, the highest first.
    #[must_use]
    pub fn from_random(random: &Zeroizing<[u8; 10]>) -> Self {
        let mut characters = [0; CODE_CHARACTERS];
        for (index, character) in characters.iter_mut().enumerate() {
            let value = (0..5).fold(0, |value, bit| {
                let position = index * 5 + bit;
                let bit = random[position / 8] >> (7 - position % 8) & 1;
                value << 1 | usize::from(bit)
            });
            *character = ALPHABET[value];
        }
        Self(characters)
    }

    /// Reads what a person typed: upper or lower case, with or without hyphens and spaces, O for
    /// 0, I and L for 1, and all of it in full width too, as Japanese keyboards write it.
    /// `None` when that is not sixteen characters of a code.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let mut code = Self([0; CODE_CHARACTERS]);
        let mut length = 0;
        for character in typed.chars().map(narrow) {
            if character == '-' || character.is_whitespace() {
                continue;
            }
            let character = match u8::try_from(character).ok()?.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
            if !ALPHABET.contains(&character) {
                return None;
            }
            *code.0.get_mut(length)? = character;
            length += 1;
        }
        (length == CODE_CHARACTERS).then_some(code)
    }

    /// The code as it is printed for the person: groups of four with hyphens between them.
    #[must_use]
    pub fn grouped(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(CODE_CHARACTERS + 3));
        for (index, &character) in self.0.iter().enumerate() {
            if index > 0 && index % 4 == 0 {
                text.push('-');
            }
            text.push(char::from(character));
        }
        text
    }

    /// HMAC-SHA-256 (RFC 2104) by this code, over what [`Authorised`] writes.
    pub(super) fn authenticate(&self, authorised: &Authorised<'_>) -> [u8; 32] {
        let tag = hmac::sign(&self.key(), &authorised.encoded());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }

    /// Whether the value is the one by this code; takes the same time whatever differs.
    pub(super) fn verifies(&self, authorised: &Authorised<'_>, value: &[u8; 32]) -> bool {
        hmac::verify(&self.key(), &authorised.encoded(), value).is_ok()
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0)
    }
}

impl Drop for AcquisitionCode {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// What a code authorises.
pub(super) struct Authorised<'a> {
    pub(super) spki: &'a [u8],
    pub(super) subject: &'a [u8],
    pub(super) origin: &'a str,
    pub(super) nonce: &'a [u8],
}

impl Authorised<'_> {
    /// Each part behind its length as four bytes, the highest first: no two sets of parts give the
    /// same bytes.
    fn encoded(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for part in [
            CONTEXT,
            self.spki,
            self.subject,
            self.origin.as_bytes(),
            self.nonce,
        ] {
            let length = u32::try_from(part.len()).expect("a part is far below 4 GiB");
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(part);
        }
        out
    }
}

/// A full-width character (U+FF01 to U+FF5E) as the ASCII one that it looks like, and the dashes
/// that Japanese input methods write for a hyphen.
fn narrow(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)
        }
        'ー' | '−' | '‐' | '–' | '—' => '-',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = AcquisitionCode::parse("K7QM-0Z3T-9XWB-41RD").unwrap();
        for typed in [
            "k7qm0z3t9xwb41rd",
            " K7QM oz3t 9XWB 4lrd ",
            "K7QM-OZ3T-9XWB-4IRD",
            "Ｋ７ＱＭ－０Ｚ３Ｔ－９ＸＷＢ－４１ＲＤ",
            "k7qmー0z3tー9xwbー41rd",
        ] {
            assert!(
                AcquisitionCode::parse(typed).is_some_and(|other| other.0 == code.0),
                "{typed}"
            );
        }
        assert_eq!(*code.grouped(), "K7QM-0Z3T-9XWB-41RD");
    }

    #[test]
    fn anything_else_is_no_code() {
        for typed in [
            "",
            "K7QM-0Z3T-9XWB-41R",
            "K7QM-0Z3T-9XWB-41RDX",
            "K7QM-0Z3T-9XWB-41RU",
            "K7QM_0Z3T_9XWB_41RD",
            "K7QM-0Z3T-9XWB-41Ré",
            "暗証番号暗証番号暗証番号暗証番号",
        ] {
            assert!(AcquisitionCode::parse(typed).is_none(), "{typed}");
        }
    }

    #[test]
    fn lengths_keep_the_parts_apart() {
        let code = AcquisitionCode::parse("K7QM-0Z3T-9XWB-41RD").unwrap();
        let part = |spki, subject, origin, nonce| {
            code.authenticate(&Authorised {
                spki,
                subject,
                origin,
                nonce,
            })
        };
        let one = part(b"ab", b"c", "d", b"e");
        for other in [
            part(b"a", b"bc", "d", b"e"),
            part(b"ab", b"cd", "", b"e"),
            part(b"ab", b"c", "de", b""),
        ] {
            assert_ne!(one, other);
        }
    }

    proptest! {
        #[test]
        fn random_bits_survive_their_text(random: [u8; 10]) {
            let code = AcquisitionCode::from_random(&Zeroizing::new(random));
            let again = AcquisitionCode::parse(&code.grouped()).unwrap();
            prop_assert_eq!(code.0, again.0);
        }
    }
}

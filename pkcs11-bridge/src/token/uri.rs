//! Addresses of tokens: the PKCS#11 URI of RFC 7512.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::TokenInfo;

/// A token's address, e.g. `pkcs11:serial=0123;token=Shinkin-Demo`.
///
/// It never names a slot: numbers of slots change. A token matches if everything that the URI
/// names is the same; a URI without a serial number may match several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TokenUri {
    /// The label (`CK_TOKEN_INFO.label`) without padding.
    pub token: Option<String>,
    /// The serial number, without padding.
    pub serial: Option<String>,
    /// The manufacturer, without padding.
    pub manufacturer: Option<String>,
    /// The model, without padding.
    pub model: Option<String>,
}

impl TokenUri {
    /// Whether this is an address of that token.
    #[must_use]
    pub fn matches(&self, token: &TokenInfo) -> bool {
        let same = |named: &Option<String>, value: &str| {
            named.as_deref().is_none_or(|named| named == value)
        };
        same(&self.token, &token.label)
            && same(&self.serial, &token.serial)
            && same(&self.manufacturer, &token.manufacturer)
            && same(&self.model, &token.model)
    }
}

impl fmt::Display for TokenUri {
    /// As p11tool writes it: everything but RFC 3986's unreserved characters percent-encoded.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        f.write_str("pkcs11:")?;
        for (name, value) in [
            ("model", &self.model),
            ("manufacturer", &self.manufacturer),
            ("serial", &self.serial),
            ("token", &self.token),
        ] {
            if let Some(value) = value {
                write!(f, "{separator}{name}={}", Encoded(value))?;
                separator = ";";
            }
        }
        Ok(())
    }
}

impl FromStr for TokenUri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let scheme = text.get(..7).ok_or(UriError::Scheme)?;
        if !scheme.eq_ignore_ascii_case("pkcs11:") {
            return Err(UriError::Scheme);
        }
        let path = &text[7..];
        // The query part would carry a PIN or its source, or a module's path.
        if path.contains('?') {
            return Err(UriError::Query);
        }
        let mut uri = Self::default();
        for part in path.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| UriError::Part(part.to_owned()))?;
            let field = match name {
                "token" => &mut uri.token,
                "serial" => &mut uri.serial,
                "manufacturer" => &mut uri.manufacturer,
                "model" => &mut uri.model,
                other => return Err(UriError::NotOfToken(other.to_owned())),
            };
            if field.replace(decode(value)?).is_some() {
                return Err(UriError::Twice(name.to_owned()));
            }
        }
        if uri == Self::default() {
            return Err(UriError::Empty);
        }
        Ok(uri)
    }
}

/// Why a text isn't the address of a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// It doesn't begin with `pkcs11:`.
    #[error("the address does not begin with pkcs11:")]
    Scheme,
    /// It has a query part, which is for PINs and modules.
    #[error("the address has a part after a question mark, which is not allowed here")]
    Query,
    /// It names nothing.
    #[error("the address names no token")]
    Empty,
    /// A part isn't `name=value`.
    #[error("the address has a part without a value: {0}")]
    Part(String),
    /// An attribute that isn't one of a token, e.g. `slot-id` or `object`.
    #[error("the address has an attribute that is not one of a token: {0}")]
    NotOfToken(String),
    /// An attribute appears more than once.
    #[error("the address has an attribute twice: {0}")]
    Twice(String),
    /// A character that must be percent-encoded, a broken escape, or not UTF-8 after decoding.
    #[error("the address has a value that is not percent-encoded UTF-8: {0}")]
    Encoding(String),
}

struct Encoded<'a>(&'a str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                write!(f, "{}", char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

/// Decodes a value: RFC 7512's `pk11-pchar`s.
fn decode(value: &str) -> Result<String, UriError> {
    let wrong = || UriError::Encoding(value.to_owned());
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte == b'%' {
            let (digits, after) = after.split_at_checked(2).ok_or_else(wrong)?;
            let [high, low] = [digits[0], digits[1]].map(|digit| char::from(digit).to_digit(16));
            let (high, low) = (high.ok_or_else(wrong)?, low.ok_or_else(wrong)?);
            bytes.push(u8::try_from(high * 16 + low).map_err(|_| wrong())?);
            rest = after;
        } else if byte.is_ascii_alphanumeric() || b"-._~:[]@!$'()*+,=&".contains(byte) {
            bytes.push(*byte);
        } else {
            return Err(wrong());
        }
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_as_it_was_written() {
        let uri = TokenUri {
            token: Some("信金 Demo;1=%".to_owned()),
            serial: Some("0123abcd".to_owned()),
            manufacturer: Some("SoftHSM project".to_owned()),
            model: None,
        };
        let text = uri.to_string();
        assert_eq!(
            text,
            "pkcs11:manufacturer=SoftHSM%20project;serial=0123abcd;\
             token=%E4%BF%A1%E9%87%91%20Demo%3B1%3D%25"
        );
        assert_eq!(text.parse(), Ok(uri));
    }

    #[test]
    fn an_address_as_others_write_it_is_read() {
        let uri: TokenUri = "PKCS11:token=My%20token%2a;serial=a:[b]@!$'()*+,=&"
            .parse()
            .unwrap();
        assert_eq!(uri.token.as_deref(), Some("My token*"));
        assert_eq!(uri.serial.as_deref(), Some("a:[b]@!$'()*+,=&"));
    }

    #[test]
    fn what_is_not_the_address_of_a_token_is_refused() {
        for (text, error) in [
            ("token=x", UriError::Scheme),
            ("pkcs1", UriError::Scheme),
            ("pkcs11:", UriError::Empty),
            ("pkcs11:token", UriError::Part("token".to_owned())),
            (
                "pkcs11:slot-id=1",
                UriError::NotOfToken("slot-id".to_owned()),
            ),
            (
                "pkcs11:token=a;token=b",
                UriError::Twice("token".to_owned()),
            ),
            ("pkcs11:token=a?pin-value=1234", UriError::Query),
            ("pkcs11:token=%4", UriError::Encoding("%4".to_owned())),
            ("pkcs11:token=%zz", UriError::Encoding("%zz".to_owned())),
            ("pkcs11:token=%ff", UriError::Encoding("%ff".to_owned())),
            ("pkcs11:token=a b", UriError::Encoding("a b".to_owned())),
            ("pkcs11:token=信金", UriError::Encoding("信金".to_owned())),
        ] {
            assert_eq!(text.parse::<TokenUri>(), Err(error), "{text}");
        }
    }
}

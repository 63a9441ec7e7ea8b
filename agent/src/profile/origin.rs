//! Exact https origins.

use crate::config::{OriginFault, Reason};

/// An origin of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteOrigin {
    /// As a browser sends it: `https://host` or `https://host:port`.
    pub origin: String,
    /// What is there.
    pub role: Role,
}

/// What is at an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The banking site.
    Bank,
    /// The certification authority's site.
    Ca,
}

impl Role {
    /// The words for it in a profile.
    pub const WORDS: &'static [(&'static str, Self)] = &[("bank", Self::Bank), ("ca", Self::Ca)];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Bank => "bank",
            Self::Ca => "ca",
        }
    }
}

/// Takes only what a browser sends as the Origin of an https page (RFC 6454, section 6.2), so
/// that comparing bytes is enough ever after: scheme https, host in lower-case ASCII, the port
/// unless it is 443, and nothing else.
///
/// # Errors
/// [`Reason::BadOrigin`] with what is wrong.
pub fn parse_origin(text: &str) -> Result<String, Reason> {
    match fault(text) {
        None => Ok(text.to_owned()),
        Some(fault) => Err(Reason::BadOrigin {
            value: text.to_owned(),
            fault,
        }),
    }
}

fn fault(text: &str) -> Option<OriginFault> {
    let Some(authority) = text.strip_prefix("https://") else {
        return Some(OriginFault::Scheme);
    };
    if authority.contains(['/', '?', '#', '\\']) {
        return Some(OriginFault::Path);
    }
    if authority.contains('@') {
        return Some(OriginFault::UserInfo);
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    if !host.is_ascii() {
        return Some(OriginFault::NotPunycode);
    }
    if host.contains(|c: char| c.is_ascii_uppercase()) {
        return Some(OriginFault::UpperCase);
    }
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Some(OriginFault::Host);
    }
    port.filter(|port| !is_other_port(port))
        .map(|_| OriginFault::Port)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_other_port(port: &str) -> bool {
    port.parse::<u16>()
        .is_ok_and(|number| number != 0 && number != 443 && number.to_string() == port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_sends_is_taken() {
        for origin in [
            "https://bank.example",
            "https://bank.example:8443",
            "https://xn--lgbt-1p4bq9f.example",
            "https://127.0.0.2:9443",
        ] {
            assert_eq!(parse_origin(origin).unwrap(), origin);
        }
    }

    #[test]
    fn everything_else_is_refused_with_its_fault() {
        for (text, expected) in [
            ("http://bank.example", OriginFault::Scheme),
            ("HTTPS://bank.example", OriginFault::Scheme),
            ("bank.example", OriginFault::Scheme),
            ("null", OriginFault::Scheme),
            ("https://bank.example/", OriginFault::Path),
            ("https://bank.example?x", OriginFault::Path),
            ("https://bank.example@evil.example", OriginFault::UserInfo),
            ("https://銀行.example", OriginFault::NotPunycode),
            ("https://Bank.example", OriginFault::UpperCase),
            ("https://", OriginFault::Host),
            ("https://bank..example", OriginFault::Host),
            ("https://bank.example.", OriginFault::Host),
            ("https://-bank.example", OriginFault::Host),
            ("https://*.example", OriginFault::Host),
            ("https://[::1]", OriginFault::Host),
            ("https://bank.example:443", OriginFault::Port),
            ("https://bank.example:0", OriginFault::Port),
            ("https://bank.example:08443", OriginFault::Port),
            ("https://bank.example:+8443", OriginFault::Port),
            ("https://bank.example:", OriginFault::Port),
            ("https://bank.example:65536", OriginFault::Port),
        ] {
            assert_eq!(
                parse_origin(text).unwrap_err(),
                Reason::BadOrigin {
                    value: text.to_owned(),
                    fault: expected
                },
                "{text}"
            );
        }
    }
}

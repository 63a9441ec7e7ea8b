//! The settings for notices by mail.

use std::path::PathBuf;

use lettre::Address;

use super::{Reason, Section, Sourced, settings::relative};
use crate::notify::mail::{Login, MailSettings, Password, Security};

/// Reads `[mail]`; `None` where something that it takes is missing or wrong.
pub(super) fn read(mail: &mut Section<'_>) -> Option<Sourced<MailSettings>> {
    for key in ["host", "from", "to"] {
        mail.require(key);
    }
    let origin = mail.origin();
    let name = mail.full_name("host");
    let host = mail.parsed("host", |text| host(&name, text));
    let security = mail.choice("security", Security::WORDS);
    let port = mail.number("port", 1..=u16::MAX);
    let authority = mail.parsed("ca", |text| absolute("mail.ca", text));
    let name = mail.full_name("from");
    let from = mail.parsed("from", |text| address(&name, text));
    let to = receivers(mail);
    let user = mail.text("user");
    let file = mail.parsed("password-file", |text| absolute("mail.password-file", text));
    let (host, from) = (host?.value, from?.value);
    let security_value = security
        .as_ref()
        .map_or(Security::StartTls, |one| one.value);
    if security_value == Security::None && !is_this_pc(&host) {
        let place = security.as_ref().map_or(&origin, |one| &one.origin);
        mail.document()
            .report_at(place, Reason::MailInTheClear { value: host });
        return None;
    }
    if to.is_empty() {
        return None;
    }
    let login = user.map(|user| Login {
        user: user.value,
        password: match &file {
            Some(path) => Password::File(path.value.clone()),
            None => Password::SecretService,
        },
    });
    Some(Sourced {
        value: MailSettings {
            port: port.map_or(security_value.port(), |port| port.value),
            security: security_value,
            authority: authority.map(|path| path.value),
            host,
            from,
            to,
            login,
        },
        origin,
    })
}

/// The keys and values, as `config show` lists them; a password is never among them.
pub(super) fn values(mail: &MailSettings) -> Vec<(&'static str, String)> {
    let to: Vec<_> = mail.to.iter().map(ToString::to_string).collect();
    let mut values = vec![
        ("mail.host", mail.host.clone()),
        ("mail.port", mail.port.to_string()),
        ("mail.security", mail.security.word().to_owned()),
    ];
    if let Some(path) = &mail.authority {
        values.push(("mail.ca", path.display().to_string()));
    }
    values.push(("mail.from", mail.from.to_string()));
    values.push(("mail.to", to.join(" ")));
    if let Some(login) = &mail.login {
        values.push(("mail.user", login.user.clone()));
        if let Password::File(path) = &login.password {
            values.push(("mail.password-file", path.display().to_string()));
        }
    }
    values
}

fn receivers(mail: &mut Section<'_>) -> Vec<Address> {
    let Some(list) = mail.texts("to") else {
        return Vec::new();
    };
    let name = mail.full_name("to");
    if list.value.is_empty() {
        let reason = Reason::Empty { key: name.clone() };
        mail.document().report_at(&list.origin, reason);
    }
    let mut receivers = Vec::new();
    for item in list.value {
        match address(&name, &item.text) {
            Ok(address) => receivers.push(address),
            Err(reason) => mail.document().report_at(&item.origin, reason),
        }
    }
    receivers
}

fn address(key: &str, text: &str) -> Result<Address, Reason> {
    text.parse().map_err(|_| Reason::BadAddress {
        key: key.to_owned(),
        value: text.to_owned(),
    })
}

/// A name or an address, without a port: what TLS compares the server's certificate with.
fn host(key: &str, text: &str) -> Result<String, Reason> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    if !text.is_empty() && text.len() <= 253 && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err(Reason::BadText {
            key: key.to_owned(),
        })
    }
}

fn absolute(key: &str, text: &str) -> Result<PathBuf, Reason> {
    if text.starts_with('/') {
        Ok(PathBuf::from(text))
    } else {
        Err(relative(key, text))
    }
}

fn is_this_pc(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "::1")
}

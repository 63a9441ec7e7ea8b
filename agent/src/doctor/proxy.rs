//! Proxies named in the environment. Browsers never send what is meant for this PC through a
//! proxy unless a policy of theirs says so, which [`super::browsers`] looks for; other programs
//! that a bank may bring do.

use std::ffi::OsString;

use super::{Finding, Group::Proxy};

const PROXIES: [&str; 4] = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];

pub(super) fn look(variable: impl Fn(&str) -> Option<OsString>) -> Vec<Finding> {
    let text = |name: &&str| {
        let value = variable(name)?.into_string().ok()?;
        (!value.is_empty()).then_some(value)
    };
    let Some(name) = PROXIES.iter().find(|name| text(name).is_some()) else {
        return vec![Finding::ok(Proxy, "doctor-no-proxy")];
    };
    let exceptions = EXCEPTIONS.iter().find_map(text).unwrap_or_default();
    let excepted = |host: &str| {
        exceptions
            .split(',')
            .map(str::trim)
            .any(|one| one == "*" || one == host)
    };
    vec![if excepted("127.0.0.1") || excepted("127.0.0.0/8") {
        Finding::ok(Proxy, "doctor-proxy-passed-by").with("name", name)
    } else {
        Finding::warning(Proxy, "doctor-proxy-swallows").with("name", name)
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(variables: &[(&str, &str)]) -> &'static str {
        look(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })[0]
            .id
    }

    #[test]
    fn a_proxy_must_except_this_pc() {
        let proxy = ("http_proxy", "http://proxy.example:3128");
        assert_eq!(id(&[]), "doctor-no-proxy");
        assert_eq!(id(&[("http_proxy", "")]), "doctor-no-proxy");
        assert_eq!(id(&[proxy]), "doctor-proxy-swallows");
        assert_eq!(
            id(&[proxy, ("no_proxy", "localhost")]),
            "doctor-proxy-swallows"
        );
        for exception in [
            "127.0.0.1",
            "intranet.example, 127.0.0.1",
            "*",
            "127.0.0.0/8",
        ] {
            assert_eq!(
                id(&[proxy, ("NO_PROXY", exception)]),
                "doctor-proxy-passed-by",
                "{exception}"
            );
        }
    }
}

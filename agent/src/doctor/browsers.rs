//! What policies let browsers do: whether the banks' pages may reach the agent on this PC without
//! the browser's question, after it, or not at all; and whether a proxy takes what they send.
//!
//! Chromium, Chrome, Edge and Brave: of `LoopbackNetworkBlockedForUrls`,
//! `LoopbackNetworkAllowedForUrls`, `LocalNetworkAccessBlockedForUrls` and
//! `LocalNetworkAccessAllowedForUrls` the first that names a page counts. Firefox:
//! `LocalNetworkAccess` with `Enabled` and `SkipDomains`, and preferences that a policy sets.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};

use super::{Finding, Group::Browsers};
use crate::profile::Profiles;

pub(super) fn look(profiles: &Profiles) -> Vec<Finding> {
    let origins: Vec<&str> = profiles
        .all()
        .iter()
        .flat_map(|profile| &profile.origins)
        .map(|site| site.origin.as_str())
        .collect();
    judge(Path::new("/"), &origins)
}

/// Folders of Chromium's kin, under the root, each file `*.json` in which is a policy.
const CHROMIUM: [(&str, &str); 5] = [
    ("Chromium", "etc/chromium/policies/managed"),
    ("Chromium", "etc/chromium-browser/policies/managed"),
    ("Google Chrome", "etc/opt/chrome/policies/managed"),
    ("Microsoft Edge", "etc/opt/edge/policies/managed"),
    ("Brave", "etc/brave/policies/managed"),
];

const FIREFOX: [&str; 5] = [
    "etc/firefox/policies/policies.json",
    "usr/lib/firefox/distribution/policies.json",
    "usr/lib/firefox-esr/distribution/policies.json",
    "usr/lib64/firefox/distribution/policies.json",
    "opt/firefox/distribution/policies.json",
];

/// What a policy says of a page's way to this PC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Blocked,
    Allowed,
    /// No policy decides it: the browser asks the person once.
    Asked,
}

fn judge(root: &Path, origins: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (browser, folder) in CHROMIUM {
        for file in policies(&root.join(folder)) {
            look_at(&mut findings, browser, &file, |policy| {
                (
                    proxied_chromium(policy),
                    origins
                        .iter()
                        .map(|origin| (*origin, chromium(policy, origin)))
                        .collect(),
                )
            });
        }
    }
    for file in FIREFOX.map(|file| root.join(file)) {
        if !file.exists() {
            continue;
        }
        look_at(&mut findings, "Firefox", &file, |top| {
            let nothing = Map::new();
            let policy = top
                .get("policies")
                .and_then(Value::as_object)
                .unwrap_or(&nothing);
            (
                proxied_firefox(policy),
                origins
                    .iter()
                    .map(|origin| (*origin, firefox(policy, origin)))
                    .collect(),
            )
        });
    }
    if findings.is_empty() {
        findings.push(Finding::ok(Browsers, "doctor-browsers-ask"));
    }
    findings
}

/// Adds what a policy's file says; nothing if it says nothing of the matter.
fn look_at<'o>(
    findings: &mut Vec<Finding>,
    browser: &str,
    file: &Path,
    judge: impl FnOnce(&Map<String, Value>) -> (bool, Vec<(&'o str, Way)>),
) {
    let found = |finding: Finding| {
        finding
            .with("browser", browser)
            .with("path", file.display())
    };
    let read = fs::read_to_string(file)
        .map_err(|error| error.to_string())
        .and_then(|text| {
            serde_json::from_str::<Map<String, Value>>(&text).map_err(|error| error.to_string())
        });
    let policy = match read {
        Ok(policy) => policy,
        Err(error) => {
            let finding = Finding::warning(Browsers, "doctor-policy-unreadable");
            findings.push(found(finding).because(error));
            return;
        }
    };
    let (proxied, ways) = judge(&policy);
    if proxied {
        findings.push(found(Finding::failed(Browsers, "doctor-policy-proxies")));
    }
    for (origin, way) in ways {
        let finding = match way {
            Way::Blocked => Finding::failed(Browsers, "doctor-policy-blocks"),
            Way::Allowed => Finding::ok(Browsers, "doctor-policy-allows"),
            Way::Asked => continue,
        };
        findings.push(found(finding).with("origin", origin));
    }
}

/// The policies of a folder, in the order in which a browser reads them.
fn policies(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    files
}

fn chromium(policy: &Map<String, Value>, origin: &str) -> Way {
    let names = |key: &str| texts(policy.get(key)).any(|pattern| matches(pattern, origin));
    let lists = [
        ("LoopbackNetworkBlockedForUrls", Way::Blocked),
        ("LoopbackNetworkAllowedForUrls", Way::Allowed),
        ("LocalNetworkAccessBlockedForUrls", Way::Blocked),
        ("LocalNetworkAccessAllowedForUrls", Way::Allowed),
    ];
    lists
        .into_iter()
        .find(|(key, _)| names(key))
        .map_or(Way::Asked, |(_, way)| way)
}

/// Whether the usual exception of loopback from proxies is taken back.
fn proxied_chromium(policy: &Map<String, Value>) -> bool {
    let settings = policy.get("ProxySettings");
    [
        policy.get("ProxyBypassList"),
        settings.and_then(|settings| settings.get("ProxyBypassList")),
    ]
    .into_iter()
    .flatten()
    .filter_map(Value::as_str)
    .any(|list| list.contains("<-loopback>"))
}

fn firefox(policy: &Map<String, Value>, origin: &str) -> Way {
    let local = policy.get("LocalNetworkAccess");
    let member = |name| local.and_then(|local| local.get(name));
    let (_, host, _) = parts(origin);
    if preference(policy, "permissions.default.loopback-network") == Some(&Value::from(2)) {
        Way::Blocked
    } else if member("Enabled") == Some(&Value::Bool(false))
        || texts(member("SkipDomains")).any(|domain| is_in(host, domain.trim_start_matches("*.")))
    {
        Way::Allowed
    } else {
        Way::Asked
    }
}

fn proxied_firefox(policy: &Map<String, Value>) -> bool {
    preference(policy, "network.proxy.allow_hijacking_localhost") == Some(&Value::Bool(true))
}

/// A preference that the policy sets: as such, or as an object with `Value`.
fn preference<'p>(policy: &'p Map<String, Value>, name: &str) -> Option<&'p Value> {
    let preference = policy.get("Preferences")?.get(name)?;
    Some(preference.get("Value").unwrap_or(preference))
}

fn texts(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// Whether a URL pattern of Chromium's policies names an origin: `*`, or a host, which `[*.]`
/// widens to those below it, with a scheme and a port or any.
fn matches(pattern: &str, origin: &str) -> bool {
    let (scheme, host, port) = parts(pattern.trim_end_matches('/'));
    let (_, wanted_host, wanted_port) = parts(origin);
    let host_fits = match host.strip_prefix("[*.]") {
        Some(domain) => is_in(wanted_host, domain),
        None => host == "*" || host.eq_ignore_ascii_case(wanted_host),
    };
    matches!(scheme, None | Some("https" | "*"))
        && host_fits
        && port.is_none_or(|port| port == "*" || port == wanted_port.unwrap_or("443"))
}

/// Scheme, host and port of an origin or a pattern.
fn parts(text: &str) -> (Option<&str>, &str, Option<&str>) {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, text),
    };
    match rest.rsplit_once(':') {
        Some((host, port)) => (scheme, host, Some(port)),
        None => (scheme, rest, None),
    }
}

fn is_in(host: &str, domain: &str) -> bool {
    host.eq_ignore_ascii_case(domain)
        || host.len().checked_sub(domain.len() + 1).is_some_and(|at| {
            host.is_char_boundary(at)
                && host.as_bytes()[at] == b'.'
                && host[at + 1..].eq_ignore_ascii_case(domain)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    const BANK: &str = "https://ca.bank.example:8443";

    /// What is found where one policy is installed.
    fn found(file: &str, text: &str) -> Vec<(Verdict, &'static str)> {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        judge(root.path(), &[BANK])
            .iter()
            .map(|finding| (finding.verdict, finding.id))
            .collect()
    }

    fn chromium_says(text: &str) -> Vec<(Verdict, &'static str)> {
        found("etc/chromium/policies/managed/it.json", text)
    }

    const ASKS: (Verdict, &str) = (Verdict::Ok, "doctor-browsers-ask");
    const ALLOWS: (Verdict, &str) = (Verdict::Ok, "doctor-policy-allows");
    const BLOCKS: (Verdict, &str) = (Verdict::Failed, "doctor-policy-blocks");
    const PROXIES: (Verdict, &str) = (Verdict::Failed, "doctor-policy-proxies");

    #[test]
    fn the_first_list_that_names_a_page_counts() {
        let url = r#"["https://ca.bank.example:8443"]"#;
        assert_eq!(chromium_says("{}"), [ASKS]);
        for (text, expected) in [
            (
                format!(r#"{{"LoopbackNetworkAllowedForUrls": {url}}}"#),
                ALLOWS,
            ),
            (
                format!(r#"{{"LocalNetworkAccessAllowedForUrls": {url}}}"#),
                ALLOWS,
            ),
            (
                format!(r#"{{"LoopbackNetworkBlockedForUrls": {url}}}"#),
                BLOCKS,
            ),
            (
                format!(
                    r#"{{"LoopbackNetworkAllowedForUrls": {url}, "LoopbackNetworkBlockedForUrls": ["*"]}}"#
                ),
                BLOCKS,
            ),
            (
                format!(
                    r#"{{"LoopbackNetworkAllowedForUrls": {url}, "LocalNetworkAccessBlockedForUrls": ["*"]}}"#
                ),
                ALLOWS,
            ),
        ] {
            assert_eq!(chromium_says(&text), [expected], "{text}");
        }
        for folder in ["etc/opt/chrome", "etc/opt/edge", "etc/brave"] {
            let file = format!("{folder}/policies/managed/it.json");
            let text = format!(r#"{{"LoopbackNetworkBlockedForUrls": {url}}}"#);
            assert_eq!(found(&file, &text), [BLOCKS], "{folder}");
        }
    }

    #[test]
    fn patterns_name_pages_as_browsers_read_them() {
        for pattern in [
            "*",
            "ca.bank.example",
            "CA.bank.example",
            "[*.]bank.example",
            "https://ca.bank.example:8443/",
            "https://[*.]bank.example:*",
        ] {
            assert!(matches(pattern, BANK), "{pattern}");
        }
        for pattern in [
            "bank.example",
            "[*.]ank.example",
            "http://ca.bank.example:8443",
            "https://ca.bank.example:443",
            "https://ca.bank.example.evil.example",
        ] {
            assert!(!matches(pattern, BANK), "{pattern}");
        }
    }

    #[test]
    fn a_proxy_that_takes_loopback_too_is_found() {
        let list = r#"{"ProxySettings": {"ProxyMode": "fixed_servers", "ProxyBypassList": "<-loopback>;intranet"}}"#;
        assert_eq!(chromium_says(list), [PROXIES]);
        assert_eq!(chromium_says(r#"{"ProxyBypassList": "intranet"}"#), [ASKS]);
        let preference = r#"{"policies": {"Preferences": {"network.proxy.allow_hijacking_localhost": {"Value": true}}}}"#;
        assert_eq!(found(FIREFOX[0], preference), [PROXIES]);
    }

    #[test]
    fn firefox_s_policy_is_read() {
        for file in FIREFOX {
            let of = |policies: &str| found(file, &format!(r#"{{"policies": {policies}}}"#));
            assert_eq!(of("{}"), [ASKS]);
            assert_eq!(
                of(r#"{"LocalNetworkAccess": {"SkipDomains": ["bank.example"]}}"#),
                [ALLOWS]
            );
            assert_eq!(
                of(r#"{"LocalNetworkAccess": {"Enabled": false}}"#),
                [ALLOWS]
            );
            assert_eq!(
                of(r#"{"LocalNetworkAccess": {"SkipDomains": ["ank.example"]}}"#),
                [ASKS]
            );
            let blocked = r#"{"Preferences": {"permissions.default.loopback-network": 2}}"#;
            assert_eq!(of(blocked), [BLOCKS]);
        }
    }

    #[test]
    fn a_policy_that_cannot_be_read_is_named() {
        let expected = [(Verdict::Warning, "doctor-policy-unreadable")];
        assert_eq!(chromium_says("{"), expected);
        assert_eq!(found(FIREFOX[0], "[]"), expected);
    }
}

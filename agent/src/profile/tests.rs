//! Profiles as files, and what the set of them trusts.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use protocol::certificate::Certificate;
use tempfile::TempDir;

use crate::config::{Config, Flags, Folders};

use super::{Draft, EditError, Profiles, Rank, Retire, check, read, remove};

const CA: &str = include_str!("fixtures/ca.pem");
const OTHER_CA: &str = include_str!("fixtures/other-ca.pem");
/// Of no use for requests: they are signed with P-256.
const ED25519_KEY: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAtLWHovu2JWiUdjS7NUozkHHGslA/3N/4Fj8VDTFsy7g=
-----END PUBLIC KEY-----
";
const NOW: &str = "2026-11-22T00:00:00Z";

/// A system's and a user's folder.
struct Places {
    root: TempDir,
}

impl Places {
    fn new() -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
        }
    }

    fn config(&self) -> Config {
        let folders = Folders::find(|name| match name {
            "XDG_CONFIG_DIRS" => Some(OsString::from(self.root.path().join("system"))),
            "XDG_CONFIG_HOME" => Some(OsString::from(self.root.path().join("user"))),
            "HOME" => Some(OsString::from(self.root.path())),
            _ => None,
        });
        Config::load(folders.unwrap(), Flags::default()).unwrap()
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn installed(&self, id: &str, text: &str) -> PathBuf {
        self.write(&format!("system/koshin/profiles/{id}.toml"), text)
    }

    fn user(&self, id: &str, text: &str) -> PathBuf {
        self.write(&format!("user/koshin/profiles/{id}.toml"), text)
    }

    fn profiles(&self) -> Profiles {
        Profiles::load(&self.config())
    }
}

fn bank(name: &str, host: &str, ca: &str) -> String {
    format!(
        "issuers = ['''{ca}''']\n\
         [name]\nja = \"{name}銀行\"\nen = \"{name} Bank\"\n\
         [help-desk]\nphone = \"0120-000-000\"\n\
         [[origins]]\norigin = \"https://{host}\"\nrole = \"bank\"\n"
    )
}

/// The same, for customers of that unit.
fn serving(unit: &str, profile: String) -> String {
    format!("subject = [\"OU={unit}\"]\n{profile}")
}

fn findings(profiles: &Profiles) -> Vec<String> {
    let findings = profiles.rejected().iter().flat_map(|one| &one.findings);
    findings
        .map(|finding| {
            let text = finding.to_string();
            let start = text
                .find("profiles/")
                .map_or(0, |at| at + "profiles/".len());
            text[start..].to_owned()
        })
        .collect()
}

#[test]
fn the_example_parses_and_names_every_key() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/profiles/demo-bank.toml");
    let now = NOW.parse().unwrap();
    let (profile, found) = check(&path, Rank::Installed, now);
    assert_eq!(found, []);
    let profile = profile.unwrap();
    assert_eq!(profile.id, "demo-bank");
    assert_eq!(profile.retire, Retire::FirstLogin);
    assert_eq!(profile.request_keys.len(), 1);
    assert_eq!(profile.renewal, super::RenewalPolicy::default());
    assert_eq!(read::absent_keys(&path), Vec::<String>::new());
}

#[test]
fn a_short_profile_has_the_documented_defaults() {
    let places = Places::new();
    places.installed("a", &bank("A", "a.example", CA));
    let profiles = places.profiles();
    assert_eq!(findings(&profiles), Vec::<String>::new());
    let profile = profiles.get("a").unwrap();
    assert_eq!(profile.retire, Retire::FirstLogin);
    assert_eq!(profile.renewal.window_days, 30);
    assert_eq!(profile.pin_word.en, "PIN");
    assert_eq!(profile.key_types.len(), 2);
}

#[test]
fn only_the_exact_origin_is_trusted() {
    let places = Places::new();
    places.installed("a", &bank("A", "a.example:8443", CA));
    let profiles = places.profiles();
    let trusted = profiles.trust("https://a.example:8443").unwrap();
    assert_eq!(trusted.origin(), "https://a.example:8443");
    assert_eq!(trusted.profiles()[0].id, "a");
    for stranger in [
        "https://a.example",
        "http://a.example:8443",
        "https://A.example:8443",
        "https://a.example:8443/",
        "https://sub.a.example:8443",
        "null",
        "",
    ] {
        assert!(profiles.trust(stranger).is_none(), "{stranger}");
    }
}

#[test]
fn one_broken_profile_does_not_touch_the_others() {
    let places = Places::new();
    places.installed("a", "name = 1\n");
    places.installed("b", &bank("B", "b.example", CA));
    places.user("c", "this is not TOML");
    places.installed("Upper", &bank("U", "u.example", OTHER_CA));
    let profiles = places.profiles();
    assert!(profiles.trust("https://b.example").is_some());
    assert_eq!(profiles.all().len(), 1);
    assert_eq!(profiles.rejected().len(), 3);
}

#[test]
fn a_users_profile_cannot_shadow_or_extend_an_installed_one() {
    let places = Places::new();
    places.installed("a", &bank("A", "a.example", CA));
    places.user("origin", &serving("1", bank("B", "a.example", OTHER_CA)));
    places.user("issuer", &bank("C", "c.example", CA));
    places.user(
        "name",
        &serving("2", bank("ａ ", "d.example", OTHER_CA))
            .replace("銀行", "Z")
            .replace("ａ  Bank", "ａ bank"),
    );
    places.user("a", &serving("3", bank("E", "e.example", OTHER_CA)));
    places.user("good", &serving("4", bank("F", "f.example", OTHER_CA)));
    let profiles = places.profiles();
    assert_eq!(
        findings(&profiles),
        [
            "a.toml: name-taken value=\"a\" other=\"a\"",
            "issuer.toml: issuer-taken subject=\"CN=Demo CA,O=Demo,C=JP\" other=\"a\"",
            "name.toml: name-taken value=\"ａ Z\" other=\"a\"",
            "origin.toml: origin-taken value=\"https://a.example\" other=\"a\"",
        ]
    );
    assert_eq!(
        profiles.trust("https://a.example").unwrap().profiles()[0].rank,
        Rank::Installed
    );
    assert!(profiles.trust("https://f.example").is_some());
}

#[test]
fn banks_that_share_a_ca_and_are_not_told_apart_are_refused() {
    for (first, second) in [
        ("[]", "[]"),
        ("[]", "[\"OU=0001\"]"),
        ("[\"OU=0001\"]", "[\"OU=0001\", \"O=Demo\"]"),
        // A subject may have both.
        ("[\"OU=0001\"]", "[\"O=Demo\"]"),
    ] {
        let places = Places::new();
        let demanding = |subject: &str, rest: String| format!("subject = {subject}\n{rest}");
        places.installed("a", &demanding(first, bank("A", "a.example", CA)));
        places.installed("b", &demanding(second, bank("B", "b.example", CA)));
        places.installed("c", &bank("C", "c.example", OTHER_CA));
        let profiles = places.profiles();
        assert_eq!(
            findings(&profiles),
            ["b.toml: subject-not-distinct subject=\"CN=Demo CA,O=Demo,C=JP\" other=\"a\""],
            "{first} and {second}"
        );
        assert!(profiles.trust("https://b.example").is_none());
        assert_eq!(profiles.all().len(), 2);
    }
}

#[test]
fn banks_that_share_a_ca_are_told_apart_by_the_subject() {
    let places = Places::new();
    let demanding = |subject: &str, rest: String| format!("subject = [\"{subject}\"]\n{rest}");
    places.installed("a", &demanding("O=Demo", bank("A", "a.example", CA)));
    places.installed("b", &demanding("O=Other", bank("B", "b.example", CA)));
    let profiles = places.profiles();
    assert_eq!(findings(&profiles), Vec::<String>::new());
    let issued = Certificate::from_der(profiles.get("a").unwrap().issuers[0].der()).unwrap();
    let ids: Vec<_> = profiles
        .for_certificate(&issued)
        .map(|profile| &profile.id)
        .collect();
    assert_eq!(ids, ["a"]);
}

#[test]
fn banks_of_one_rank_may_share_a_cas_site_and_no_other() {
    let places = Places::new();
    let site =
        |role| format!("\n[[origins]]\norigin = \"https://ca.example\"\nrole = \"{role}\"\n");
    places.installed("a", &serving("1", bank("A", "a.example", CA) + &site("ca")));
    places.installed("b", &serving("2", bank("B", "b.example", CA) + &site("ca")));
    places.installed(
        "c",
        &serving("3", bank("C", "c.example", CA) + &site("bank")),
    );
    places.user("d", &(bank("D", "d.example", OTHER_CA) + &site("ca")));
    let profiles = places.profiles();
    let trusted = profiles.trust("https://ca.example").unwrap();
    let ids: Vec<_> = trusted
        .profiles()
        .iter()
        .map(|profile| &profile.id)
        .collect();
    assert_eq!(ids, ["a", "b"]);
    assert_eq!(
        findings(&profiles),
        [
            "c.toml: origin-taken value=\"https://ca.example\" other=\"a\"",
            "c.toml: origin-taken value=\"https://ca.example\" other=\"b\"",
            "d.toml: origin-taken value=\"https://ca.example\" other=\"a\"",
            "d.toml: origin-taken value=\"https://ca.example\" other=\"b\"",
        ]
    );
}

#[test]
fn policy_switches_the_users_profiles_off() {
    let places = Places::new();
    places.write(
        "system/koshin/config.toml",
        "[policy]\nuser-profiles = false\n",
    );
    places.user("a", &bank("A", "a.example", CA));
    let profiles = places.profiles();
    assert!(profiles.trust("https://a.example").is_none());
    assert_eq!(findings(&profiles), ["a.toml: user-profiles-off"]);
}

#[test]
fn each_mistake_has_its_own_finding() {
    let places = Places::new();
    let good = bank("A", "a.example", CA);
    let cases = [
        (good.replace("https", "http"), "a.toml:20: bad-origin"),
        (good.replace("\"bank\"", "\"ca\""), "no-bank-origin"),
        (good.replace("\"bank\"", "\"bnak\""), "bad-choice"),
        (
            good.replace("phone", "fone"),
            "unknown-key key=\"help-desk.fone\" nearest=\"help-desk.phone\"",
        ),
        (
            good.replace("A Bank", "A\\u202ebank"),
            "bad-text key=\"name.en\"",
        ),
        (good.replace("A Bank", " A"), "bad-text key=\"name.en\""),
        (
            good.replace(CA, include_str!("fixtures/leaf.pem")),
            "issuer-not-ca",
        ),
        (
            good.replace(CA, include_str!("fixtures/not-signing-ca.pem")),
            "issuer-may-not-sign",
        ),
        (
            good.replace(CA, include_str!("fixtures/forged-ca.pem")),
            "issuer-signature",
        ),
        (good.replace(CA, "missing.pem"), "issuer-unreadable"),
        // Neither ever ends.
        (good.replace(CA, "/dev/zero"), "issuer-unreadable"),
        (good.replace(CA, "/dev/tty"), "issuer-unreadable"),
        (
            good.replace(CA, "-----BEGIN CERTIFICATE-----"),
            "not-a-certificate",
        ),
        (
            good.replace("issuers =", "key-types = [\"p-255\"]\nissuers ="),
            "bad-choice key=\"key-types\" value=\"p-255\"",
        ),
        (
            good.replace("issuers =", "key-types = []\nissuers ="),
            "a.toml:1: empty key=\"key-types\"",
        ),
        (
            good.clone() + "[renewal]\nwindow = \"5d\"\nurgent = \"6d\"\n",
            "a.toml:24: urgent-beyond-window",
        ),
        (
            good.clone() + "[renewal]\nnotice = [\"31d\"]\n",
            "notice-beyond-window value=\"31d\"",
        ),
        (
            good.clone() + "[renewal]\nwindow = \"1w\"\n",
            "bad-duration key=\"renewal.window\"",
        ),
        (
            "request-keys = [\"x.pem\"]\n".to_owned() + &good,
            "issuer-unreadable",
        ),
        (
            format!("request-keys = [\"\"\"{ED25519_KEY}\"\"\"]\n{good}"),
            "not-a-public-key cause=\"the key is not a P-256 key",
        ),
        (
            "retire = \"never\"\n".to_owned() + &good,
            "bad-choice key=\"retire\"",
        ),
        (String::new(), "missing key=\"origins\""),
    ];
    for (text, expected) in cases {
        let path = places.write("profiles/a.toml", &text);
        let (profile, found) = read(&path, Rank::User);
        assert!(profile.is_none(), "{expected}");
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert!(
            found.iter().any(|one| one.contains(expected)),
            "{expected}: {found:#?}"
        );
    }
}

#[test]
fn an_expired_ca_is_a_warning() {
    let places = Places::new();
    let path = places.user("a", &bank("A", "a.example", CA));
    let later: Timestamp = "2126-01-01T00:00:00Z".parse().unwrap();
    let (profile, found) = check(&path, Rank::User, later);
    assert!(profile.is_some());
    assert!(found[0].to_string().contains("issuer-expires-soon"));
    let (_, found) = check(&path, Rank::User, "2127-01-01T00:00:00Z".parse().unwrap());
    assert!(found[0].to_string().contains("issuer-expired"));
}

#[test]
fn an_added_profile_stands_alone_and_can_be_removed() {
    let places = Places::new();
    places.write("download/bank-ca.pem", CA);
    let text = bank("A", "a.example", CA).replace(&format!("'''{CA}'''"), "\"bank-ca.pem\"");
    let source = places.write("download/a.toml", &text);
    let config = places.config();
    let now = NOW.parse().unwrap();
    let draft = Draft::read(&source, &config, &places.profiles(), now).unwrap();
    assert_eq!(draft.profile().origins[0].origin, "https://a.example");
    draft.add().unwrap();
    fs::remove_dir_all(source.parent().unwrap()).unwrap();

    let profiles = places.profiles();
    assert_eq!(findings(&profiles), Vec::<String>::new());
    assert_eq!(
        profiles.trust("https://a.example").unwrap().profiles()[0].rank,
        Rank::User
    );
    remove("a", &config, &profiles).unwrap();
    assert!(places.profiles().all().is_empty());
    let gone = remove("a", &config, &places.profiles()).unwrap_err();
    assert!(matches!(gone, EditError::NotFound { .. }), "{gone:?}");
}

#[test]
fn adding_refuses_what_would_not_count() {
    let places = Places::new();
    places.installed("a", &bank("A", "a.example", CA));
    places.user("own", &bank("Own", "own.example", OTHER_CA));
    let add = |id: &str, text: &str| {
        let source = places.write(&format!("download/{id}.toml"), text);
        let now = NOW.parse().unwrap();
        Draft::read(&source, &places.config(), &places.profiles(), now).unwrap_err()
    };
    let taken = add("b", &bank("B", "a.example", OTHER_CA));
    assert!(matches!(taken, EditError::Unusable(_)), "{taken:?}");
    let exists = add("own", &bank("C", "c.example", OTHER_CA));
    assert!(matches!(exists, EditError::Exists { .. }), "{exists:?}");
    let installed = remove("a", &places.config(), &places.profiles()).unwrap_err();
    assert!(
        matches!(installed, EditError::Installed { .. }),
        "{installed:?}"
    );
}

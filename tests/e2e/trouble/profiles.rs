//! Settings and profiles that cannot be used.

use std::fs;

use tests::{Agent, Home, Loopback, OpenBank};

use super::{SETTINGS, Words, refused};

#[test]
fn a_broken_setting_is_named_with_its_line_and_the_nearest_key() {
    let home = Home::empty();
    let path = home.path("config/koshin/config.toml");
    let before = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("langage = \"ja\"\n{before}")).unwrap();
    let place = format!("{}:1: ", path.display());
    let words: Words<'_> = [
        ("ja", &[&place, "langage", "language のことですか"]),
        ("en", &[&place, "langage", "did you mean language?"]),
    ];
    for command in ["run", "status", "list"] {
        refused(&home, &[command], SETTINGS, words);
    }
    fs::write(&path, before).unwrap();
    Agent::start(&home).stop();
}

#[test]
fn a_broken_profile_is_reported_and_the_others_load() {
    let bank = OpenBank::with(|_| {});
    let home = Home::empty();
    home.install_profile("broken", "name = \"");
    home.install_profile("mihon", &bank.profile().unwrap());
    let agent = Agent::start(&home);

    assert_answers(&agent, &bank.ca_origin);
    let broken = home.path("etc/koshin/profiles/broken.toml");
    let broken = broken.to_str().unwrap();
    for (language, words) in [
        ("ja", "使えません。koshin profile check"),
        ("en", "cannot be used; koshin profile check"),
    ] {
        let status = home.run(&["status", "--language", language]);
        assert_eq!(status.status, Some(0), "{}", status.stderr);
        for words in [words, broken] {
            assert!(status.stderr.contains(words), "{}", status.stderr);
        }
        let list = home.run(&["profile", "list", "--language", language]);
        assert!(list.text().contains("mihon"), "{}", list.text());
        assert!(list.stderr.contains(broken), "{}", list.stderr);
    }
    let check = home.run(&["profile", "check"]);
    assert_eq!(check.status, Some(SETTINGS));
    assert!(
        check.text().contains(&format!("{broken}:1: ")),
        "{}",
        check.text()
    );
    assert!(
        agent.log().contains("a profile does not count"),
        "{}",
        agent.log()
    );
}

#[test]
fn a_profile_of_ones_own_cannot_shadow_an_installed_one() {
    let bank = OpenBank::with(|_| {});
    let home = Home::empty();
    home.install_profile("mihon", &bank.profile().unwrap());
    // It claims the installed bank's origins and certificates, and adds an origin of its own.
    let profile = bank.profile().unwrap();
    let shadow = profile
        .replace("みほん信用金庫", "にせもの信用金庫")
        .replace("Mihon Shinkin Bank", "Nisemono Shinkin Bank");
    let shadow =
        format!("{shadow}\n[[origins]]\norigin = \"https://evil.example\"\nrole = \"ca\"\n");
    let folder = home.path("config/koshin/profiles");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("nisemono.toml"), shadow).unwrap();
    let agent = Agent::start(&home);

    assert_answers(&agent, &bank.ca_origin);
    let evil = Loopback::new(agent.port, "https://evil.example");
    let reply = evil.call("GET", "/v1/agent").send();
    assert_eq!((reply.status, reply.exit), (0, 52), "{}", reply.body);
    let list = home.run(&["profile", "list"]);
    assert!(list.text().contains("mihon"), "{}", list.text());
    assert!(!list.text().contains("nisemono"), "{}", list.text());
    assert!(list.stderr.contains("nisemono.toml"), "{}", list.stderr);
    let status = home.run(&["status", "--language", "en"]);
    assert!(status.stderr.contains("nisemono.toml"), "{}", status.stderr);
}

#[track_caller]
fn assert_answers(agent: &Agent, origin: &str) {
    let reply = Loopback::new(agent.port, origin)
        .call("GET", "/v1/agent")
        .send();
    assert_eq!(reply.status, 200, "{origin}: {}", reply.body);
}

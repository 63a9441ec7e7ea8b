//! The way of the banks' pages to the agent: ports, and who else is on the PC.

use std::net::TcpListener;

use tests::{Agent, Home, Loopback, OpenBank, Scene, agent::free_ports, curl::Curl, programs};

use super::{REFUSED, Words, refused};

fn ports(home: &Home, first: u16, count: u16) {
    home.add_settings(&format!(
        "[bridge]\nfirst-port = {first}\nport-count = {count}\n"
    ));
}

fn taken(port: u16) -> TcpListener {
    TcpListener::bind(("127.0.0.1", port)).expect("it was free a moment ago")
}

#[test]
fn every_port_taken() {
    let home = Home::empty();
    let first = free_ports(2);
    ports(&home, first, 2);
    let squatters = [taken(first), taken(first + 1)];
    let range = [first.to_string(), (first + 1).to_string()];
    let words: Words<'_> = [
        (
            "ja",
            &[
                "使えるポートがありません",
                "bridge.first-port",
                &range[0],
                &range[1],
            ],
        ),
        (
            "en",
            &["no port is free", "bridge.first-port", &range[0], &range[1]],
        ),
    ];
    refused(&home, &["run"], REFUSED, words);
    // Commands need no port.
    assert_eq!(home.run(&["status"]).status, Some(0));
    drop(squatters);
    Agent::start(&home).stop();
}

#[test]
fn a_squatter_on_the_first_port_is_passed_over() {
    let bank = OpenBank::with(|_| {});
    let home = Home::empty();
    home.install_profile("mihon", &bank.profile().unwrap());
    let first = free_ports(3);
    ports(&home, first, 3);
    let _squatter = taken(first);
    let agent = Agent::start(&home);
    assert_eq!(agent.port, first + 1);
    let page = Loopback::new(agent.port, &bank.ca_origin);
    assert_eq!(page.call("GET", "/v1/agent").send().status, 200);
}

#[test]
fn a_second_agent() {
    let home = Home::empty();
    let first = Agent::start(&home);
    let words: Words<'_> = [
        ("ja", &["すでに動作しています", "process"]),
        ("en", &["an agent runs already", "process"]),
    ];
    refused(&home, &["run"], REFUSED, words);
    assert_eq!(home.run(&["status"]).status, Some(0));
    assert_eq!(first.stop().0, Some(0));
}

#[test]
fn an_agent_for_pages_starts_right_after_a_command_had_its_own() {
    let home = Home::empty();
    for _ in 0..3 {
        assert_eq!(home.run(&["status"]).status, Some(0));
        Agent::start(&home).stop();
    }
}

#[test]
fn another_user_of_the_pc_is_not_told_that_an_agent_is_there() {
    let scene = Scene::new();
    let mine = scene.loopback().call("GET", "/v1/agent").send();
    assert_eq!(mine.status, 200, "{}", mine.body);

    let mut command = programs::as_another_user("curl");
    command
        .args(["--silent", "--show-error", "--max-time", "60"])
        .args(["--header", &format!("origin: {}", scene.bank.ca_origin)])
        .arg(format!("http://127.0.0.1:{}/v1/agent", scene.agent.port));
    let ran = programs::try_run(&mut command);
    // curl: an empty reply, or the connection was reset.
    assert!(
        matches!(ran.status, Some(52 | 56)),
        "{:?} {}",
        ran.status,
        ran.stderr
    );
    assert!(ran.stdout.is_empty(), "{}", ran.text());

    let again = scene.loopback().call("GET", "/v1/agent").send();
    assert_eq!(again.status, 200, "{}", again.body);
}

#[test]
fn a_page_without_a_listed_origin_is_not_told_either() {
    let scene = Scene::new();
    let url = format!("http://127.0.0.1:{}/v1/agent", scene.agent.port);
    for origin in ["", "origin: null", "origin: https://evil.example"] {
        let reply = Curl::new("GET", &url).header(origin).send();
        assert_eq!((reply.status, reply.exit), (0, 52), "{origin}");
    }
}

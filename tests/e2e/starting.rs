//! What keeps an agent from starting: each said with the remedy, and with its exit status.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    process::Stdio,
};

use serde_json::Value;
use tests::{Agent, Home, agent::free_ports, programs::Ran};

fn error(ran: &Ran) -> Value {
    let line = ran.stderr.lines().last().unwrap_or_default();
    let error: Value =
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    error["error"].clone()
}

fn at_port(port: u16, count: u16) -> String {
    format!("[bridge]\nfirst-port = {port}\nport-count = {count}\n")
}

#[test]
fn a_second_agent_is_refused_and_the_first_goes_on() {
    let home = Home::empty();
    home.add_settings(&at_port(free_ports(1), 1));
    let first = Agent::start(&home);
    let second = home.run(&["run", "--json"]);
    assert_eq!(second.status, Some(1), "{}", second.stderr);
    assert_eq!(error(&second)["code"], "agent-runs");
    let status = home.run(&["status", "--json"]);
    let status: Value = serde_json::from_str(&status.text()).unwrap();
    assert_eq!(status["agent"]["port"], first.port);
    assert_eq!(first.stop().0, Some(0));
}

#[test]
fn of_two_agents_that_start_at_once_one_serves_and_the_other_is_refused() {
    let home = Home::empty();
    let start = || {
        let mut agent = home.koshin(&["run"]);
        agent.env("KOSHIN_LOG", "info").env("NO_COLOR", "1");
        agent
            .stderr(Stdio::piped())
            .spawn()
            .expect("koshin was built")
    };
    let mut agents = [start(), start()];
    // Each says that it is ready, or ends.
    let ready = agents.each_mut().map(|agent| {
        let lines = BufReader::new(agent.stderr.take().expect("it was asked to be piped"));
        let mut lines = lines.lines().map(|line| line.expect("the log is text"));
        let ready = lines.any(|line| line.contains("agent ready"));
        (ready, lines)
    });
    let serving = ready.iter().filter(|(ready, _)| *ready).count();
    assert_eq!(serving, 1);
    for (agent, (ready, _)) in agents.iter_mut().zip(&ready) {
        if *ready {
            let status = home.run(&["status", "--json"]);
            let status: Value = serde_json::from_str(&status.text()).unwrap();
            assert_eq!(status["agent"]["pid"], agent.id());
            agent.kill().expect("it is our child");
            agent.wait().expect("it is our child");
        } else {
            assert_eq!(agent.wait().unwrap().code(), Some(1));
        }
    }
}

#[test]
fn an_agent_without_a_free_port_says_which_it_tried() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let home = Home::empty();
    home.add_settings(&at_port(port, 1));
    let refused = home.run(&["run", "--json"]);
    assert_eq!(refused.status, Some(1), "{}", refused.stderr);
    let error = error(&refused);
    assert_eq!(error["code"], "no-port");
    assert!(error["causes"].to_string().contains(&port.to_string()));
    assert!(error["hints"].to_string().contains("bridge.first-port"));
}

#[test]
fn a_command_tells_why_the_agent_that_it_needs_does_not_start() {
    let home = Home::empty();
    fs::create_dir_all(home.path("state/koshin/journal.sqlite")).unwrap();
    let list = home.run(&["--json", "list"]);
    assert_eq!(list.status, Some(3), "{}", list.stderr);
    assert_eq!(error(&list)["code"], "journal-unusable");
}

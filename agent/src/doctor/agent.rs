//! The agent: whether one runs for pages, on which port, and which sites it turned away.

use std::{
    net::{Ipv4Addr, TcpListener},
    time::Duration,
};

use protocol::bridge::{FIRST_PORT, PORT_COUNT};
use tokio::time;

use super::{Finding, Group::Agent};
use crate::{
    config::Config,
    control::{Client, ClientError},
    driver::{AgentStatus, Terminal},
};

/// How long an agent may take to look at its tokens.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let socket = &config.folders.socket.value;
    let asked = async {
        let client = Client::connect(socket, Terminal::default()).await?;
        client.status().await
    };
    let unreachable =
        || Finding::failed(Agent, "doctor-agent-unreachable").with("path", socket.display());
    let Ok(status) = time::timeout(PATIENCE, asked).await else {
        return vec![unreachable()];
    };
    match status {
        Ok(status) => running(&status),
        Err(ClientError::NotRunning) => {
            let bridge = &config.bridge;
            vec![
                Finding::warning(Agent, "doctor-no-agent"),
                free_port(bridge.first_port.value, bridge.port_count.value),
            ]
        }
        Err(error) => vec![unreachable().because(&error)],
    }
}

fn running(status: &AgentStatus) -> Vec<Finding> {
    let mut findings = Vec::new();
    let own = env!("CARGO_PKG_VERSION");
    if status.version != own {
        findings.push(
            Finding::warning(Agent, "doctor-agent-old")
                .with("version", &status.version)
                .with("own", own),
        );
    }
    findings.push(match status.port {
        None => Finding::warning(Agent, "doctor-no-agent"),
        Some(port) if (FIRST_PORT..FIRST_PORT + PORT_COUNT).contains(&port) => {
            Finding::ok(Agent, "doctor-agent").with("port", port)
        }
        Some(port) => Finding::warning(Agent, "doctor-port-unusual")
            .with("port", port)
            .with("first", FIRST_PORT)
            .with("last", FIRST_PORT + PORT_COUNT - 1),
    });
    findings.extend(status.refused_origins.iter().map(|refused| {
        Finding::warning(Agent, "doctor-origin-refused")
            .with("origin", &refused.origin)
            .with("count", refused.count)
    }));
    findings
}

/// Where no agent has a port, is there one for it?
fn free_port(first: u16, count: u16) -> Finding {
    let last = first.saturating_add(count.saturating_sub(1));
    let mut why = None;
    for port in first..=last {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => return Finding::ok(Agent, "doctor-port-free").with("port", port),
            Err(error) => why = Some(error),
        }
    }
    let finding = Finding::failed(Agent, "doctor-ports-taken")
        .with("first", first)
        .with("last", last);
    match why {
        Some(error) => finding.because(error),
        None => finding,
    }
}

//! Too slow, too large, too many.

use std::{net::Ipv4Addr, time::Duration};

use tokio::net::TcpListener;

use super::{Running, profiles, renewals};
use crate::bridge::{Activity, BindError, Limits, Server};

const GOOD: &str = "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example\r\n";
const SOON: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_slow_head_gets_not_a_byte() {
    let server = Running::start(Limits {
        head_time: SOON,
        ..Limits::default()
    })
    .await;
    for part in ["", "G", "GET /v1/agent HTTP/1.1\r\nHost: 127"] {
        assert_eq!(server.exchange(part).await, "", "{part}");
    }
}

#[tokio::test]
async fn an_oversized_head_gets_not_a_byte() {
    let server = Running::start(Limits::default()).await;
    let limit = Limits::default().head;
    let padded = |length: usize| {
        let empty = server.head(&format!("{GOOD}Connection: close\r\nX: \r\n"));
        server.head(&format!(
            "{GOOD}Connection: close\r\nX: {}\r\n",
            "x".repeat(length - empty.len())
        ))
    };
    assert!(
        server
            .exchange(&padded(limit))
            .await
            .contains("HTTP/1.1 200")
    );
    assert_eq!(server.exchange(&padded(limit + 1)).await, "");
    assert_eq!(server.exchange(&"x".repeat(limit + 1)).await, "");

    let many = server.head(&format!("{GOOD}{}", "X: 1\r\n".repeat(63)));
    assert_eq!(server.exchange(&many).await, "");
}

#[tokio::test]
async fn a_slow_body_is_cut_off_without_a_byte() {
    let server = Running::start(Limits {
        body_time: SOON,
        ..Limits::default()
    })
    .await;
    let request = format!(
        "POST /v1/renewals HTTP/1.1\r\n{}Content-Type: application/json\r\n\
         Content-Length: 10\r\n\r\n{{",
        GOOD.replace("PORT", &server.port.to_string())
    );
    assert_eq!(server.exchange(&request).await, "");
}

#[tokio::test]
async fn an_oversized_body_is_refused_with_a_problem() {
    let server = Running::start(Limits::default()).await;
    for length in [64 * 1024 + 1, 1024 * 1024] {
        let fields = format!("Content-Type: application/json\r\nContent-Length: {length}\r\n");
        let answer = server
            .ask("POST /v1/renewals", &fields, &"x".repeat(length))
            .await;
        assert_eq!(answer.problem(), "body-too-large");

        let fields = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
        let chunk = format!("{:x}\r\n{}\r\n", 4096, "x".repeat(4096));
        let body = format!("{}0\r\n\r\n", chunk.repeat(length / 4096 + 1));
        let answer = server.ask("POST /v1/renewals", fields, &body).await;
        assert_eq!(answer.problem(), "body-too-large");
    }
    let fields = "Content-Type: application/json\r\nContent-Length: 10000000000\r\n";
    let answer = server.ask("POST /v1/renewals", fields, "").await;
    assert_eq!(answer.problem(), "body-too-large");
}

#[tokio::test]
async fn one_connection_too_many_gets_not_a_byte() {
    let server = Running::start(Limits {
        connections: 2,
        silent: 2,
        ..Limits::default()
    })
    .await;
    // They are accepted in the order of their coming.
    let silent = [server.connect().await, server.connect().await];
    assert_eq!(server.exchange(&server.head(GOOD)).await, "");
    drop(silent);
    server.activity.quiet(Duration::ZERO).await;
    let mut next = server.connect().await;
    next.send(&server.head(GOOD)).await;
    assert_eq!(next.answer().await.status, 200);
}

#[tokio::test]
async fn silent_connections_leave_room_for_a_page() {
    let limits = Limits::default();
    let server = Running::start(limits).await;
    let mut silent = Vec::new();
    for _ in 0..limits.connections {
        silent.push(server.connect().await);
    }
    // The page comes last, and the oldest of the silent ones goes for it.
    let mut page = server.connect().await;
    page.send(&server.head(GOOD)).await;
    assert_eq!(page.answer().await.status, 200);
    assert_eq!(silent.remove(0).rest().await, "");
}

#[tokio::test]
async fn the_first_free_port_of_the_range_is_taken() {
    let (first, mut held) = free_range().await;
    drop(held.pop());
    let server = Server::bind(first, 3, Limits::default()).await.unwrap();
    assert_eq!(server.port(), first + 2);
}

#[tokio::test]
async fn a_full_range_is_named() {
    let (first, _held) = free_range().await;
    let error = Server::bind(first, 3, Limits::default()).await.unwrap_err();
    assert!(matches!(error, BindError::EveryPortTaken { .. }));
    assert_eq!(
        error.to_string(),
        format!(
            "every port from {first} to {} of 127.0.0.1 is taken",
            first + 2
        )
    );
}

#[tokio::test]
async fn shutdown_ends_listener_and_connections() {
    let server = Server::bind(0, 1, Limits::default()).await.unwrap();
    let port = server.port();
    let shutdown = tokio_util::sync::CancellationToken::new();
    let folder = tempfile::tempdir().unwrap();
    let serving = tokio::spawn(server.serve(
        renewals(folder.path()).await,
        profiles(),
        Activity::new(),
        shutdown.clone(),
    ));
    let idle = tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port))
        .await
        .unwrap();
    shutdown.cancel();
    serving.await.unwrap();
    drop(idle);
    let again = tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await;
    assert!(again.is_err());
}

/// Three ports in a row, all held.
async fn free_range() -> (u16, Vec<TcpListener>) {
    loop {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = first.local_addr().unwrap().port();
        let mut held = vec![first];
        for next in 1..3 {
            let Some(next) = port.checked_add(next) else {
                break;
            };
            match TcpListener::bind((Ipv4Addr::LOCALHOST, next)).await {
                Ok(listener) => held.push(listener),
                Err(_) => break,
            }
        }
        if held.len() == 3 {
            return (port, held);
        }
    }
}

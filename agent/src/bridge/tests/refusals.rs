//! Strangers: every refusal is a closed connection without a byte.

use std::process::Stdio;

use tokio::process::Command;

use super::{BANK, Running};
use crate::{bridge::Limits, testing::as_another_user};

const GOOD: &str = "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example\r\n";

#[tokio::test]
async fn a_listed_origin_is_answered_under_both_names_of_the_host() {
    let server = Running::start(Limits::default()).await;
    for fields in [
        GOOD,
        "Host: localhost:PORT\r\nOrigin: https://bank.example\r\n",
        "host:127.0.0.1:PORT\r\norigin:  https://bank.example \r\nSec-Fetch-Mode: cors\r\n",
    ] {
        let request = server.head(&format!("{fields}Connection: close\r\n"));
        let answer = server.exchange(&request).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{fields}: {answer}");
    }
}

#[tokio::test]
async fn strangers_get_not_a_byte() {
    let server = Running::start(Limits::default()).await;
    for fields in [
        // Host
        "Origin: https://bank.example\r\n",
        "Host: 127.0.0.1\r\nOrigin: https://bank.example\r\n",
        "Host: 127.0.0.1:1\r\nOrigin: https://bank.example\r\n",
        "Host: 127.0.0.1:PORT0\r\nOrigin: https://bank.example\r\n",
        "Host: 127.0.0.1:0PORT\r\nOrigin: https://bank.example\r\n",
        "Host: LOCALHOST:PORT\r\nOrigin: https://bank.example\r\n",
        "Host: localhost.:PORT\r\nOrigin: https://bank.example\r\n",
        "Host: 127.1:PORT\r\nOrigin: https://bank.example\r\n",
        "Host: [::1]:PORT\r\nOrigin: https://bank.example\r\n",
        "Host: rebound.example:PORT\r\nOrigin: https://bank.example\r\n",
        "Host: user@127.0.0.1:PORT\r\nOrigin: https://bank.example\r\n",
        "Host: 127.0.0.1:PORT, 127.0.0.1:PORT\r\nOrigin: https://bank.example\r\n",
        "Host: 127.0.0.1:PORT\r\nHost: 127.0.0.1:PORT\r\nOrigin: https://bank.example\r\n",
        "Host: 127.0.0.1:PORT\r\nHost: other.example\r\nOrigin: https://bank.example\r\n",
        // Origin
        "Host: 127.0.0.1:PORT\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin:\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: null\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: *\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: http://bank.example\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://BANK.example\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example/\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example:443\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example:8443\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example.evil.example\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://sub.bank.example\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example https://bank.example\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: http://127.0.0.1:PORT\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example\r\nOrigin: https://bank.example\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example\r\nOrigin: https://evil.example\r\n",
        // Sec-Fetch-Mode
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example\r\nSec-Fetch-Mode: no-cors\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example\r\nSec-Fetch-Mode: navigate\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example\r\nSec-Fetch-Mode: websocket\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Mode: no-cors\r\n",
        // A body without one clear length
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example\r\nContent-Length: -1\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example\r\nTransfer-Encoding: gzip\r\n",
        // Fields that are none
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example\r\n folded: yes\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin : https://bank.example\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example\r\nno colon\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://bank.example\r\nX: \0\r\n",
    ] {
        assert_eq!(server.exchange(&server.head(fields)).await, "", "{fields}");
    }
}

#[tokio::test]
async fn a_target_that_is_not_a_path_gets_not_a_byte() {
    let server = Running::start(Limits::default()).await;
    let port = server.port;
    let fields = GOOD.replace("PORT", &port.to_string());
    for line in [
        format!("GET http://127.0.0.1:{port}/v1/agent HTTP/1.1"),
        "GET http://evil.example/v1/agent HTTP/1.1".into(),
        format!("CONNECT 127.0.0.1:{port} HTTP/1.1"),
        "OPTIONS * HTTP/1.1".into(),
        "GET v1/agent HTTP/1.1".into(),
        "GET /v1/agent HTTP/1.0".into(),
        "GET /v1/agent HTTP/2.0".into(),
        "GET /v1/agent".into(),
        "GET  /v1/agent HTTP/1.1".into(),
        "GET /v1/\u{7f}agent HTTP/1.1".into(),
        "PRI * HTTP/2.0".into(),
        "\u{16}\u{3}\u{1}".into(),
        String::new(),
    ] {
        let answer = server.exchange(&format!("{line}\r\n{fields}\r\n")).await;
        assert_eq!(answer, "", "{line:?}");
    }
}

#[tokio::test]
async fn bare_line_feeds_end_no_head() {
    let server = Running::start(Limits::default()).await;
    let head = server.head(GOOD);
    for bare in [
        format!("{}\r\n\r\n", head.replace("\r\n", "\n")),
        format!("\n{head}"),
        head.replacen("\r\n", "\n", 1),
        head.replace("\r\nOrigin", "\nOrigin"),
        head.replace("\r\nOrigin", "\r\n\nOrigin"),
    ] {
        assert_eq!(server.exchange(&bare).await, "", "{bare:?}");
    }
}

#[tokio::test]
async fn an_unlisted_origin_gets_no_preflight_either() {
    let server = Running::start(Limits::default()).await;
    let port = server.port;
    let request = format!(
        "OPTIONS /v1/renewals HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\
         Origin: https://evil.example\r\nSec-Fetch-Mode: cors\r\n\
         Access-Control-Request-Method: POST\r\n\
         Access-Control-Request-Headers: content-type\r\n\r\n"
    );
    assert_eq!(server.exchange(&request).await, "");
}

#[tokio::test]
async fn a_connection_serves_one_request_whoever_sends_the_next() {
    let server = Running::start(Limits::default()).await;
    let good = server.head(GOOD);
    for next in [
        good.clone(),
        server.head("Host: 127.0.0.1:PORT\r\nOrigin: https://evil.example\r\n"),
        // hyper would answer these by itself.
        format!(
            "GET /{} HTTP/1.1\r\n\r\n",
            "x".repeat(Limits::default().head)
        ),
        "no HTTP\r\n\r\n".to_owned(),
    ] {
        let mut connection = server.connect().await;
        connection.send(&good).await;
        let answer = connection.answer().await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.field("connection"), Some("close"));
        connection.send(&next).await;
        assert_eq!(connection.rest().await, "", "{next}");

        let answers = server.exchange(&format!("{good}{next}")).await;
        assert!(answers.matches("HTTP/1.1").count() <= 1, "{answers}");
    }
}

#[tokio::test]
async fn curl_is_answered_and_a_stranger_s_curl_is_not() {
    let server = Running::start(Limits::default()).await;
    let listed = curl(server.port, BANK).output().await.unwrap();
    assert!(listed.status.success(), "{listed:?}");
    let agent: protocol::bridge::Agent = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(agent.product, "koshin");

    let unlisted = curl(server.port, "https://evil.example")
        .output()
        .await
        .unwrap();
    assert_closed_on_curl(&unlisted);
}

#[tokio::test]
async fn another_user_of_the_pc_gets_not_a_byte() {
    let server = Running::start(Limits::default()).await;
    let as_curl = curl(server.port, BANK);
    let mut stranger = Command::from(as_another_user("curl"));
    let foreign = stranger
        .args(as_curl.as_std().get_args())
        .output()
        .await
        .unwrap();
    assert_closed_on_curl(&foreign);
}

fn curl(port: u16, origin: &str) -> Command {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--noproxy", "*", "--header"])
        .arg(format!("Origin: {origin}"))
        .arg(format!("http://127.0.0.1:{port}/v1/agent"))
        .stdin(Stdio::null());
    curl
}

/// curl's exit status is 52 for an empty reply, 56 for a connection reset before any.
fn assert_closed_on_curl(output: &std::process::Output) {
    assert!(matches!(output.status.code(), Some(52 | 56)), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
}

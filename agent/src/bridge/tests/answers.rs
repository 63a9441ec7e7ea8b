//! What a listed origin gets.

use super::{Answer, BANK, Running};
use crate::bridge::Limits;

const ID: &str = "0123456789abcdef0123456789abcdef";
const JSON: &str = "Content-Type: application/json\r\n";

#[tokio::test]
async fn every_answer_is_for_the_page_alone_and_never_kept() {
    let server = Running::start(Limits::default()).await;
    for line in [
        "GET /v1/agent",
        "GET /v1/certificates",
        "GET /v1/unknown",
        "GET /",
        "DELETE /v1/agent",
        "HEAD /v1/agent",
        "OPTIONS /v1/agent",
        "OPTIONS /v1/unknown",
        "GET /v1/renewals/nonsense",
        "POST /v1/renewals",
    ] {
        let answer = server.ask(line, "", "").await;
        assert_eq!(
            answer.field("access-control-allow-origin"),
            Some(BANK),
            "{line}"
        );
        assert_eq!(answer.field("vary"), Some("Origin"), "{line}");
        assert_eq!(answer.field("cache-control"), Some("no-store"), "{line}");
        assert_eq!(
            answer.field("x-content-type-options"),
            Some("nosniff"),
            "{line}"
        );
        assert_eq!(answer.field("set-cookie"), None);
        assert_eq!(answer.field("access-control-allow-credentials"), None);
    }
}

#[tokio::test]
async fn a_preflight_names_the_methods_of_its_path() {
    let server = Running::start(Limits::default()).await;
    // The published document says which paths and methods there are.
    let document: serde_json::Value = serde_json::from_str(&protocol::bridge::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 8, "{paths:?}");
    for (path, item) in paths {
        let methods = ["delete", "get", "patch", "post", "put"]
            .into_iter()
            .filter(|method| item.get(method).is_some())
            .collect::<Vec<_>>()
            .join(", ")
            .to_uppercase();
        let answer = server
            .ask(
                &format!("OPTIONS {}", path.replace("{id}", ID)),
                "Sec-Fetch-Mode: cors\r\nAccess-Control-Request-Method: PUT\r\n",
                "",
            )
            .await;
        assert_eq!(answer.status, 204, "{path}");
        assert_eq!(
            answer.field("access-control-allow-methods"),
            Some(methods.as_str()),
            "{path}"
        );
        assert_eq!(
            answer.field("access-control-allow-headers"),
            Some("content-type")
        );
        assert_eq!(answer.field("access-control-max-age"), Some("600"));
    }
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let server = Running::start(Limits::default()).await;
    for path in [
        "/",
        "/v1",
        "/v1/",
        "/v1/agent/",
        "/v2/agent",
        "/V1/agent",
        "//v1/agent",
        "/control/v1/status",
        "/v1/renewals/",
    ] {
        for method in ["GET", "OPTIONS", "HEAD", "POST"] {
            let answer = server.ask(&format!("{method} {path}"), "", "").await;
            assert_eq!(answer.status, 404, "{method} {path}");
            if method != "HEAD" {
                assert_eq!(answer.problem(), "not-found", "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn another_method_is_refused_with_those_that_are_there() {
    let server = Running::start(Limits::default()).await;
    for (line, allowed) in [
        ("POST /v1/agent", "GET"),
        ("PUT /v1/renewals", "POST"),
        ("BREW /v1/challenges", "POST"),
        (&format!("PATCH /v1/renewals/{ID}"), "DELETE, GET"),
    ] {
        let answer = server.ask(line, "", "").await;
        assert_eq!(answer.problem(), "method-not-allowed", "{line}");
        assert_eq!(answer.field("allow"), Some(allowed), "{line}");
    }
    let head = server.ask("HEAD /v1/agent", "", "").await;
    assert_eq!((head.status, head.field("allow")), (405, Some("GET")));
    assert_eq!(head.body, "");
}

#[tokio::test]
async fn a_body_must_be_json() {
    let server = Running::start(Limits::default()).await;
    for fields in [
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/jsonp\r\n",
        "Content-Type: application/json\r\nContent-Type: text/plain\r\n",
    ] {
        for line in ["POST /v1/renewals", "POST /v1/challenges"] {
            let answer = send(&server, line, fields, "{}").await;
            assert_eq!(
                answer.problem(),
                "unsupported-media-type",
                "{line} {fields}"
            );
        }
    }
    let answer = send(
        &server,
        "POST /v1/challenges",
        "Content-Type: Application/JSON; charset=utf-8\r\n",
        "{}",
    )
    .await;
    assert_ne!(answer.status, 415);
}

#[tokio::test]
async fn a_body_must_be_what_the_api_defines() {
    let server = Running::start(Limits::default()).await;
    let begin = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut body = serde_json::json!({
            "kind": "renew",
            "certificate": "ab".repeat(32),
            "nonce": "A".repeat(22),
        });
        change(&mut body);
        body.to_string()
    };
    let known = send(&server, "POST /v1/renewals", JSON, &begin(&|_| {})).await;
    // It is understood: what is missing is a module that could hold the certificate.
    assert_eq!(known.problem(), "module-missing");
    for wrong in [
        String::new(),
        "{".into(),
        "[]".into(),
        begin(&|body| body["more"] = 1.into()),
        begin(&|body| body["kind"] = "replace".into()),
        begin(&|body| body["certificate"] = "AB".repeat(32).into()),
        begin(&|body| body["nonce"] = "short".into()),
        format!("{}x", begin(&|_| {})),
    ] {
        let answer = send(&server, "POST /v1/renewals", JSON, &wrong).await;
        assert_eq!(answer.problem(), "bad-request", "{wrong}");
    }
    let answer = send(&server, "POST /v1/challenges", JSON, r#"{"more":1}"#).await;
    assert_eq!(answer.problem(), "bad-request");
}

#[tokio::test]
async fn a_renewal_is_named_by_exactly_its_id() {
    let server = Running::start(Limits::default()).await;
    for id in [
        ID,
        "0123456789ABCDEF0123456789ABCDEF",
        "0123456789abcdef0123456789abcde",
        "..%2f..",
        "%00",
        "%ff",
    ] {
        let answer = server.ask(&format!("GET /v1/renewals/{id}"), "", "").await;
        assert_eq!(answer.problem(), "renewal-not-found", "{id}");
    }
    let answer = server
        .ask(&format!("GET /v1/renewals/{ID}/events?after=x"), "", "")
        .await;
    assert_eq!(answer.problem(), "bad-request");
}

#[tokio::test]
async fn a_problem_speaks_the_reader_s_language() {
    let server = Running::start(Limits::default()).await;
    let mut titles = Vec::new();
    for language in ["ja", "en-GB, en;q=0.8", "fr"] {
        let fields = format!("Accept-Language: {language}\r\n");
        let answer = server.ask("GET /v1/unknown", &fields, "").await;
        let problem: protocol::bridge::Problem = serde_json::from_str(&answer.body).unwrap();
        titles.push(problem.title);
    }
    assert_ne!(titles[0], titles[1]);
    assert_eq!(titles[0], titles[2]);
}

async fn send(server: &Running, line: &str, fields: &str, body: &str) -> Answer {
    let fields = format!("{fields}Content-Length: {}\r\n", body.len());
    server.ask(line, &fields, body).await
}

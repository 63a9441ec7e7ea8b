//! The dashboard by curl: who gets an answer, what it has without a token and with one.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use serde_json::{Value, json};
use tests::{
    Home, Scene,
    curl::{Curl, Reply},
};

/// What a browser sends with a script's fetch.
const FETCH: [&str; 3] = [
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Mode: cors",
    "Sec-Fetch-Dest: empty",
];

/// What it sends when a person opens an address.
const VISIT: [&str; 3] = [
    "Sec-Fetch-Site: none",
    "Sec-Fetch-Mode: navigate",
    "Sec-Fetch-Dest: document",
];

/// A browser with the address that `koshin open` printed.
struct Browser {
    origin: String,
    path: String,
    code: String,
}

impl Browser {
    fn opened(home: &Home) -> Self {
        let printed: Value = told(home, &["open", "--print", "--json"]);
        let address = printed["address"].as_str().unwrap();
        let (page, code) = address.split_once("#code=").unwrap();
        let (origin, path) = page.rsplit_once('/').unwrap();
        Self {
            origin: origin.to_owned(),
            path: format!("/{path}"),
            code: code.to_owned(),
        }
    }

    fn send(&self, method: &str, path: &str, fields: &[&str]) -> Reply {
        self.call(method, path, fields).send()
    }

    fn call(&self, method: &str, path: &str, fields: &[&str]) -> Curl {
        let call = Curl::new(method, &format!("{}{path}", self.origin));
        fields.iter().fold(call, |call, field| call.header(field))
    }

    fn trade(&self, code: &str) -> Reply {
        let origin = format!("Origin: {}", self.origin);
        let call = self.call("POST", "/session", &FETCH).header(&origin);
        call.json(&json!({ "code": code })).send()
    }

    fn token(&self) -> String {
        let answer: Value = self.trade(&self.code).json(200);
        format!(
            "Authorization: Bearer {}",
            answer["token"].as_str().unwrap()
        )
    }

    fn read(&self, path: &str, token: &str) -> Value {
        let [site, mode, to] = FETCH;
        self.send("GET", path, &[site, mode, to, token, "Accept-Language: en"])
            .json(200)
    }

    fn port(&self) -> u16 {
        self.origin.rsplit(':').next().unwrap().parse().unwrap()
    }
}

fn told(home: &Home, arguments: &[&str]) -> Value {
    let ran = home.run(arguments);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    serde_json::from_str(&ran.text()).unwrap()
}

#[test]
fn a_code_opens_it_once_and_the_token_shows_everything() {
    let scene = Scene::new();
    let customer = scene.user();
    scene.renew(&customer);
    let browser = Browser::opened(&scene.home);
    let token = browser.token();
    assert_eq!(browser.trade(&browser.code).status, 401);

    let seen = browser.read("/data/overview", &token);
    let certificates = &seen["certificates"];
    assert_eq!(certificates[0]["status_text"], "Replaced", "{seen}");
    assert_eq!(certificates[1]["status_text"], "Valid", "{seen}");
    assert_eq!(certificates[1]["days"], "365 days left", "{seen}");
    assert_eq!(seen["certificates"][0]["token"], scene.token.label);
    let renewal = &seen["renewals"][0];
    assert!(!renewal["name"].as_str().unwrap().is_empty());
    let steps = browser.read(
        &format!("/data/renewals/{}", renewal["id"].as_str().unwrap()),
        &token,
    );
    let trail = browser.read("/data/audit", &token);
    assert_eq!(trail["whole"], true, "{trail}");
    let (steps, entries) = (&steps["steps"], &trail["entries"]);
    assert!(steps.as_array().unwrap().len() > 10, "{steps}");
    assert_eq!(
        steps[0]["text"],
        entries.as_array().unwrap().last().unwrap()["step"]
    );
    let settings = browser.read("/data/settings", &token);
    let all = settings["settings"].as_array().unwrap();
    let pinentry = all
        .iter()
        .find(|one| one["key"] == "prompt.pinentry")
        .unwrap();
    assert!(
        pinentry["origin"]
            .as_str()
            .unwrap()
            .contains("config.toml:")
    );
    let doctor = browser.read("/data/doctor", &token);
    assert!(doctor["findings"].as_array().unwrap().len() > 8, "{doctor}");
    // What a page of a bank is handed is not for reading here.
    let all = format!("{seen}{steps}{trail}");
    assert!(
        !all.contains("\"csr\"") && !all.contains("\"proof\""),
        "{all}"
    );
}

#[test]
fn without_the_token_there_is_no_data() {
    let scene = Scene::new();
    let customer = scene.user();
    let browser = Browser::opened(&scene.home);
    let page = browser.send("GET", &browser.path, &VISIT);
    assert_eq!(page.status, 200);
    for secret in [
        customer.id,
        &customer.old.serial,
        &customer.old.sha256,
        &scene.token.label,
        &browser.code,
    ] {
        assert!(!page.body.contains(secret), "{secret}: {}", page.body);
    }
    let token = browser.token();
    let (words, cut) = token.split_at(token.len() - 1);
    let wrong = format!("{words}{}", if cut == "A" { "B" } else { "A" });
    let code = format!("Authorization: Bearer {}", browser.code);
    for path in [
        "overview",
        "audit",
        "settings",
        "doctor",
        "changes",
        "renewals/1",
    ] {
        for bearer in [
            "X-Nothing: 1",
            &wrong,
            &code,
            "Authorization: Bearer ",
            words,
        ] {
            let [site, mode, to] = FETCH;
            let path = format!("/data/{path}");
            let reply = browser.send("GET", &path, &[site, mode, to, bearer]);
            assert_eq!(
                (reply.status, reply.body.as_str()),
                (401, ""),
                "{path} {bearer}"
            );
        }
    }
    // Nor is the token taken from an address.
    let word = token.strip_prefix("Authorization: Bearer ").unwrap();
    let reply = browser.send("GET", &format!("/data/overview?token={word}"), &FETCH);
    assert_eq!(reply.status, 401);
}

#[test]
fn every_answer_is_for_its_own_page_and_for_no_cache() {
    let home = Home::empty();
    let agent = tests::Agent::start(&home);
    let browser = Browser::opened(&home);
    for (path, fields) in [
        (browser.path.as_str(), VISIT),
        ("/dashboard.js", FETCH),
        ("/dashboard.css", FETCH),
        ("/mark.svg", FETCH),
        ("/data/overview", FETCH),
        ("/nothing", FETCH),
    ] {
        let reply = browser.send("GET", path, &fields);
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(
                reply.header(name),
                Some(value),
                "{path}: {:?}",
                reply.headers
            );
        }
        let policy = reply.header("content-security-policy").unwrap();
        for rule in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "script-src 'self';",
        ] {
            assert!(policy.contains(rule), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(reply.header("set-cookie"), None);
        assert_eq!(reply.header("access-control-allow-origin"), None);
    }
    drop(agent);
}

#[test]
fn strangers_are_closed_without_a_byte() {
    let home = Home::empty();
    let agent = tests::Agent::start(&home);
    let browser = Browser::opened(&home);
    let [site, mode, to] = FETCH;
    let host = format!("Host: {}", browser.origin.strip_prefix("http://").unwrap());
    let port = browser.port();
    let other_host = format!("Host: localhost:{port}");
    for fields in [
        // A program that looks for ports; another page's script, image, frame, link.
        &[host.as_str()][..],
        &[&host, "Sec-Fetch-Site: cross-site", mode, to],
        &[&host, "Sec-Fetch-Site: same-site", mode, to],
        &[&host, "Sec-Fetch-Site: none", mode, to],
        &[
            &host,
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Mode: navigate",
            "Sec-Fetch-Dest: document",
        ],
        &[
            &host,
            "Sec-Fetch-Site: none",
            "Sec-Fetch-Mode: navigate",
            "Sec-Fetch-Dest: iframe",
        ],
        // DNS rebinding, and another name for this PC.
        &["Host: bank.example", site, mode, to],
        &[&other_host, site, mode, to],
        &[&host, &host, site, mode, to],
        // Another origin.
        &[&host, site, mode, to, "Origin: null"],
        &[&host, site, mode, to, "Origin: https://bank.example"],
    ] {
        for path in ["/", "/dashboard.js", "/data/overview"] {
            assert_eq!(answered(port, path, fields), "", "{path} {fields:?}");
        }
    }
    let own = answered(port, "/dashboard.js", &[&host, site, mode, to]);
    assert!(own.starts_with("HTTP/1.1 200 OK\r\n"), "{own}");
    drop(agent);
}

/// What comes back for a head of exactly these fields.
fn answered(port: u16, path: &str, fields: &[&str]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let head = format!("GET {path} HTTP/1.1\r\n{}\r\n\r\n", fields.join("\r\n"));
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // A connection that is closed with bytes unread may be reset.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn an_agent_started_for_it_stays_while_it_is_looked_at() {
    let home = Home::empty();
    let browser = Browser::opened(&home);
    let token = browser.token();
    let [site, mode, to] = FETCH;
    let mut stream = browser
        .call("GET", "/data/changes", &[site, mode, to, &token])
        .args(["--no-buffer"])
        .start();
    assert_eq!(stream.lines().next().unwrap(), "{\"written\":0}");
    // The commands that come and go meanwhile find the same agent.
    let status: Value = told(&home, &["status", "--json"]);
    let again = Browser::opened(&home);
    assert_eq!(again.origin, browser.origin);
    let later: Value = told(&home, &["status", "--json"]);
    assert_eq!(status["agent"]["pid"], later["agent"]["pid"]);
    let pid = status["agent"]["pid"].as_i64().unwrap();
    let ended = tests::programs::try_run(std::process::Command::new("kill").arg(pid.to_string()));
    assert_eq!(ended.status, Some(0));
    // Its end is the stream's.
    assert_eq!(stream.lines().filter(|line| !line.is_empty()).count(), 0);
}

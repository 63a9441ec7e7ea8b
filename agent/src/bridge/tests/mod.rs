//! Real sockets against a whole server.

mod answers;
mod limits;
mod refusals;

use std::{net::Ipv4Addr, path::Path, sync::Arc, time::Duration};

use pkcs11_bridge::{KeyType, WorkerLauncher};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
    time,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Activity, Limits, Server};
use crate::{
    clock::SystemClock,
    driver::{Renewals, Setup},
    journal::Journal,
    language::Language,
    profile::{
        Bilingual, HelpDesk, Profile, Profiles, Rank, RenewalPolicy, Retire, Role, SiteOrigin,
    },
    prompt::Prompter,
};

/// The one listed origin.
const BANK: &str = "https://bank.example";

/// A server of its own for each test, on a free port.
struct Running {
    port: u16,
    activity: Activity,
    _ends: DropGuard,
    _server: JoinHandle<()>,
    _folder: TempDir,
}

impl Running {
    async fn start(limits: Limits) -> Self {
        let server = Server::bind(0, 1, limits).await.unwrap();
        let (port, activity, shutdown) = (server.port(), Activity::new(), CancellationToken::new());
        let folder = tempfile::tempdir().unwrap();
        let serving = server.serve(
            renewals(folder.path()).await,
            profiles(),
            activity.clone(),
            shutdown.clone(),
        );
        Self {
            port,
            activity,
            _ends: shutdown.drop_guard(),
            _server: tokio::spawn(serving),
            _folder: folder,
        }
    }

    async fn connect(&self) -> Connection {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))
            .await
            .unwrap();
        Connection(stream)
    }

    /// Everything that comes back until the connection is closed.
    async fn exchange(&self, request: &str) -> String {
        let mut connection = self.connect().await;
        connection.send(request).await;
        connection.rest().await
    }

    /// The answer to a request of the bank's page, on a connection of its own.
    async fn ask(&self, request_line: &str, fields: &str, body: &str) -> Answer {
        let port = self.port;
        let request = format!(
            "{request_line} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: {BANK}\r\n\
             Connection: close\r\n{fields}\r\n{body}"
        );
        Answer::parse(&self.exchange(&request).await)
    }

    /// A head for `GET /v1/agent` with these fields.
    fn head(&self, fields: &str) -> String {
        let fields = fields.replace("PORT", &self.port.to_string());
        format!("GET /v1/agent HTTP/1.1\r\n{fields}\r\n")
    }
}

struct Connection(TcpStream);

impl Connection {
    /// Sends what the server still takes: it may have closed already.
    async fn send(&mut self, bytes: &str) {
        let _ = self.0.write_all(bytes.as_bytes()).await;
    }

    /// What comes until the connection is closed, by FIN or RST.
    async fn rest(&mut self) -> String {
        let mut read = Vec::new();
        let closed = time::timeout(PATIENCE, self.0.read_to_end(&mut read)).await;
        assert!(closed.is_ok(), "the connection stays open");
        String::from_utf8(read).unwrap()
    }

    /// One answer with a Content-Length; the connection stays open.
    async fn answer(&mut self) -> Answer {
        let mut read = Vec::new();
        let whole = async {
            loop {
                let text = String::from_utf8_lossy(&read).into_owned();
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    let answer = Answer::parse(&text);
                    let length: usize = answer
                        .field("content-length")
                        .map_or(0, |length| length.parse().unwrap());
                    assert!(!head.is_empty());
                    if body.len() >= length {
                        return answer;
                    }
                }
                assert_ne!(self.0.read_buf(&mut read).await.unwrap(), 0);
            }
        };
        time::timeout(PATIENCE, whole).await.unwrap()
    }
}

/// How long a test waits for what must come; it never waits for what must not.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
struct Answer {
    status: u16,
    fields: Vec<(String, String)>,
    body: String,
}

impl Answer {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .and_then(|status| status.parse().ok())
            .unwrap_or_else(|| panic!("no answer: {text:?}"));
        let fields = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Self {
            status,
            fields,
            body: body.to_owned(),
        }
    }

    fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.fields.iter().filter(|(field, _)| field == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} is there twice");
        value
    }

    /// The problem document's code, with what every refusal has checked.
    fn problem(&self) -> String {
        assert_eq!(self.field("content-type"), Some("application/problem+json"));
        let problem: protocol::bridge::Problem = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem.status, self.status);
        problem.code.as_str().to_owned()
    }
}

pub(super) fn profiles() -> Arc<Profiles> {
    let name = |text: &str| Bilingual {
        ja: text.into(),
        en: text.into(),
    };
    Arc::new(Profiles::of([Profile {
        id: "bank".into(),
        rank: Rank::User,
        path: "bank.toml".into(),
        name: name("bank"),
        help_desk: HelpDesk {
            phone: "0120-000-000".into(),
            hours: None,
        },
        pin_word: name("PIN"),
        origins: vec![SiteOrigin {
            origin: BANK.into(),
            role: Role::Bank,
        }],
        issuers: Vec::new(),
        subject: Vec::new(),
        renewal: RenewalPolicy::default(),
        key_types: vec![KeyType::P256],
        retire: Retire::FirstLogin,
        request_keys: Vec::new(),
    }]))
}

/// Renewals without a module, with a journal in this folder.
pub(crate) async fn renewals(folder: &Path) -> Renewals {
    let setup = Setup {
        journal: Journal::open(&folder.join("journal.db"), "this-pc").unwrap(),
        profiles: profiles().into(),
        modules: Vec::new(),
        launcher: WorkerLauncher {
            program: "/nonexistent/koshin".into(),
            arguments: Vec::new(),
        },
        lock_folder: folder.to_owned(),
        prompter: Prompter::new("/nonexistent/pinentry".into(), PATIENCE),
        language: Language::Japanese,
        clock: Arc::new(SystemClock),
        port: None,
    };
    Renewals::start(setup).await.unwrap()
}

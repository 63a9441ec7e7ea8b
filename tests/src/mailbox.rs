//! A mail server that gives what it takes to the test (aiosmtpd).

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use serde::Deserialize;
use tempfile::TempDir;

use crate::programs;

/// The password that a protected server takes.
pub const PASSWORD: &str = "mail-secret";

/// A server's certificate, trusted by itself: a CA's would not be taken for a server's.
const REQUEST: &str = "[req]\ndistinguished_name = name\nx509_extensions = extensions\n\
    prompt = no\n[name]\nCN = localhost\n[extensions]\nsubjectAltName = DNS:localhost\n\
    basicConstraints = CA:FALSE\n";

const PATIENCE: Duration = Duration::from_secs(60);

/// A mail that came.
#[derive(Clone, Debug, Deserialize)]
pub struct Mail {
    /// Whom the envelope is from.
    pub from: String,
    /// Whom it is to.
    pub to: Vec<String>,
    /// The subject, decoded.
    pub subject: String,
    /// The Message-ID.
    pub id: String,
    /// The date, in Unix seconds.
    pub date: i64,
    /// The text, decoded.
    pub text: String,
    /// Whether it came by TLS.
    pub tls: bool,
    /// Who logged in.
    pub user: Option<String>,
}

/// A mail server; ended with the value.
pub struct Mailbox {
    server: Child,
    /// It serves as long as this is open.
    _input: Option<ChildStdin>,
    mails: Receiver<Mail>,
    folder: TempDir,
    /// Its port on 127.0.0.1.
    pub port: u16,
}

impl Mailbox {
    /// One that takes mail from anybody on this machine.
    #[must_use]
    pub fn open() -> Self {
        Self::start(false)
    }

    /// One that wants STARTTLS and a login, with a certificate for `localhost` by a CA of its own.
    #[must_use]
    pub fn protected() -> Self {
        Self::start(true)
    }

    fn start(protected: bool) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        // Debian's own Python, which has Debian's packages.
        let mut command = Command::new("/usr/bin/python3");
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mailbox.py"));
        if protected {
            let (certificate, key) = (folder.path().join("ca.pem"), folder.path().join("key.pem"));
            let settings = folder.path().join("request.conf");
            fs::write(&settings, REQUEST).expect("the folder can be written");
            let make = [
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-config",
            ];
            let mut openssl = Command::new("openssl");
            openssl.args(make).arg(settings).arg("-keyout").arg(&key);
            programs::run(openssl.arg("-out").arg(&certificate));
            command.args([certificate, key]);
        }
        let mut server = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("apt-get install python3 python3-aiosmtpd (or: make install)");
        let output = server.stdout.take().expect("it was asked to be piped");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let port = lines.next().and_then(|line| line.parse().ok());
        let port = port.expect("the server starts: apt-get install python3-aiosmtpd");
        let (sender, mails) = mpsc::channel();
        thread::spawn(move || {
            for line in lines {
                let mail = serde_json::from_str(&line).expect("the server writes mails");
                if sender.send(mail).is_err() {
                    return;
                }
            }
        });
        Self {
            _input: server.stdin.take(),
            server,
            mails,
            folder,
            port,
        }
    }

    /// The CA certificate of a protected server.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The next mail.
    ///
    /// # Panics
    /// If none comes.
    #[must_use]
    #[track_caller]
    pub fn next(&self) -> Mail {
        self.mails.recv_timeout(PATIENCE).expect("a mail comes")
    }

    /// What has come and was not looked at.
    #[must_use]
    pub fn rest(&self) -> Vec<Mail> {
        self.mails.try_iter().collect()
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

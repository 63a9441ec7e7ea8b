//! The notices by mail, to a real mail server; Python's mail parser reads what came.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use reference_bank::{
    Language, MailOptions, Validity,
    time::{DAY, day_text},
};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use super::customer::Site;

/// 2027-03-10 23:59:59 in Japan.
const LAST: i64 = 1_804_690_799;
/// The first seconds of the thirtieth and of the tenth day before.
const FIRST: i64 = LAST + 1 - 31 * DAY;
const SECOND: i64 = LAST + 1 - 11 * DAY;

const FROM: &str = "denshi@mihon.example";
const KEIRI: &str = "keiri-01@customer.example";

#[tokio::test]
async fn a_notice_comes_by_itself_when_its_day_begins_in_japan() {
    let mut inbox = Inbox::open().await;
    let site = with(&inbox, 30).await;
    site.bank.clock().hold(FIRST - 1);
    site.customer_valid("keiri-01", validity());
    assert_eq!(failures(&site).await, 0);
    site.bank.clock().hold(FIRST);
    let mail = inbox.next().await;
    assert_eq!(
        (mail.sender.as_str(), mail.recipients.as_slice()),
        (FROM, [KEIRI.to_owned()].as_slice())
    );
    assert!(mail.from.contains("みほん信用金庫"), "{}", mail.from);
    assert!(mail.to.contains("経理 花子"), "{}", mail.to);
    assert!(mail.to.contains(KEIRI), "{}", mail.to);
    let day = day_text(LAST, Language::Japanese);
    assert!(mail.subject.contains(&day), "{}", mail.subject);
    assert_eq!(mail.date, FIRST as f64);
    for part in [
        "経理 花子 様",
        &day,
        "残り30日",
        "証明書更新",
        "0120-000-000",
    ] {
        assert!(mail.text.contains(part), "{part} is not in {}", mail.text);
    }
}

#[tokio::test]
async fn a_notice_has_no_link_and_no_id_and_is_sound() {
    let inbox = Inbox::open().await;
    let site = with(&inbox, 30).await;
    site.bank.clock().hold(FIRST);
    site.customer_valid("keiri-01", validity());
    site.bank.mail_notices().await.unwrap();
    let mail = &inbox.mails()[0];
    let text = format!("{}\n{}", mail.subject, mail.text);
    for part in ["://", "http", "www", ".example", "keiri-01", "<a"] {
        assert!(!text.contains(part), "{part} is in {text}");
    }
    assert_eq!(mail.kind, "text/plain");
    assert_eq!(mail.defects, [""; 0]);
    assert!(mail.id.as_ref().is_some_and(|id| id.contains('@')));
    // RFC 5322, section 2.1.1.
    assert!(mail.lengths.iter().all(|length| *length <= 998));
}

#[tokio::test]
async fn each_notice_is_sent_once() {
    let inbox = Inbox::open().await;
    let site = with(&inbox, 30).await;
    site.bank.clock().hold(FIRST - 1);
    site.customer_valid("keiri-01", validity());
    for (now, mails) in [
        (FIRST - 1, 0),
        (FIRST, 1),
        (FIRST + 1, 1),
        (SECOND - 1, 1),
        (SECOND, 2),
        (SECOND + DAY, 2),
        (LAST, 2),
        (LAST + 1, 2),
    ] {
        site.bank.clock().hold(now);
        site.bank.mail_notices().await.unwrap();
        assert_eq!(inbox.mails().len(), mails, "at {now}");
    }
    assert!(inbox.mails()[1].text.contains("残り10日"));
}

#[tokio::test]
async fn the_first_notice_follows_the_banks_window() {
    let inbox = Inbox::open().await;
    let site = with(&inbox, 40).await;
    let opens = FIRST - 10 * DAY;
    site.bank.clock().hold(opens - 1);
    site.customer_valid("keiri-01", validity());
    for (now, mails) in [(opens - 1, 0), (opens, 1), (FIRST, 1), (SECOND, 2)] {
        site.bank.clock().hold(now);
        site.bank.mail_notices().await.unwrap();
        assert_eq!(inbox.mails().len(), mails, "at {now}");
    }
}

#[tokio::test]
async fn a_refused_notice_is_tried_again_and_holds_up_nobody_elses() {
    let inbox = Inbox::open().await;
    let site = with(&inbox, 30).await;
    site.bank.clock().hold(FIRST - 1);
    site.customer_valid("keiri-01", validity());
    site.customer_valid("soumu-01", validity());
    inbox.refuse(KEIRI);
    site.bank.clock().hold(FIRST);
    for _ in 0..2 {
        assert_eq!(failures(&site).await, 1);
    }
    assert_eq!(inbox.recipients(), ["soumu-01@customer.example"]);
    inbox.refuse("");
    for _ in 0..2 {
        assert_eq!(failures(&site).await, 0);
        assert_eq!(inbox.recipients(), ["soumu-01@customer.example", KEIRI]);
    }
}

#[tokio::test]
async fn a_relay_that_is_down_costs_no_notice_and_doubles_none() {
    let mut inbox = Inbox::open().await;
    let site = with(&inbox, 30).await;
    site.bank.clock().hold(FIRST - 1);
    site.customer_valid("keiri-01", validity());
    inbox.close().await;
    site.bank.clock().hold(FIRST);
    assert_eq!(failures(&site).await, 1);
    // By now the second one is due; the customer gets one mail, with the days as they are.
    site.bank.clock().hold(SECOND);
    assert_eq!(failures(&site).await, 1);
    inbox.reopen().await;
    for _ in 0..2 {
        assert_eq!(failures(&site).await, 0);
    }
    let mails = inbox.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].text.contains("残り10日"), "{}", mails[0].text);
}

#[tokio::test]
async fn who_renewed_or_was_revoked_hears_nothing() {
    let inbox = Inbox::open().await;
    let site = with(&inbox, 30).await;
    site.bank.clock().hold(FIRST - 1);
    site.customer_valid("keiri-01", validity());
    let later = Validity::Exactly {
        not_before: FIRST - 2,
        not_after: LAST + 365 * DAY,
    };
    site.customer_valid("keiri-01", later);
    let revoked = site.customer_valid("soumu-01", validity());
    let serial = &revoked.issued.as_ref().unwrap().serial;
    site.bank.revoke(serial).unwrap();
    site.customer_valid("admin-01", validity());
    site.bank.clock().hold(FIRST);
    site.bank.mail_notices().await.unwrap();
    assert_eq!(inbox.recipients(), ["admin-01@customer.example"]);
}

#[tokio::test]
async fn the_program_sends_mail_through_the_relay_it_was_given() {
    let mut inbox = Inbox::open().await;
    let site = Site::start().await;
    site.customer("keiri-01", 20);
    let mut bank = Command::new(env!("CARGO_BIN_EXE_reference-bank"))
        .args(["serve", "--state"])
        .arg(site.state())
        .args(["--smtp", &inbox.relay(), "--mail-from", FROM])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mail = inbox.next().await;
    assert_eq!(mail.recipients, [KEIRI]);
    assert!(mail.text.contains("残り20日"), "{}", mail.text);
    bank.kill().await.unwrap();
}

#[tokio::test]
async fn mail_settings_that_cannot_be_used_are_refused_at_the_start() {
    let site = Site::start().await;
    for (relay, from, named) in [
        ("localhost", FROM, "HOST:PORT"),
        ("localhost:smtp", FROM, "HOST:PORT"),
        ("localhost:25", "nobody", "not a mail address"),
    ] {
        let ran = Command::new(env!("CARGO_BIN_EXE_reference-bank"))
            .args(["serve", "--state"])
            .arg(site.state())
            .args(["--smtp", relay, "--mail-from", from])
            .output()
            .await
            .unwrap();
        let error = String::from_utf8_lossy(&ran.stderr);
        assert!(!ran.status.success() && error.contains(named), "{error}");
    }
}

/// How many notices could not be sent in a round. Those that could were sent in it, or in one of
/// the bank's own before it.
async fn failures(site: &Site) -> usize {
    site.bank.mail_notices().await.unwrap().failed
}

fn validity() -> Validity {
    Validity::Exactly {
        not_before: LAST - 365 * DAY,
        not_after: LAST,
    }
}

async fn with(inbox: &Inbox, window_days: i64) -> Site {
    Site::start_as(|options| {
        options.policy.window_days = window_days;
        options.mail = Some(MailOptions {
            relay: inbox.relay(),
            from: FROM.to_owned(),
        });
    })
    .await
}

/// A mail as it came.
#[derive(Debug, Deserialize)]
struct Mail {
    sender: String,
    recipients: Vec<String>,
    from: String,
    to: String,
    subject: String,
    /// Unix time.
    date: f64,
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
    defects: Vec<String>,
    /// Of each line as it came, in bytes.
    lengths: Vec<usize>,
    text: String,
}

/// A mail server with a folder of its own.
struct Inbox {
    folder: TempDir,
    server: Child,
    lines: Lines<BufReader<ChildStdout>>,
    port: u16,
}

impl Inbox {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (server, lines, port) = start(folder.path(), 0).await;
        Self {
            folder,
            server,
            lines,
            port,
        }
    }

    async fn close(&mut self) {
        self.server.kill().await.unwrap();
    }

    /// Opens again on the same port.
    async fn reopen(&mut self) {
        (self.server, self.lines, self.port) = start(self.folder.path(), self.port).await;
    }

    fn relay(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// From now on takes no mail for this address.
    fn refuse(&self, address: &str) {
        fs::write(refused(self.folder.path()), address).unwrap();
    }

    /// Everything that came.
    fn mails(&self) -> Vec<Mail> {
        let text = fs::read_to_string(taken(self.folder.path())).unwrap_or_default();
        let mails = text.lines().map(|line| serde_json::from_str(line).unwrap());
        mails.collect()
    }

    fn recipients(&self) -> Vec<String> {
        let mails = self.mails().into_iter();
        mails.flat_map(|mail| mail.recipients).collect()
    }

    /// Waits for a mail.
    async fn next(&mut self) -> Mail {
        let line = timeout(Duration::from_secs(30), self.lines.next_line()).await;
        let line = line.expect("a mail comes in time").unwrap();
        serde_json::from_str(&line.expect("the server is there")).unwrap()
    }
}

async fn start(folder: &Path, port: u16) -> (Child, Lines<BufReader<ChildStdout>>, u16) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites/inbox.py");
    // Debian's own Python, which has Debian's packages.
    let mut server = Command::new("/usr/bin/python3")
        .arg(script)
        .args([taken(folder), refused(folder)])
        .arg(port.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("python3 runs: apt-get install python3");
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let port = lines.next_line().await.unwrap();
    let port = port.expect("the mail server starts: apt-get install python3-aiosmtpd");
    (server, lines, port.parse().unwrap())
}

fn taken(folder: &Path) -> PathBuf {
    folder.join("taken")
}

fn refused(folder: &Path) -> PathBuf {
    folder.join("refused")
}

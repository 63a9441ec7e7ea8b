//! A customer's PC with an agent, and a person and a CA that lose no time: what they do take is
//! measured, so that it can be taken out.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use agent::{
    control::{Client, ClientError},
    driver::Terminal,
};
use base64ct::{Base64, Encoding as _};
use protocol::{
    bridge::{BeginRenewal, CertificateAnswer, Nonce, Outcome, RenewalView, State, Target},
    csr::SignedRequest,
};
use reference_bank::IssuedCertificate;
use tests::{Home, OpenBank, Token, course::ended, programs, scene::USER, token::PIN};
use tokio::runtime::Runtime;

use crate::supply::Calls;

/// The object id of the old key.
const OLD: &str = "01";

/// Everything that a renewal needs; the agent comes apart.
pub(crate) struct Office {
    pub(crate) home: Home,
    pub(crate) token: Token,
    bank: OpenBank,
    runtime: Runtime,
}

/// A renewal that was measured.
pub(crate) struct Renewed {
    /// The agent's id of it.
    pub(crate) id: String,
    /// From the request to the installed certificate.
    pub(crate) total: Duration,
    /// What the CA took of that.
    pub(crate) authority: Duration,
    /// The new certificate's DER.
    pub(crate) der: Vec<u8>,
}

impl Office {
    /// With a token whose module is reached as these lines of the settings say.
    pub(crate) fn new(settings: impl FnOnce(&Token) -> String) -> Self {
        let token = Token::new("Koshin-Bench");
        let home = Home::empty();
        let folder = home.path("quick");
        fs::create_dir(&folder).expect("the folder is new");
        fs::write(folder.join("pin"), PIN).expect("the folder can be written");
        symlink(
            programs::built("quick-pinentry"),
            folder.join("quick-pinentry"),
        )
        .expect("the folder can be written");
        home.set_pinentry(&folder.join("quick-pinentry"));
        home.add_settings(&settings(&token));
        let bank = OpenBank::with(|_| {});
        home.install_profile("mihon", &bank.profile().expect("the bank has a profile"));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime can be made");
        Self {
            home,
            token,
            bank,
            runtime,
        }
    }

    /// A key with a certificate that is due.
    pub(crate) fn customer(&self, calls: &mut Calls) -> IssuedCertificate {
        let spki = calls.pair(OLD, USER);
        let old = self.bank.certify(USER, &spki, 20);
        calls.certificate(OLD, USER, &old.der);
        old
    }

    /// Renews a certificate by way of the control socket.
    pub(crate) fn renew(&self, old: &IssuedCertificate) -> Renewed {
        self.runtime.block_on(async {
            let client = self.client().await.expect("the agent runs");
            let request = BeginRenewal {
                target: Target::Renew(old.sha256.parse().expect("a SHA-256 is an id")),
                nonce: Nonce::from_bytes(&[7; 32]).expect("long enough"),
                request: None,
            };
            let begin = Instant::now();
            let (view, new) = client.begin(&request).await.expect("the agent begins");
            assert!(new, "an earlier renewal is there");
            let ready = until(&client, view, State::RequestReady).await;
            let asked = Instant::now();
            let csr = Base64::decode_vec(&ready.csr.expect("it is ready"));
            let csr = SignedRequest::from_der(&csr.expect("the agent says base64"));
            let spki = csr.expect("the request is whole").spki_der().to_vec();
            let issued = self.bank.certify(USER, &spki, 365);
            let answer = CertificateAnswer::Certificate(Base64::encode_string(&issued.der));
            let authority = asked.elapsed();
            let view = client
                .deliver(&ready.id, &answer)
                .await
                .expect("the agent takes the answer");
            let done = until(&client, view, State::Grace).await;
            Renewed {
                total: begin.elapsed(),
                authority,
                id: done.id,
                der: issued.der,
            }
        })
    }

    /// Asks the agent who it is, so often.
    pub(crate) fn ask(&self, times: u64) {
        self.runtime.block_on(async {
            let client = self.client().await.expect("the agent runs");
            for _ in 0..times {
                client.agent().await.expect("the agent answers");
            }
        });
    }

    /// The bank's word that ends a renewal, after which the old certificate goes.
    pub(crate) fn end(&self, renewed: &Renewed) {
        self.runtime.block_on(async {
            let client = self.client().await.expect("the agent runs");
            let view = client
                .outcome(&renewed.id, &Outcome::FirstLogin)
                .await
                .expect("the agent takes the bank's word");
            until(&client, view, State::Retired).await;
        });
    }

    /// What the person took since this was asked before, for so many dialogs: the pinentry's own
    /// time, and that of its start.
    pub(crate) fn person(&self, dialogs: usize) -> Duration {
        let took = self.home.path("quick/took");
        let text = fs::read_to_string(&took).expect("there were dialogs");
        fs::remove_file(&took).expect("it is there");
        let intervals: Vec<Duration> = text.lines().map(|line| interval(line).1).collect();
        assert_eq!(intervals.len(), dialogs, "dialogs of a renewal");
        let own: Duration = intervals.iter().sum();
        let starts: Duration = (0..dialogs).map(|_| self.pinentry_start()).sum();
        own + starts
    }

    /// Does something that is asynchronous.
    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// How long the pinentry takes until it is itself.
    fn pinentry_start(&self) -> Duration {
        let began = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("the clock is right");
        let mut child = Command::new(self.home.path("quick/quick-pinentry"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("it was built");
        let mut input = child.stdin.take().expect("it was asked to be piped");
        input.write_all(b"BYE\n").expect("it reads");
        child.wait().expect("it is our child");
        let took = self.home.path("quick/took");
        let text = fs::read_to_string(&took).expect("it was written");
        fs::remove_file(&took).expect("it is there");
        interval(&text).0.saturating_sub(began)
    }

    async fn client(&self) -> Result<Client, ClientError> {
        Client::connect(&socket(&self.home), Terminal::default()).await
    }
}

/// A running agent; ended with the value.
pub(crate) struct Agent {
    pub(crate) child: Child,
    /// From its start to its first answer.
    pub(crate) starting: Duration,
}

impl Agent {
    /// Starts `koshin run` and asks until it answers.
    pub(crate) fn start(office: &Office) -> Self {
        let mut command = office.home.koshin(&["run"]);
        command
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let begin = Instant::now();
        let mut child = command.spawn().expect("koshin was built");
        let mut log = BufReader::new(child.stderr.take().expect("it was asked to be piped"));
        let mut said = String::new();
        let starting = loop {
            let from = said.len();
            let read = log.read_line(&mut said).expect("the log is text");
            assert_ne!(read, 0, "the agent ended:\n{said}");
            if said[from..].contains("agent ready") {
                let answers = async { office.client().await?.agent().await };
                office.block_on(answers).expect("a ready agent answers");
                break begin.elapsed();
            }
        };
        // The log is read on, so that the agent never waits for it.
        std::thread::spawn(move || log.read_to_end(&mut Vec::new()));
        Self { child, starting }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Settings for SoftHSM2 itself.
pub(crate) fn softhsm(token: &Token) -> String {
    settings(&Token::module(), token, "")
}

/// Settings for a module on a token's folder, with more of its environment.
pub(crate) fn settings(module: &Path, token: &Token, environment: &str) -> String {
    format!(
        "[[modules]]\nname = \"token\"\npath = \"{}\"\n\
         environment = {{ SOFTHSM2_CONF = \"{}\"{environment} }}\n",
        module.display(),
        token.settings().display()
    )
}

fn socket(home: &Home) -> PathBuf {
    home.path("run/koshin/control.sock")
}

async fn until(client: &Client, view: RenewalView, state: State) -> RenewalView {
    let mut events = client
        .events(&view.id, 0)
        .await
        .expect("the agent tells the progress");
    while let Some(progress) = events.next().await.expect("the agent tells the progress") {
        if progress.state == state {
            return client.view(&view.id).await.expect("the renewal is there");
        }
        assert!(!ended(progress.state), "the renewal ended: {progress:?}");
    }
    panic!("the renewal ended before {state:?}");
}

/// When a dialog began, since 1970, and how long it took.
fn interval(line: &str) -> (Duration, Duration) {
    let number = |text: &str| Duration::from_nanos(text.trim().parse().expect("it is a number"));
    let (begin, end) = line.split_once(' ').expect("two numbers");
    let begin = number(begin);
    (begin, number(end).saturating_sub(begin))
}

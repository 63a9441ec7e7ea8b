//! The reference bank in this process, on free ports, with a state folder of its own.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
    sync::mpsc,
    thread::{self, JoinHandle},
};

use reference_bank::{
    Bank, BankError, IssuedCertificate, Options, Order, Running, Validity, ca::RollOver,
};
use tempfile::TempDir;
use tokio::{runtime::Builder, sync::oneshot};

/// A bank that serves until the value is dropped, on a thread of its own.
pub struct OpenBank {
    server: Server,
    options: Options,
    folder: TempDir,
}

/// The bank's two sites, and the thread that they are on.
struct Server {
    running: Running,
    /// The thread ends when this is dropped.
    closing: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Server {
    fn start(options: Options) -> Self {
        let (opened, opening) = mpsc::sync_channel(1);
        let (closing, closed) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime can be made");
            runtime.block_on(async {
                let _ = opened.send(Bank::start(options).await);
                let _ = closed.await;
            });
        });
        let bank = opening.recv().expect("the thread answers");
        Self {
            running: bank.expect("the bank serves"),
            closing,
            thread,
        }
    }

    /// Ends it, and waits until nothing of it is left.
    fn close(self) {
        drop(self.running);
        drop(self.closing);
        self.thread.join().expect("it does not panic");
    }
}

impl OpenBank {
    /// Opens a new bank; `options` may change how it runs.
    ///
    /// # Panics
    /// If it cannot serve.
    #[must_use]
    pub fn with(options: impl FnOnce(&mut Options)) -> Self {
        Self::open(Bank::init, options)
    }

    /// Another bank with the CAs of this one; the subjects of its customers have this unit.
    ///
    /// # Panics
    /// If it cannot serve.
    #[must_use]
    pub fn beside(&self, unit: &str, options: impl FnOnce(&mut Options)) -> Self {
        let here = state(&self.folder);
        Self::open(|state| Bank::init_beside(state, &here, unit), options)
    }

    fn open(
        init: impl FnOnce(&Path) -> Result<(), BankError>,
        options: impl FnOnce(&mut Options),
    ) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let state = state(&folder);
        init(&state).expect("the folder is empty");
        let mut chosen = Options::new(&state);
        options(&mut chosen);
        let server = Server::start(chosen.clone());
        let running = &server.running;
        // Whenever it is opened again, it is where it was.
        chosen.bank_listen = running.bank_address;
        chosen.ca_listen = running.ca_address;
        chosen.bank_origin.clone_from(&running.bank_origin);
        chosen.ca_origin.clone_from(&running.ca_origin);
        Self {
            server,
            options: chosen,
            folder,
        }
    }

    /// The same bank after its CAs got new keys, at the same places.
    ///
    /// # Panics
    /// If it cannot serve again.
    #[must_use]
    pub fn rolled_over(self, what: RollOver) -> Self {
        self.server.close();
        reference_bank::roll_over(&state(&self.folder), what).expect("its folder can be written");
        Self {
            server: Server::start(self.options.clone()),
            ..self
        }
    }

    /// Issues a certificate over the counter: for a public key (SPKI, DER), `days` left.
    ///
    /// # Panics
    /// If the bank has no such user.
    #[must_use]
    pub fn certify(&self, user: &str, public_key: &[u8], days: i64) -> IssuedCertificate {
        self.server
            .running
            .issue(&Order {
                user,
                public_key,
                validity: Validity::Days(days),
            })
            .expect("the bank issues")
    }

    /// The serial number of the newest login of a user that the TLS log has, with its status.
    ///
    /// # Panics
    /// If the log cannot be read.
    #[must_use]
    pub fn last_login(&self, user: &str) -> Option<(String, u16)> {
        let log = self.server.running.tls_log().expect("the log can be read");
        let entry = log
            .into_iter()
            .rfind(|entry| entry.user.as_deref() == Some(user))?;
        Some((entry.serial?, entry.status))
    }

    /// curl's arguments that lead the bank's two names to this bank.
    #[must_use]
    pub fn directions(&self) -> [String; 4] {
        let resolve = |origin: &str, address: std::net::SocketAddr| {
            let host = origin.trim_start_matches("https://");
            format!("{host}:{}", address.ip())
        };
        [
            "--resolve".to_owned(),
            resolve(&self.bank_origin, self.bank_address),
            "--resolve".to_owned(),
            resolve(&self.ca_origin, self.ca_address),
        ]
    }
}

/// The bank's state folder.
fn state(folder: &TempDir) -> PathBuf {
    folder.path().join("bank")
}

/// A profile of the bank's that wants keys of one type, e.g. `rsa-3072`.
///
/// # Panics
/// If the profile names no types.
#[must_use]
pub fn wanting(key_type: &str, profile: &str) -> String {
    let types = profile.lines().find(|line| line.starts_with("key-types"));
    let types = types.expect("the profile names the types of keys");
    profile.replace(types, &format!("key-types = [\"{key_type}\"]"))
}

impl Deref for OpenBank {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.server.running
    }
}

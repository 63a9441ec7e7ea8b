//! The reference bank in this process, on free ports, with a state folder of its own.

use std::ops::Deref;

use reference_bank::{Bank, IssuedCertificate, Options, Order, Running, Validity};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// A bank that serves until the value is dropped.
pub struct OpenBank {
    running: Running,
    _folder: TempDir,
    // After the bank, which needs it to stop.
    _runtime: Runtime,
}

impl OpenBank {
    /// Opens a new bank; `options` may change how it runs.
    ///
    /// # Panics
    /// If it cannot serve.
    #[must_use]
    pub fn with(options: impl FnOnce(&mut Options)) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let state = folder.path().join("bank");
        Bank::init(&state).expect("the folder is empty");
        let mut chosen = Options::new(&state);
        options(&mut chosen);
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a thread can be started");
        let running = runtime.block_on(Bank::start(chosen)).expect("the bank serves");
        Self {
            running,
            _folder: folder,
            _runtime: runtime,
        }
    }

    /// Issues a certificate over the counter: for a public key (SPKI, DER), `days` left.
    ///
    /// # Panics
    /// If the bank has no such user.
    #[must_use]
    pub fn certify(&self, user: &str, public_key: &[u8], days: i64) -> IssuedCertificate {
        self.running
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
        let log = self.running.tls_log().expect("the log can be read");
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

impl Deref for OpenBank {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.running
    }
}

//! The reference bank as a process of its own, which can be killed and started again.

use std::{
    io::{BufRead as _, BufReader},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use reference_bank::Policy;
use serde_json::Value;

use crate::programs;

/// Where the sites listen, on the bank's address.
const BANK_PORT: u16 = 8443;
const CA_PORT: u16 = 8444;

/// A bank on an address of its own; ended with the value.
pub struct BankProcess {
    state: PathBuf,
    address: Ipv4Addr,
    child: Child,
    /// The file with the certificate that a browser must trust, PEM.
    pub server_ca: PathBuf,
}

impl BankProcess {
    /// Serves a state folder on a loopback address that nobody else uses.
    ///
    /// # Panics
    /// If it does not.
    #[must_use]
    pub fn serve(state: &Path, address: Ipv4Addr) -> Self {
        let (child, server_ca) = serve(state, address);
        Self {
            state: state.to_owned(),
            address,
            child,
            server_ca,
        }
    }

    /// The banking site's origin.
    #[must_use]
    pub fn bank_origin(&self) -> String {
        format!("https://bank.example:{BANK_PORT}")
    }

    /// The CA site's origin.
    #[must_use]
    pub fn ca_origin(&self) -> String {
        format!("https://ca.example:{CA_PORT}")
    }

    /// The state folder, which the library `reference_bank` reads and writes while this serves.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// Koshin's profile for it.
    ///
    /// # Panics
    /// If the folder holds no bank.
    #[must_use]
    pub fn profile(&self) -> String {
        let origins = (self.bank_origin(), self.ca_origin());
        reference_bank::profile(&self.state, &Policy::default(), &origins.0, &origins.1)
            .expect("the folder holds a bank")
    }

    /// curl's arguments that lead the bank's two names to it.
    #[must_use]
    pub fn directions(&self) -> [String; 4] {
        let resolve = |host: &str, port: u16| format!("{host}:{port}:{}", self.address);
        let option = || "--resolve".to_owned();
        [
            option(),
            resolve("bank.example", BANK_PORT),
            option(),
            resolve("ca.example", CA_PORT),
        ]
    }

    /// Its process.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it without a chance to do anything; answers whether it was running.
    ///
    /// # Panics
    /// If it cannot be waited for.
    pub fn kill(&mut self) -> bool {
        let was_running = matches!(self.child.try_wait(), Ok(None));
        // It may have ended by itself.
        let _ = self.child.kill();
        self.child.wait().expect("it is our child");
        was_running
    }

    /// Serves again, if it does not.
    ///
    /// # Panics
    /// If it does not.
    pub fn revive(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            self.child = serve(&self.state, self.address).0;
        }
    }
}

impl Drop for BankProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

fn serve(state: &Path, address: Ipv4Addr) -> (Child, PathBuf) {
    let mut child = Command::new(programs::built("reference-bank"))
        .arg("serve")
        .arg("--state")
        .arg(state)
        .args(["--bank-listen", &format!("{address}:{BANK_PORT}")])
        .args(["--ca-listen", &format!("{address}:{CA_PORT}")])
        .args([
            "--bank-origin",
            &format!("https://bank.example:{BANK_PORT}"),
        ])
        .args(["--ca-origin", &format!("https://ca.example:{CA_PORT}")])
        .env("RUST_LOG", "off")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("reference-bank was built");
    let mut line = String::new();
    let out = child.stdout.take().expect("it was asked to be piped");
    BufReader::new(out)
        .read_line(&mut line)
        .expect("it is text");
    let told: Value = serde_json::from_str(&line).expect("the bank serves");
    let server_ca = told["server_ca"].as_str().expect("the bank names it");
    (child, server_ca.into())
}

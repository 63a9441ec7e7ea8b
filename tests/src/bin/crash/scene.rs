//! A scene for one case: copies of a token and a bank that were prepared once, and an agent.

use std::{
    fs,
    net::Ipv4Addr,
    os::unix::{fs::symlink, process::ExitStatusExt as _},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use reference_bank::{Bank, Order, Validity};
use tempfile::TempDir;
use tests::{
    Agent, BankProcess, Faults, Home, Token, bank, programs,
    scene::{ADMINISTRATOR, TOKEN, USER},
    token::{PIN, copy_folder},
};

use crate::plan::{Family, Flow};

/// What all cases of a family and a flow begin with.
pub(crate) struct Stage {
    /// The kind of keys.
    pub(crate) family: Family,
    /// What is done.
    pub(crate) flow: Flow,
    token: Token,
    bank: TempDir,
}

/// The days that the certificates have left.
const DAYS_LEFT: i64 = 20;

impl Stage {
    /// Makes the token and the bank: the administrator's certificate is due, and so is the user's,
    /// who has none where one is to be acquired.
    pub(crate) fn set_up(family: Family, flow: Flow) -> Self {
        let token = Token::new(TOKEN);
        let bank = TempDir::new().expect("a temporary folder can be made");
        let state = bank.path().join("bank");
        Bank::init(&state).expect("the folder is empty");
        for (user, key) in [(ADMINISTRATOR, "01"), (USER, "02")] {
            if user == USER && flow == Flow::Acquire {
                continue;
            }
            let public_key = token.generate(family.of_pkcs11_tool(), key, user);
            let order = Order {
                user,
                public_key: &public_key,
                validity: Validity::Days(DAYS_LEFT),
            };
            let issued = reference_bank::issue(&state, &order).expect("the bank issues");
            token.write_certificate(&issued.der, key, user);
        }
        Self {
            family,
            flow,
            token,
            bank,
        }
    }
}

/// Everything of one case; gone with the value.
pub(crate) struct Scene {
    /// The agent, unless it was killed.
    pub(crate) agent: Option<Agent>,
    /// The bank.
    pub(crate) bank: BankProcess,
    /// The token.
    pub(crate) token: Token,
    /// The home.
    pub(crate) home: Home,
    /// What goes wrong with the token's module.
    pub(crate) faults: Faults,
    /// What is done.
    pub(crate) flow: Flow,
    _state: TempDir,
}

impl Scene {
    /// A fresh copy of the stage, with the agent running.
    pub(crate) fn on(stage: &Stage) -> Self {
        let token = stage.token.copy();
        let state = TempDir::new().expect("a temporary folder can be made");
        copy_folder(stage.bank.path(), state.path());
        let bank = BankProcess::serve(&state.path().join("bank"), free_address());
        let home = Home::empty();
        let person = home.path("quick");
        fs::create_dir(&person).expect("the folder is new");
        fs::write(person.join("pin"), PIN).expect("the folder can be written");
        let pinentry = person.join("quick-pinentry");
        symlink(programs::built("quick-pinentry"), &pinentry).expect("the folder can be written");
        home.set_pinentry(&pinentry);
        let faults = Faults::on(&token, &home);
        let profile = bank::wanting(stage.family.of_profile(), &bank.profile());
        home.install_profile("mihon", &profile);
        let mut scene = Self {
            agent: None,
            bank,
            token,
            home,
            faults,
            flow: stage.flow,
            _state: state,
        };
        scene.restart();
        scene
    }

    /// Kills the agent, where it runs, and starts another one.
    pub(crate) fn restart(&mut self) {
        self.kill_agent();
        let folder = self.faults.folder();
        let mut command = self.home.koshin(&["run"]);
        command
            .env("LD_PRELOAD", full_disk())
            .env("FULL_DISK", folder.join("full"))
            .env("FULL_DISK_BELOW", self.home.path("state"))
            .env("FULL_DISK_REFUSED", folder.join("refused"));
        self.agent = Some(Agent::start_with(&mut command));
    }

    /// Kills the agent; answers whether it was running.
    pub(crate) fn kill_agent(&mut self) -> bool {
        let Some(mut agent) = self.agent.take() else {
            return false;
        };
        let was_running = agent.status().is_none();
        agent.kill();
        was_running
    }

    /// Whether the agent was ended by SIGKILL, or is being.
    pub(crate) fn agent_was_killed(&mut self) -> bool {
        const SIGKILL: i32 = 9;
        let agent = self.agent.as_mut();
        agent.is_some_and(|agent| agent.wait().signal() == Some(SIGKILL))
    }

    /// Whether a write was refused because the disk is full.
    pub(crate) fn disk_refused(&self) -> bool {
        self.faults.folder().join("refused").exists()
    }

    /// What the agent has logged.
    pub(crate) fn log(&self) -> String {
        let log = self.agent.as_ref().map(Agent::log);
        log.unwrap_or_else(|| "the agent was killed".to_owned())
    }

    /// The counter gives the user a one-time code, which the person types from now on.
    pub(crate) fn give_code(&self) {
        let code = reference_bank::code(self.bank.state(), USER).expect("there is this user");
        fs::write(self.home.path("quick/code"), code.text.as_str())
            .expect("the folder can be written");
    }
}

fn full_disk() -> PathBuf {
    let path = programs::built("libfull_disk.so");
    assert!(path.exists(), "cargo build -p full-disk");
    path
}

/// A loopback address that no other bank of this machine's crash tests has.
fn free_address() -> Ipv4Addr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let [_, _, high, low] = process::id().to_be_bytes();
    // 127.64.0.0/10, by the process, and 64 at a time.
    let slot = u8::try_from(number % 64).expect("less than 64");
    Ipv4Addr::new(127, 64 | slot, high, low)
}

/// Moves a pulled token back, if it was pulled.
pub(crate) fn put_back(token: &Token) {
    if Path::new(&token.files()).with_extension("pulled").exists() {
        token.put_back();
    }
}

//! A SoftHSM2 token in a temporary folder, and the programs that judge it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use pkcs11_bridge::{Lease, ModuleSpec, NewKey, Pin, TokenError, TokenUri, WorkerLauncher};
use tempfile::TempDir;
use zeroize::Zeroizing;

pub(crate) const PIN: &str = "0123";
const INSTALL: &str = "missing; install it: apt-get install softhsm2 opensc openssl";

/// Which part of a test this process plays.
const ROLE: &str = "TEST_ROLE";

/// Whether this process was started by a test to play a part of it.
pub(crate) fn plays(role: &str) -> bool {
    std::env::var(ROLE).is_ok_and(|played| played == role)
}

/// This test program again, to play a part of the test of this name.
pub(crate) fn player(role: &str, test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([test, "--exact", "--nocapture"])
        .env(ROLE, role)
        .stdout(Stdio::null());
    command
}

/// Starts this test program again, told to run nothing but its worker. The module's
/// environment tells it to play that part.
pub(crate) fn launcher() -> WorkerLauncher {
    WorkerLauncher {
        program: std::env::current_exe().unwrap(),
        arguments: ["token_worker", "--exact", "--nocapture"]
            .map(Into::into)
            .to_vec(),
    }
}

/// SoftHSM2 with a folder of tokens of its own.
pub(crate) struct SoftHsm {
    pub(crate) folder: TempDir,
    pub(crate) module: ModuleSpec,
}

impl SoftHsm {
    /// With one token of this label.
    pub(crate) fn with_token(label: &str) -> Self {
        let hsm = Self::empty();
        hsm.add_token(label);
        hsm
    }

    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tokens = folder.path().join("tokens");
        fs::create_dir(&tokens).unwrap();
        let configuration = folder.path().join("softhsm2.conf");
        let text = format!("directories.tokendir = {}\n", tokens.display());
        fs::write(&configuration, text).unwrap();
        let configuration = configuration.to_str().unwrap().to_owned();
        let module = ModuleSpec {
            name: "softhsm".to_owned(),
            path: library(),
            environment: environment(configuration),
            reserved: None,
            time_limit: ModuleSpec::TIME_LIMIT,
        };
        Self { folder, module }
    }

    pub(crate) fn add_token(&self, label: &str) {
        let arguments = ["--init-token", "--free", "--so-pin", "4567", "--pin", PIN];
        self.run(
            "softhsm2-util",
            &[&arguments[..], &["--label", label]].concat(),
        );
    }

    pub(crate) fn locks(&self) -> PathBuf {
        self.folder.path().join("locks")
    }

    /// A lease on the token of this label.
    pub(crate) async fn try_lease(&self, label: &str) -> Result<Lease, TokenError> {
        let uri = TokenUri {
            token: Some(label.to_owned()),
            ..TokenUri::default()
        };
        Lease::open(&launcher(), &self.module, &uri, &self.locks()).await
    }

    /// A lease that is logged in.
    pub(crate) async fn lease(&self, label: &str) -> Lease {
        let mut lease = self.try_lease(label).await.unwrap();
        lease.login(&pin(PIN)).await.unwrap();
        lease
    }

    /// What pkcs11-tool says, logged in.
    pub(crate) fn pkcs11_tool(&self, label: &str, arguments: &[&str]) -> String {
        let module = library();
        let common = [
            "--module",
            module.to_str().unwrap(),
            "--token-label",
            label,
            "--login",
            "--pin",
            PIN,
        ];
        self.run("pkcs11-tool", &[&common[..], arguments].concat())
    }

    /// What a program says on standard output, with this SoftHSM2 in its environment.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> String {
        let output = Command::new(program)
            .args(arguments)
            .envs(&self.module.environment)
            .output()
            .unwrap_or_else(|error| panic!("{program}: {error}; {INSTALL}"));
        assert!(
            output.status.success(),
            "{program} {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// The environment of a worker that loads SoftHSM2.
pub(crate) fn environment(configuration: String) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("SOFTHSM2_CONF".to_owned(), configuration),
        (ROLE.to_owned(), "worker".to_owned()),
    ])
}

pub(crate) fn pin(digits: &str) -> Pin {
    Pin::new(Zeroizing::new(digits.to_owned()))
}

pub(crate) fn new_key(key_type: &str, id: u8, label: &str) -> NewKey {
    NewKey {
        key_type: key_type.parse().unwrap(),
        id: [id; 16],
        label: label.to_owned(),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where distributions install SoftHSM2's module.
pub(crate) fn library() -> PathBuf {
    [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so",
        "/usr/lib64/softhsm/libsofthsm.so",
        "/usr/lib/pkcs11/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so",
        "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    ]
    .into_iter()
    .map(Path::new)
    .find(|path| path.exists())
    .unwrap_or_else(|| panic!("libsofthsm2.so is {INSTALL}"))
    .to_owned()
}

/// OpenSC's module that prints every call and passes it on.
pub(crate) fn spy() -> PathBuf {
    [
        "/usr/lib/x86_64-linux-gnu/pkcs11/pkcs11-spy.so",
        "/usr/lib/aarch64-linux-gnu/pkcs11/pkcs11-spy.so",
        "/usr/lib64/pkcs11/pkcs11-spy.so",
        "/usr/lib/pkcs11/pkcs11-spy.so",
        "/usr/lib/pkcs11-spy.so",
    ]
    .into_iter()
    .map(Path::new)
    .find(|path| path.exists())
    .unwrap_or_else(|| panic!("pkcs11-spy.so is {INSTALL}"))
    .to_owned()
}

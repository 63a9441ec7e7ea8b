//! A SoftHSM2 token in a folder of its own, made and read by other programs than Koshin.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::programs::{self, Ran};

/// The PIN of every test token: none like it stands in a log by chance.
pub const PIN: &str = "73190462";

/// The login words say that this is not the PIN.
pub const WRONG_PIN: &str = "00000000";

const SO_PIN: &str = "8462519073";

/// A token with its own SoftHSM2 configuration; gone with the value.
pub struct Token {
    folder: TempDir,
    /// Its label.
    pub label: String,
}

impl Token {
    /// Initialises a token.
    ///
    /// # Panics
    /// If SoftHSM2 is not installed or refuses.
    #[must_use]
    pub fn new(label: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let tokens = folder.path().join("tokens");
        fs::create_dir(&tokens).expect("the folder is new");
        let settings = include_str!("../../softhsm-config/softhsm2.conf").replace(
            "@TOKENS@",
            tokens.to_str().expect("temporary paths are UTF-8"),
        );
        let token = Self {
            folder,
            label: label.to_owned(),
        };
        fs::write(token.settings(), settings).expect("the folder can be written");
        let mut command = Command::new("softhsm2-util");
        command
            .args(["--init-token", "--free", "--label", label])
            .args(["--so-pin", SO_PIN, "--pin", PIN])
            .env("SOFTHSM2_CONF", token.settings());
        programs::run(&mut command);
        token
    }

    /// A token with the same content, in a folder of its own: what a scene that is set up once and
    /// used often begins with. A module that has this one open must not be writing to it.
    ///
    /// # Panics
    /// If it cannot be copied.
    #[must_use]
    pub fn copy(&self) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let copy = Self {
            folder,
            label: self.label.clone(),
        };
        copy_folder(&self.files(), &copy.files());
        let settings = fs::read_to_string(self.settings()).expect("the token has settings");
        let (from, to) = (self.files(), copy.files());
        let [from, to] = [from, to].map(|path| path.display().to_string());
        fs::write(copy.settings(), settings.replace(&from, &to)).expect("the folder is new");
        copy
    }

    /// SoftHSM2's library.
    ///
    /// # Panics
    /// If it is not installed.
    #[must_use]
    pub fn module() -> PathBuf {
        [
            "/usr/lib/softhsm",
            "/usr/lib64/softhsm",
            "/usr/lib64/pkcs11",
        ]
        .iter()
        .map(|folder| Path::new(folder).join("libsofthsm2.so"))
        .find(|path| path.exists())
        .expect("SoftHSM2 is missing\nhint: apt-get install softhsm2 (or: make install)")
    }

    /// The file that the environment variable `SOFTHSM2_CONF` must name.
    #[must_use]
    pub fn settings(&self) -> PathBuf {
        self.folder.path().join("softhsm2.conf")
    }

    /// The folder with the token's files, which is the token: where it is moved away, the token
    /// is pulled.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        self.folder.path().join("tokens")
    }

    /// Makes a key pair on the token and answers its public key (SPKI, DER).
    ///
    /// `kind` is pkcs11-tool's name for the type, e.g. `EC:prime256v1`; `id` is hexadecimal.
    ///
    /// # Panics
    /// If the token refuses.
    #[must_use]
    pub fn generate(&self, kind: &str, id: &str, label: &str) -> Vec<u8> {
        self.tool(&[
            "--keypairgen",
            "--key-type",
            kind,
            "--id",
            id,
            "--label",
            label,
        ]);
        self.public_key(id)
    }

    /// The public key under an id (hexadecimal): SPKI, DER.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn public_key(&self, id: &str) -> Vec<u8> {
        let listing = self.tool(&["--list-objects", "--type", "pubkey"]);
        if let Some(key) = edwards_key(&listing.text(), id) {
            return key;
        }
        // pkcs11-tool of OpenSC 0.23 does not write P-384 keys.
        let mut command = Command::new("openssl");
        command
            .args(["pkey", "-engine", "pkcs11", "-inform", "engine", "-in"])
            .arg(self.uri(id, "public"))
            .args(["-pubout", "-outform", "DER"])
            .env("SOFTHSM2_CONF", self.settings())
            .env("PKCS11_MODULE_PATH", Self::module());
        programs::run(&mut command).stdout
    }

    /// The URI (RFC 7512) of an object of this kind (`cert`, `private`, `public`).
    #[must_use]
    pub fn uri(&self, id: &str, kind: &str) -> String {
        let percent: String = id
            .as_bytes()
            .chunks(2)
            .map(|byte| format!("%{}", String::from_utf8_lossy(byte)))
            .collect();
        let pin = if kind == "cert" {
            String::new()
        } else {
            format!(";pin-value={PIN}")
        };
        format!("pkcs11:token={};id={percent};type={kind}{pin}", self.label)
    }

    /// Writes a certificate (DER) under an id.
    ///
    /// # Panics
    /// If the token refuses.
    pub fn write_certificate(&self, der: &[u8], id: &str, label: &str) {
        let file = self.folder.path().join(format!("{label}-{id}.der"));
        fs::write(&file, der).expect("the folder can be written");
        let path = file.to_str().expect("temporary paths are UTF-8");
        self.tool(&[
            "--write-object",
            path,
            "--type",
            "cert",
            "--id",
            id,
            "--label",
            label,
        ]);
    }

    /// Reads a certificate (DER).
    ///
    /// # Panics
    /// If it is not there.
    #[must_use]
    pub fn certificate(&self, id: &str) -> Vec<u8> {
        self.tool(&["--read-object", "--type", "cert", "--id", id])
            .stdout
    }

    /// What pkcs11-tool finds after a login.
    ///
    /// # Panics
    /// If the token cannot be read.
    #[must_use]
    pub fn objects(&self) -> Vec<Object> {
        Object::parse(&self.tool(&["--list-objects"]).text())
    }

    /// What pkcs11-tool says of the slots without a login, e.g. `user PIN count low`.
    ///
    /// # Panics
    /// If it fails or is not installed.
    #[must_use]
    pub fn slots(&self) -> String {
        let mut command = Command::new("pkcs11-tool");
        command
            .arg("--module")
            .arg(Self::module())
            .arg("--list-token-slots")
            .env("SOFTHSM2_CONF", self.settings());
        programs::run(&mut command).text()
    }

    /// Puts a token back that was pulled by a fault.
    ///
    /// # Panics
    /// If it was not pulled.
    pub fn put_back(&self) {
        let tokens = self.files();
        fs::remove_dir_all(&tokens).expect("an empty folder stands in its place");
        fs::rename(tokens.with_extension("pulled"), tokens).expect("the token was pulled");
    }

    /// pkcs11-tool on this token, logged in; it must succeed.
    ///
    /// # Panics
    /// If it fails or is not installed.
    pub fn tool(&self, arguments: &[&str]) -> Ran {
        // SoftHSM2 leaves a token out when one of its files vanishes while they are being read:
        // another program is just removing an object. The next look finds it.
        const LOOKS: u32 = 20;
        let mut command = self.tool_command(arguments);
        let mut ran = programs::try_run(&mut command);
        for _ in 1..LOOKS {
            if !ran.stderr.contains("No slot with token named") {
                break;
            }
            ran = programs::try_run(&mut command);
        }
        let files =
            || programs::try_run(Command::new("ls").arg("-lR").arg(self.folder.path())).text();
        assert_eq!(
            ran.status,
            Some(0),
            "{command:?}: {}\n{}",
            ran.stderr,
            files()
        );
        ran
    }

    fn tool_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("pkcs11-tool");
        command
            .arg("--module")
            .arg(Self::module())
            .args(["--token-label", &self.label, "--login", "--pin", PIN])
            .args(arguments)
            .env("SOFTHSM2_CONF", self.settings());
        command
    }
}

/// Copies a folder with all that is in it to a place where nothing is.
///
/// # Panics
/// If it cannot be copied.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the place is free");
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("the file can be copied");
        }
    }
}

/// The SPKI of an Ed25519 key under an id, of pkcs11-tool's listing, because openssl's engine reads
/// none: the point, wrapped in an OCTET STRING there, behind RFC 8410's fixed beginning.
fn edwards_key(listing: &str, id: &str) -> Option<Vec<u8>> {
    let beginning = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
    let value = |object: &str, name: &str| -> Option<String> {
        let value = object
            .lines()
            .find_map(|line| line.trim().strip_prefix(name))?;
        Some(value.trim().to_owned())
    };
    let object = listing
        .split("Public Key Object; ")
        .filter(|object| object.starts_with("EC_EDWARDS"))
        .find(|object| value(object, "ID:").is_some_and(|found| found == id))?;
    let point = value(object, "EC_POINT:")?;
    Some([&beginning[..], &bytes(point.strip_prefix("0420")?)?].concat())
}

/// Bytes of hexadecimal digits.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok())
        .collect()
}

/// An object as pkcs11-tool describes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// `Private Key Object`, `Public Key Object` or `Certificate Object`.
    pub class: String,
    /// Its id, lower-case hexadecimal.
    pub id: String,
    /// Its label.
    pub label: String,
    /// For keys, e.g. `sensitive, always sensitive, never extractable, local`.
    pub access: String,
    /// For certificates, the serial number in lower-case hexadecimal.
    pub serial: String,
}

impl Object {
    fn parse(listing: &str) -> Vec<Self> {
        let mut objects: Vec<Self> = Vec::new();
        for line in listing.lines() {
            if !line.starts_with(' ') {
                let class = line.split(';').next().unwrap_or_default().trim();
                objects.push(Self {
                    class: class.to_owned(),
                    id: String::new(),
                    label: String::new(),
                    access: String::new(),
                    serial: String::new(),
                });
            } else if let (Some(object), Some((name, value))) =
                (objects.last_mut(), line.trim().split_once(':'))
            {
                let value = value.trim().to_owned();
                match name {
                    "ID" => object.id = value.to_ascii_lowercase(),
                    "label" => object.label = value,
                    "Access" => object.access = value,
                    "serial" => object.serial = value.to_ascii_lowercase(),
                    _ => {}
                }
            }
        }
        objects
            .retain(|object| object.class.ends_with("Object") || object.class.contains(" Object"));
        objects.sort();
        objects
    }
}

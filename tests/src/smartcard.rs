//! A smart-card service of a test's own, with a virtual reader (vsmartcard's vpcd) and a card that
//! can do nothing but be there.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{Shutdown, TcpStream},
    os::{fd::OwnedFd, unix::net::UnixListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
};

use tempfile::TempDir;

use crate::agent::free_ports;

/// The reader's name, as programs see it (PC/SC adds numbers).
pub const READER: &str = "Koshin Virtual Reader";

/// A card's answer to reset (ISO/IEC 7816-3): direct convention, no historical bytes.
const ANSWER_TO_RESET: &[u8] = &[0x3b, 0x00];

/// A smart-card service; ended with the value.
pub struct SmartCards {
    folder: TempDir,
    service: Option<Child>,
    port: u16,
}

impl SmartCards {
    /// A service that does not run yet.
    ///
    /// # Panics
    /// If the folder cannot be made.
    #[must_use]
    pub fn stopped() -> Self {
        Self {
            folder: TempDir::new().expect("a temporary folder can be made"),
            service: None,
            // Its second slot takes the next one.
            port: free_ports(2),
        }
    }

    /// A service that runs, with an empty reader.
    ///
    /// # Panics
    /// If it does not start.
    #[must_use]
    pub fn running() -> Self {
        let mut service = Self::stopped();
        service.start();
        service
    }

    /// Where it listens: what `PCSCLITE_CSOCK_NAME` must say.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("pcscd.comm")
    }

    /// Starts it, as systemd would: with a socket that is there already, which is also what lets
    /// several run on one machine.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start(&mut self) {
        let readers = self.folder.path().join("readers");
        fs::create_dir_all(&readers).expect("the folder can be written");
        let reader = format!(
            "FRIENDLYNAME \"{READER}\"\nDEVICENAME /dev/null:0x{port:X}\n\
             LIBPATH {driver}\nCHANNELID 0x{port:X}\n",
            port = self.port,
            driver = driver().display(),
        );
        fs::write(readers.join("virtual"), reader).expect("the folder can be written");
        let listener = UnixListener::bind(self.socket()).expect("nothing listens there");
        let command =
            "LISTEN_FDS=1 LISTEN_PID=$$ exec /usr/sbin/pcscd --foreground --config \"$0\" 3<&0 <&-";
        // It wants a folder below /run: whoever is not root has a /run of its own for it.
        let mut shell = if rustix::process::geteuid().is_root() {
            Command::new("sh")
        } else {
            let own = "mount -t tmpfs run /run && exec sh \"$@\"";
            let mut unshare = Command::new("unshare");
            unshare.args([
                "--user",
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                own,
                "sh",
            ]);
            unshare
        };
        let service = shell
            .args(["-c", command])
            .arg(readers)
            .stdin(OwnedFd::from(listener))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.service = Some(service.expect("there is a shell"));
    }

    /// Ends it, and takes its socket away.
    ///
    /// # Panics
    /// If it cannot be waited for.
    pub fn stop(&mut self) {
        if let Some(mut service) = self.service.take() {
            let _ = service.kill();
            service.wait().expect("it is our child");
        }
        let _ = fs::remove_file(self.socket());
    }

    /// Puts a card in. The reader must have been seen, or it does not listen yet.
    ///
    /// # Panics
    /// If there is no reader.
    #[must_use]
    pub fn insert(&self) -> Card {
        let reader = TcpStream::connect(("127.0.0.1", self.port)).expect("there is a reader");
        let card = reader.try_clone().expect("there are descriptors left");
        Card {
            reader,
            card: Some(thread::spawn(move || be_a_card(card))),
        }
    }
}

impl Drop for SmartCards {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A card in the reader; taken out with the value.
pub struct Card {
    reader: TcpStream,
    card: Option<JoinHandle<()>>,
}

impl Drop for Card {
    fn drop(&mut self) {
        // The service may have gone before.
        let _ = self.reader.shutdown(Shutdown::Both);
        if let Some(card) = self.card.take() {
            let _ = card.join();
        }
    }
}

/// vpcd's protocol: messages with their length before them in two bytes. Of those with one byte,
/// only the question for the answer to reset (4) is answered.
fn be_a_card(mut reader: TcpStream) {
    loop {
        let mut length = [0; 2];
        if reader.read_exact(&mut length).is_err() {
            return;
        }
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        if reader.read_exact(&mut message).is_err() {
            return;
        }
        let answer = match message.as_slice() {
            [4] => ANSWER_TO_RESET,
            [_] => continue,
            // No command is known: ISO/IEC 7816-4's "instruction not supported".
            _ => &[0x6d, 0x00],
        };
        let length = u16::try_from(answer.len()).expect("answers are short");
        let whole = [&length.to_be_bytes(), answer].concat();
        if reader.write_all(&whole).is_err() {
            return;
        }
    }
}

fn driver() -> PathBuf {
    let folder = Path::new("/usr/lib/pcsc/drivers/serial");
    let files = fs::read_dir(folder).into_iter().flatten();
    files
        .filter_map(|file| Some(file.ok()?.path()))
        .find(|path| path.to_string_lossy().contains("libifdvpcd.so"))
        .expect("the virtual reader is there: apt-get install vsmartcard-vpcd pcscd")
}

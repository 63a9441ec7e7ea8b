//! The agent `koshin` as a process of its own, in folders of its own.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{
    pinentry::Person,
    programs::{self, Ran},
    token::Token,
};

/// What a dialog needs to appear on a display, and the scripted pinentry to show a real one.
const DISPLAY_VARIABLES: &[&str] = &[
    "DISPLAY",
    "XAUTHORITY",
    "WAYLAND_DISPLAY",
    "DBUS_SESSION_BUS_ADDRESS",
    "KOSHIN_PINENTRY_SHOW",
    "KOSHIN_PINENTRY_SHOTS",
];

/// Long enough for a busy machine, and shorter than a test's patience.
const DIALOGS_STAY: &str = "timeout = \"2m\"";

/// A user's home: settings, profiles, state and the person who sits there.
pub struct Home {
    folder: TempDir,
    /// Who answers the agent's dialogs, unless another pinentry was chosen.
    pub person: Person,
    /// Environment variables that its programs get besides the usual ones.
    variables: Vec<(&'static str, OsString)>,
}

impl Home {
    /// A home with one module, that of `token`.
    ///
    /// # Panics
    /// If the folder cannot be made.
    #[must_use]
    pub fn with_token(token: &Token) -> Self {
        let home = Self::empty();
        home.add_module(token);
        home
    }

    /// A home where a person at the display answers the dialogs of `pinentry`, or, without one,
    /// where the display shows what the script answers.
    ///
    /// # Panics
    /// If the folder cannot be made.
    #[must_use]
    pub fn at_display(pinentry: Option<&Path>) -> Self {
        let mut home = Self::new(pinentry);
        home.variables = DISPLAY_VARIABLES
            .iter()
            .filter_map(|name| Some((*name, env::var_os(name)?)))
            .collect();
        home
    }

    /// A home without modules and without a display, where `pinentry` shows the dialogs.
    ///
    /// # Panics
    /// If the folder cannot be made.
    #[must_use]
    pub fn asking_by(pinentry: &str) -> Self {
        Self::new(Some(Path::new(pinentry)))
    }

    /// Adds the module of `token`, with its configuration.
    ///
    /// # Panics
    /// If the settings cannot be written.
    pub fn add_module(&self, token: &Token) {
        self.add_settings(&format!(
            "[[modules]]\nname = \"token\"\npath = \"{}\"\nenvironment = {{ SOFTHSM2_CONF = \"{}\" }}\n",
            Token::module().display(),
            token.settings().display()
        ));
    }

    /// A home without modules.
    ///
    /// # Panics
    /// If the folder cannot be made.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(None)
    }

    fn new(pinentry: Option<&Path>) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let person = Person::new(&folder.path().join("person"));
        let scripted = person.program();
        let home = Self {
            folder,
            person,
            variables: Vec::new(),
        };
        for name in ["etc/koshin/profiles", "config/koshin", "state", "run"] {
            fs::create_dir_all(home.path(name)).expect("the folder is new");
        }
        // Tests speak one language, use no module of the machine's, and fail before a person would.
        home.add_settings(&format!(
            "language = \"ja\"\np11-kit = false\n\n[prompt]\npinentry = \"{}\"\n{DIALOGS_STAY}\n\n",
            pinentry.unwrap_or(&scripted).display()
        ));
        home
    }

    /// Adds to the user's settings.
    ///
    /// # Panics
    /// If they cannot be written.
    pub fn add_settings(&self, text: &str) {
        let path = self.path("config/koshin/config.toml");
        let before = fs::read_to_string(&path).unwrap_or_default();
        fs::write(path, before + text).expect("the folder can be written");
    }

    /// Has its programs speak another language, `ja` or `en`.
    ///
    /// # Panics
    /// If the settings cannot be written.
    pub fn speak(&self, language: &str) {
        let path = self.path("config/koshin/config.toml");
        let before = fs::read_to_string(&path).expect("they were written");
        let after = before.replace("language = \"ja\"", &format!("language = \"{language}\""));
        fs::write(path, after).expect("the folder can be written");
    }

    /// Lets dialogs that nobody answers stay for this long (as in `prompt.timeout`).
    ///
    /// # Panics
    /// If the settings cannot be written.
    pub fn dialogs_stay(&self, time: &str) {
        let path = self.path("config/koshin/config.toml");
        let before = fs::read_to_string(&path).expect("they were written");
        let after = before.replace(DIALOGS_STAY, &format!("timeout = \"{time}\""));
        assert_ne!(before, after);
        fs::write(path, after).expect("the folder can be written");
    }

    /// Sets an environment variable for the home's programs.
    pub fn set(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.variables.push((name, value.into()));
    }

    /// Has another pinentry show the dialogs.
    ///
    /// # Panics
    /// If the settings cannot be written.
    pub fn set_pinentry(&self, program: &Path) {
        let path = self.path("config/koshin/config.toml");
        let before = fs::read_to_string(&path).expect("they were written");
        let after: String = before
            .lines()
            .map(|line| match line.strip_prefix("pinentry = ") {
                Some(_) => format!("pinentry = \"{}\"\n", program.display()),
                None => format!("{line}\n"),
            })
            .collect();
        fs::write(path, after).expect("the folder can be written");
    }

    /// Installs a profile, as IT would.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn install_profile(&self, name: &str, toml: &str) {
        let path = self.path(&format!("etc/koshin/profiles/{name}.toml"));
        fs::write(path, toml).expect("the folder can be written");
    }

    /// A path inside.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `koshin` with these arguments, to be run or started.
    #[must_use]
    pub fn koshin<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(programs::built("koshin"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("XDG_CONFIG_DIRS", self.path("etc"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .env("LANG", "ja_JP.UTF-8")
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs `koshin` with these arguments to its end.
    #[must_use]
    pub fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Ran {
        programs::try_run(&mut self.koshin(arguments))
    }
}

/// A running agent; ended with the value.
pub struct Agent {
    child: Child,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
    /// The port of its loopback API.
    pub port: u16,
}

impl Agent {
    /// Starts `koshin run` and waits until it listens.
    ///
    /// # Panics
    /// If it ends before.
    #[must_use]
    #[track_caller]
    pub fn start(home: &Home) -> Self {
        Self::start_with(&mut home.koshin(&["run"]))
    }

    /// As [`Agent::start`], by a command of the caller's.
    ///
    /// # Panics
    /// If it ends before it listens.
    #[must_use]
    #[track_caller]
    pub fn start_with(command: &mut Command) -> Self {
        let mut child = command
            .env("KOSHIN_LOG", "debug")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("koshin was built");
        let mut lines = BufReader::new(child.stderr.take().expect("it was asked to be piped"));
        let mut text = String::new();
        let port = loop {
            let from = text.len();
            let read = lines.read_line(&mut text).expect("the log is text");
            assert_ne!(read, 0, "the agent ended:\n{text}");
            let line = &text[from..];
            if line.contains("agent ready") {
                break port_in(line).unwrap_or_else(|| panic!("no port in {line}"));
            }
        };
        let log = Arc::new(Mutex::new(text));
        let shared = Arc::clone(&log);
        let reader = std::thread::spawn(move || {
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|length| length > 0) {
                shared
                    .lock()
                    .expect("no test panics with the log")
                    .push_str(&line);
                line.clear();
            }
        });
        Self {
            child,
            log,
            reader: Some(reader),
            port,
        }
    }

    /// Everything that it has logged so far.
    ///
    /// # Panics
    /// Never in practice.
    #[must_use]
    pub fn log(&self) -> String {
        self.log
            .lock()
            .expect("no test panics with the log")
            .clone()
    }

    /// Ends it as a service manager would, and answers its exit status and its whole log.
    ///
    /// # Panics
    /// If it cannot be waited for.
    pub fn stop(mut self) -> (Option<i32>, String) {
        self.signal(Signal::TERM);
        let status = self.child.wait().expect("it is our child");
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reader does not panic");
        }
        (status.code(), self.log())
    }

    /// Its process.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end, which somebody else brings about.
    ///
    /// # Panics
    /// If it is not our child.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("it is our child")
    }

    /// How it ended, if it has.
    ///
    /// # Panics
    /// If it is not our child.
    pub fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("it is our child")
    }

    /// Ends it without a chance to do anything, as a power cut would.
    ///
    /// # Panics
    /// If it cannot be waited for.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.child.wait().expect("it is our child");
    }

    /// Holds it, and all that it has started, as a PC that sleeps does; it goes on when the value
    /// goes.
    #[must_use]
    pub fn suspend(&self) -> Asleep {
        let mut processes = vec![Pid::from_child(&self.child)];
        let mut next = 0;
        while let Some(parent) = processes.get(next).copied() {
            let _ = kill_process(parent, Signal::STOP);
            processes.extend(children(parent));
            next += 1;
        }
        Asleep { processes }
    }

    fn signal(&self, signal: Signal) {
        // It may have ended by itself.
        let _ = kill_process(Pid::from_child(&self.child), signal);
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        let _ = self.child.wait();
    }
}

/// An agent that is held.
pub struct Asleep {
    processes: Vec<Pid>,
}

impl Drop for Asleep {
    fn drop(&mut self) {
        for process in &self.processes {
            let _ = kill_process(*process, Signal::CONT);
        }
    }
}

fn children(parent: Pid) -> Vec<Pid> {
    let parent = parent.as_raw_nonzero();
    let tasks = fs::read_dir(format!("/proc/{parent}/task"));
    tasks
        .into_iter()
        .flatten()
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("children")).ok())
        .flat_map(|children| {
            let numbers = children
                .split_whitespace()
                .filter_map(|one| one.parse().ok());
            numbers.filter_map(Pid::from_raw).collect::<Vec<_>>()
        })
        .collect()
}

/// The port of a log line: `port=47110`, or Some(47110) as Debug writes it.
fn port_in(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("port=")?;
    let digits: String = rest
        .trim_start_matches("Some(")
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

/// A port that was free a moment ago, and from which on `count` ports were.
///
/// # Panics
/// If there is no such place.
#[must_use]
pub fn free_ports(count: u16) -> u16 {
    (0..1000)
        .find_map(|_| {
            let first = TcpListener::bind(("127.0.0.1", 0))
                .ok()?
                .local_addr()
                .ok()?
                .port();
            let last = first.checked_add(count - 1)?;
            let taken: Vec<_> = (first..=last)
                .map_while(|port| TcpListener::bind(("127.0.0.1", port)).ok())
                .collect();
            (taken.len() == usize::from(count)).then_some(first)
        })
        .expect("there are free ports")
}

/// Whether anything of a file tree contains these bytes: where a PIN must not be.
///
/// # Panics
/// If a file cannot be read.
#[must_use]
pub fn files_containing(folder: &Path, needle: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            found.extend(files_containing(&path, needle));
        } else if path.is_file() {
            let content = fs::read(&path).expect("the file can be read");
            if content
                .windows(needle.len())
                .any(|window| window == needle.as_bytes())
            {
                found.push(path);
            }
        }
    }
    found
}

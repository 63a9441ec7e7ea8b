//! Programs that the tests run: the project's own, found beside the test, and independent ones
//! from Debian's packages.

use std::{
    env,
    ffi::OsStr,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

#[path = "../../agent/src/testing.rs"]
mod another_user;

/// A command that runs `program` as another user of this PC, whoever runs the tests.
///
/// # Panics
/// If the program that lends an id to an ordinary user is not installed.
#[must_use]
pub fn as_another_user(program: &str) -> Command {
    another_user::as_another_user(program)
}

/// Whether the calling test may mount file systems. For anyone but root the answer is no, and the
/// test has then run to its end in namespaces of its own, where it may.
///
/// # Panics
/// If it failed there, or the system gives ordinary users no namespaces.
#[must_use]
pub fn may_mount(test: &str) -> bool {
    if rustix::process::geteuid().is_root() {
        return true;
    }
    let mut apart = Command::new("unshare");
    apart.args(["--user", "--map-root-user", "--mount", "--"]);
    apart.arg(env::current_exe().expect("a running program has a path"));
    let ran = try_run(apart.args(["--exact", test]));
    let told = String::from_utf8_lossy(&ran.stdout);
    assert!(told.contains("1 passed"), "{told}{}", ran.stderr);
    false
}

/// A binary of the workspace, e.g. `koshin`.
///
/// # Panics
/// If it has not been built.
#[must_use]
pub fn built(name: &str) -> PathBuf {
    let mut folder = env::current_exe().expect("a running program has a path");
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    let path = folder.join(name);
    assert!(
        path.exists(),
        "{} is not there\nhint: cargo build --workspace --bins",
        path.display()
    );
    path
}

/// The library of the fault-injecting module.
///
/// # Panics
/// If it has not been built.
#[must_use]
pub fn faulty_module() -> PathBuf {
    let path = built("deps").join("libfaulty_module.so");
    assert!(path.exists(), "{} is not there", path.display());
    path
}

/// What a program printed and how it ended.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The exit status; `None` after a signal.
    pub status: Option<i32>,
    /// What it printed on stdout.
    pub stdout: Vec<u8>,
    /// What it printed on stderr.
    pub stderr: String,
}

impl Ran {
    /// Its stdout as text.
    ///
    /// # Panics
    /// If it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).expect("the program prints UTF-8")
    }
}

/// Runs a program of a Debian package to its end.
///
/// # Panics
/// If it is not installed.
pub fn try_run(command: &mut Command) -> Ran {
    finish(command.stdin(Stdio::null()).output(), command)
}

/// As [`try_run`], and the program must succeed.
///
/// # Panics
/// If it is not installed or fails.
pub fn run(command: &mut Command) -> Ran {
    let ran = try_run(command);
    assert_eq!(
        ran.status,
        Some(0),
        "{command:?}\n{}{}",
        String::from_utf8_lossy(&ran.stdout),
        ran.stderr
    );
    ran
}

/// As [`try_run`], with something to read on stdin.
///
/// # Panics
/// If it is not installed.
pub fn try_run_with_input(command: &mut Command, input: &[u8]) -> Ran {
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let output = child.and_then(|mut child| {
        let mut stdin = child.stdin.take().expect("it was asked to be piped");
        match stdin.write_all(input) {
            // A program may refuse before it has read everything.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
            _ => drop(stdin),
        }
        child.wait_with_output()
    });
    finish(output, command)
}

/// OpenSSL with these arguments and this input; it must succeed.
///
/// # Panics
/// If it is not installed or fails.
#[must_use]
pub fn openssl<A: AsRef<OsStr>>(arguments: &[A], input: &[u8]) -> Ran {
    let ran = try_run_with_input(Command::new("openssl").args(arguments), input);
    assert_eq!(ran.status, Some(0), "openssl: {}", ran.stderr);
    ran
}

fn finish(output: io::Result<Output>, command: &Command) -> Ran {
    match output {
        Ok(output) => Ran {
            status: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let name = Path::new(command.get_program()).display().to_string();
            panic!(
                "{name} is missing\nhint: apt-get install {} (or: make install)",
                package_of(&name)
            )
        }
        Err(error) => panic!("{command:?}: {error}"),
    }
}

/// The Debian package of a program, from the list that `make install` reads.
fn package_of(program: &str) -> &str {
    include_str!("../setup/packages.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(|line| {
            let mut words = line.split_whitespace();
            let package = words.next()?;
            (words.next()? == program).then_some(package)
        })
        .unwrap_or(program)
}

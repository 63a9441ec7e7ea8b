//! A pinentry whose person follows a script: for the tests and for the demo without a display.
//!
//! Its folder is its first argument, or else the folder of the link by which it is called; so
//! `prompt.pinentry` in the agent's configuration can name such a link. In the folder:
//!
//! - `answers`: what the person does, one line for each dialog to come, consumed as they come,
//!   the first one that fits the dialog: `yes`, `no`, `pin TEXT`, `forgotten` (says so, and
//!   again in the help that follows),
//!   `cancel` (closes the window), `timeout`, `hang` (until the agent takes the dialog away).
//!   `wait NAME ANSWER` first waits until somebody opens the named pipe `NAME` in the folder for
//!   writing, which succeeds once the dialog stands, and closes it. When no line is left, the
//!   window is closed. A MESSAGE is read without a line.
//! - `asked`: one JSON object for each dialog when it appears, with everything it was told; and
//!   `{"gone": PROCESS}` for one that was taken away. Never what was typed.
//! - `show`, if it is there: the path of a real pinentry that is told the same and stands on
//!   `DISPLAY` until the answer is given.
//!
//! From the agent's environment: `KOSHIN_PINENTRY_SHOW` is a path as in `show`, and into the
//! folder `KOSHIN_PINENTRY_SHOTS` goes a picture of each dialog, `dialog-NN-COMMAND.png`, once it
//! is complete and before it is answered.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fs::{self, OpenOptions},
    io::{self, Write},
    os::fd::AsFd,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    net::unix::pipe::Receiver,
    signal::unix::{Signal, SignalKind, signal},
};

const CANCELLED: &str = "ERR 83886179 Operation cancelled <Pinentry>";
const NOT_CONFIRMED: &str = "ERR 83886194 Not confirmed <Pinentry>";
const TIMED_OUT: &str = "ERR 83886142 Timeout <Pinentry>";
const FAILED: &str = "ERR 83886081 General error <Pinentry>";

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let mut person = Person {
        folder: folder()?,
        told: Vec::new(),
        agent: Agent::listen()?,
    };
    say("OK Pleased to meet you")?;
    while let Some(line) = person.agent.lines.next_line().await? {
        match line.as_str() {
            "CONFIRM" | "GETPIN" | "MESSAGE" => match person.meet(&line).await? {
                Some(reply) => say(&reply)?,
                None => {
                    person.note(&json!({ "gone": process::id() }))?;
                    break;
                }
            },
            "BYE" => {
                say("OK closing connection")?;
                break;
            }
            _ => {
                person.told.push(line);
                say("OK")?;
            }
        }
    }
    // Without this a pipe that nobody opens would be waited for.
    process::exit(0)
}

fn say(reply: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{reply}")?;
    output.flush()
}

fn folder() -> Outcome<PathBuf> {
    let mut arguments = env::args_os();
    let called = arguments.next().map(PathBuf::from);
    let folder = match arguments.next() {
        Some(folder) => Some(PathBuf::from(folder)),
        None => called.and_then(|link| link.parent().map(Path::to_owned)),
    };
    Ok(folder.ok_or("no folder is given")?)
}

/// What comes from the agent.
struct Agent {
    lines: Lines<BufReader<Receiver>>,
    terminate: Signal,
}

impl Agent {
    fn listen() -> io::Result<Self> {
        let input = Receiver::from_owned_fd(io::stdin().as_fd().try_clone_to_owned()?)?;
        Ok(Self {
            lines: BufReader::new(input).lines(),
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits until it takes the dialog away.
    async fn takes_away(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            // It says nothing more, or it is gone.
            _ = self.lines.next_line() => {}
        }
    }
}

struct Person {
    folder: PathBuf,
    /// The commands so far, as they came.
    told: Vec<String>,
    agent: Agent,
}

impl Person {
    /// Sees a dialog and answers it, unless it is taken away before.
    async fn meet(&mut self, command: &str) -> Outcome<Option<String>> {
        let texts = self.texts();
        let in_help = command == "CONFIRM" && texts.contains_key("SETNOTOK");
        let number = self.note(&asked(command, &texts))?;
        let _shown = match self.show(command, number) {
            Ok(shown) => shown,
            Err(error) => {
                fs::write(self.folder.join("show-error"), format!("{error}\n"))?;
                return Ok(Some(FAILED.to_owned()));
            }
        };
        if command == "MESSAGE" {
            return Ok(Some("OK".to_owned()));
        }
        let mut answer = self.next_answer(command, in_help)?;
        if let Some((pipe, then)) = answer
            .strip_prefix("wait ")
            .and_then(|rest| rest.split_once(' '))
        {
            let pipe = self.folder.join(pipe);
            // Opening ends when somebody else opens it for writing, reading when they close it.
            let released = tokio::task::spawn_blocking(move || {
                io::copy(&mut fs::File::open(pipe)?, &mut io::sink())
            });
            tokio::select! {
                read = released => drop(read??),
                () = self.agent.takes_away() => return Ok(None),
            }
            answer = then.to_owned();
        }
        let reply = match answer.as_str() {
            "yes" => "OK".to_owned(),
            "no" => CANCELLED.to_owned(),
            "next" => NOT_CONFIRMED.to_owned(),
            "forgotten" if in_help => NOT_CONFIRMED.to_owned(),
            "forgotten" => CANCELLED.to_owned(),
            "timeout" => TIMED_OUT.to_owned(),
            "cancel" | "" => format!("S BUTTON_INFO close\n{CANCELLED}"),
            "hang" => {
                self.agent.takes_away().await;
                return Ok(None);
            }
            typed => match typed.strip_prefix("pin ") {
                Some("") => "OK".to_owned(),
                Some(pin) => format!("D {}\nOK", encoded(pin)),
                None => return Err(format!("the script says \"{typed}\"").into()),
            },
        };
        Ok(Some(reply))
    }

    /// Takes the next line of the script that fits the dialog: renewals at once may ask in any
    /// order. Who has forgotten a PIN says so twice.
    fn next_answer(&self, command: &str, in_help: bool) -> Outcome<String> {
        let path = self.folder.join("answers");
        let plan = fs::read_to_string(&path)?;
        let mut lines: Vec<&str> = plan.lines().collect();
        let Some(at) = lines.iter().position(|line| fits(line, command, in_help)) else {
            return Ok(String::new());
        };
        let answer = lines.remove(at);
        if answer.ends_with("forgotten") && !in_help {
            lines.insert(at, "forgotten");
        }
        let rest: String = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(path, rest)?;
        Ok(answer.to_owned())
    }

    /// The texts that were set, by command; the last one counts.
    fn texts(&self) -> BTreeMap<String, String> {
        self.told
            .iter()
            .filter_map(|line| line.split_once(' '))
            .map(|(command, text)| (command.to_owned(), decoded(text)))
            .collect()
    }

    /// Adds a line to what was asked; gives its number.
    fn note(&self, line: &Value) -> io::Result<usize> {
        let path = self.folder.join("asked");
        let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
        writeln!(file, "{line}")?;
        Ok(fs::read_to_string(path)?.lines().count())
    }

    /// Shows the real thing and takes a picture of it, if wanted.
    fn show(&self, command: &str, number: usize) -> Outcome<Option<Shown>> {
        let named = fs::read_to_string(self.folder.join("show"))
            .ok()
            .map(|path| path.trim().into());
        let Some(program) = named.or_else(|| env::var_os("KOSHIN_PINENTRY_SHOW")) else {
            return Ok(None);
        };
        let mut real = Shown(
            Command::new(program)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()?,
        );
        // It stays the child's, open, for as long as the dialog stands.
        let input = real.0.stdin.as_mut().ok_or("stdin is piped")?;
        for line in &self.told {
            writeln!(input, "{line}")?;
        }
        writeln!(input, "{command}")?;
        if let Some(shots) = env::var_os("KOSHIN_PINENTRY_SHOTS") {
            fs::create_dir_all(&shots)?;
            let name = format!("dialog-{number:02}-{}.png", command.to_ascii_lowercase());
            take_picture(real.0.id(), &Path::new(&shots).join(name))?;
        }
        Ok(Some(real))
    }
}

/// Whether a line of the script is meant for a dialog: a PIN is no answer to はい or いいえ.
fn fits(line: &str, command: &str, in_help: bool) -> bool {
    let answer = match line
        .strip_prefix("wait ")
        .and_then(|rest| rest.split_once(' '))
    {
        Some((_, then)) => then,
        None => line,
    };
    match answer.split(' ').next() {
        Some("pin") => command == "GETPIN",
        Some("next") => in_help,
        Some("forgotten") => command == "GETPIN" || in_help,
        Some("yes" | "no") => command == "CONFIRM",
        _ => true,
    }
}

/// A real dialog that goes with this value.
struct Shown(Child);

impl Drop for Shown {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn take_picture(process: u32, picture: &Path) -> Outcome<()> {
    let window = loop {
        let process = process.to_string();
        let search = [
            "xdotool",
            "search",
            "--sync",
            "--onlyvisible",
            "--pid",
            &process,
        ];
        match output("timeout", &[&["20"], &search[..]].concat()) {
            // A window that goes while xdotool looks at it ends xdotool.
            Err(error) if error.to_string().contains("BadWindow") => {}
            found => break found?,
        }
    };
    let window = String::from_utf8(window)?;
    let window = window.lines().last().ok_or("the dialog has no window")?;
    // A window is there before its contents: it is complete once two pictures of it agree
    // and have more colours than an empty one.
    let mut last = Vec::new();
    for _ in 0..50 {
        let now = output("import", &["-window", window, "png:-"])?;
        fs::write(picture, &now)?;
        let path = picture.to_str().ok_or("the folder's name is not text")?;
        let colours = String::from_utf8(output("identify", &["-format", "%k", path])?)?;
        if now == last && colours.trim().parse::<u32>()? > 16 {
            return Ok(());
        }
        last = now;
    }
    Err("the dialog's window stays empty".into())
}

fn asked(command: &str, texts: &BTreeMap<String, String>) -> Value {
    let text = |name| texts.get(name).map_or("", String::as_str);
    json!({
        "command": command,
        "title": text("SETTITLE"),
        "description": text("SETDESC"),
        "prompt": text("SETPROMPT"),
        "error": text("SETERROR"),
        "ok": text("SETOK"),
        "cancel": text("SETCANCEL"),
        "notok": text("SETNOTOK"),
        "timeout": text("SETTIMEOUT"),
        "pid": process::id(),
    })
}

fn output(program: &str, arguments: &[&str]) -> Outcome<Vec<u8>> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{program}: {} {said}", output.status).into());
    }
    Ok(output.stdout)
}

fn encoded(pin: &str) -> String {
    pin.replace('%', "%25")
}

fn decoded(text: &str) -> String {
    text.replace("%0A", "\n")
        .replace("%0D", "\r")
        .replace("%25", "%")
}

//! HTTP by curl: a client that shares no code with what it talks to.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Child, ChildStderr, ChildStdout, Command, Stdio},
};

use serde::{Serialize, de::DeserializeOwned};

use crate::programs;

/// A request in the making.
pub struct Curl {
    command: Command,
    body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status; 0 when there was no answer.
    pub status: u16,
    /// curl's exit status: 0, or e.g. 52 for a connection that was closed without a byte.
    pub exit: i32,
    /// Head of the answer, names in lower case, as they came.
    pub headers: Vec<(String, String)>,
    /// Body of the answer.
    pub body: String,
}

impl Curl {
    /// A request by `method` for `url`.
    #[must_use]
    pub fn new(method: &str, url: &str) -> Self {
        let mut command = Command::new("curl");
        command
            .args([
                "--silent",
                "--show-error",
                "--max-time",
                "120",
                "--noproxy",
                "*",
            ])
            .args(["--request", method, "--dump-header", "/dev/stderr", url]);
        Self {
            command,
            body: Vec::new(),
        }
    }

    /// With a header `Name: value`.
    #[must_use]
    pub fn header(mut self, header: &str) -> Self {
        self.command.args(["--header", header]);
        self
    }

    /// With a JSON body.
    ///
    /// # Panics
    /// If the value is none of JSON's.
    #[must_use]
    pub fn json(self, body: &impl Serialize) -> Self {
        let text = serde_json::to_vec(body).expect("test messages are JSON");
        self.header("content-type: application/json").body(text)
    }

    /// With the fields of a form.
    #[must_use]
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        for (name, value) in fields {
            self.command
                .args(["--data-urlencode", &format!("{name}={value}")]);
        }
        self
    }

    /// With a body.
    #[must_use]
    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.command.args(["--data-binary", "@-"]);
        self.body = body;
        self
    }

    /// Trusting the CA of this PEM file.
    #[must_use]
    pub fn trusting(mut self, authority: &Path) -> Self {
        self.command.arg("--cacert").arg(authority);
        self
    }

    /// With other arguments of curl's.
    #[must_use]
    pub fn args<'a>(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        self.command.args(arguments);
        self
    }

    /// With an environment variable for curl.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// The program with its arguments, for a caller that reads while the answer comes.
    #[must_use]
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Sends it and reads the whole answer.
    ///
    /// # Panics
    /// If curl is not installed.
    #[must_use]
    pub fn send(mut self) -> Reply {
        let ran = programs::try_run_with_input(&mut self.command, &self.body);
        Reply::of(&ran.stderr, ran.status, &ran.stdout)
    }

    /// Begins to send it, for a caller that does something before the answer is there.
    ///
    /// # Panics
    /// If curl is not installed.
    #[must_use]
    pub fn start(mut self) -> Exchange {
        let child = self
            .command
            .arg("--verbose")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.expect("curl is installed");
        let mut stdin = child.stdin.take().expect("it was asked to be piped");
        // A curl that finds nobody to talk to does not read it.
        let _ = stdin.write_all(&self.body);
        Exchange {
            stderr: BufReader::new(child.stderr.take().expect("it was asked to be piped")),
            stdout: child.stdout.take().expect("it was asked to be piped"),
            child,
            told: String::new(),
        }
    }
}

/// A request on its way.
pub struct Exchange {
    child: Child,
    stderr: BufReader<ChildStderr>,
    stdout: ChildStdout,
    told: String,
}

impl Exchange {
    /// Waits until the request is sent; answers whether it ever was.
    pub fn is_sent(&mut self) -> bool {
        loop {
            let from = self.told.len();
            match self.stderr.read_line(&mut self.told) {
                Ok(1..) if self.told[from..].starts_with("> ") => return true,
                Ok(1..) => {}
                Ok(0) | Err(_) => return false,
            }
        }
    }

    /// Ends curl by SIGKILL, as if the browser crashed; answers whether it was running.
    pub fn kill(&mut self) -> bool {
        let was_running = matches!(self.child.try_wait(), Ok(None));
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        was_running
    }

    /// The lines of the answer's body while they come.
    pub fn lines(&mut self) -> impl Iterator<Item = String> {
        let lines = BufReader::new(&mut self.stdout).lines();
        lines.map_while(Result::ok)
    }

    /// Reads the whole answer.
    #[must_use]
    pub fn reply(mut self) -> Reply {
        let mut body = Vec::new();
        // What came before the end counts.
        let _ = self.stdout.read_to_end(&mut body);
        let _ = self.stderr.read_to_string(&mut self.told);
        let status = self.child.wait().ok().and_then(|status| status.code());
        Reply::of(&self.told, status, &body)
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Reply {
    fn of(told: &str, exit: Option<i32>, body: &[u8]) -> Self {
        let mut status = 0;
        let mut headers = Vec::new();
        for line in told.lines() {
            if let Some(rest) = line.strip_prefix("HTTP/") {
                let code = rest.split(' ').nth(1).and_then(|code| code.parse().ok());
                // After an interim answer the final one counts.
                status = code.unwrap_or(0);
                headers.clear();
            } else if let Some((name, value)) = line.split_once(": ") {
                headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Self {
            status,
            exit: exit.unwrap_or(-1),
            headers,
            body: String::from_utf8_lossy(body).into_owned(),
        }
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// If the status is another one, or the body is not what was expected.
    #[track_caller]
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self, status: u16) -> T {
        assert_eq!(self.status, status, "{}", self.body);
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}\n{}", self.body))
    }

    /// The stable code of a problem document (RFC 9457).
    ///
    /// # Panics
    /// If the answer is none.
    #[track_caller]
    #[must_use]
    pub fn problem_code(&self) -> String {
        let problem: serde_json::Value = self.json(self.status);
        let code = problem["code"].as_str();
        code.unwrap_or_else(|| panic!("no problem: {}", self.body))
            .to_owned()
    }

    /// The first header of that name (in lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

//! HTTP by curl: a client that shares no code with what it talks to.

use std::{path::Path, process::Command};

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
        let mut status = 0;
        let mut headers = Vec::new();
        for line in ran.stderr.lines() {
            if let Some(rest) = line.strip_prefix("HTTP/") {
                let code = rest.split(' ').nth(1).and_then(|code| code.parse().ok());
                // After an interim answer the final one counts.
                status = code.unwrap_or(0);
                headers.clear();
            } else if let Some((name, value)) = line.split_once(": ") {
                headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Reply {
            status,
            exit: ran.status.unwrap_or(-1),
            headers,
            body: String::from_utf8_lossy(&ran.stdout).into_owned(),
        }
    }
}

impl Reply {
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

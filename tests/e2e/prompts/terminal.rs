//! A terminal of a test's own, with a person's keys.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// A pseudo-terminal held open by script(1); it ends with this value, or by itself in two minutes,
/// so that a reader whose dialog never comes fails.
pub struct Console {
    script: Child,
    keys: ChildStdin,
    shown: BufReader<ChildStdout>,
    name: String,
}

impl Console {
    /// Opens one of 24 lines with 80 columns.
    pub fn open() -> Self {
        let mut script = Command::new("script")
            .args(["--quiet", "--flush", "--command"])
            .arg("stty rows 24 cols 80; tty; exec sleep 120")
            .arg("/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("script is missing\nhint: apt-get install bsdutils");
        let keys = script.stdin.take().expect("stdin is piped");
        let mut shown = BufReader::new(script.stdout.take().expect("stdout is piped"));
        let mut name = String::new();
        shown.read_line(&mut name).expect("tty prints text");
        Self {
            script,
            keys,
            shown,
            name: name.trim().to_owned(),
        }
    }

    /// Its device.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until the text is shown, then types keys.
    pub fn answer(&mut self, text: &str, keys: &str) {
        let mut seen = Vec::new();
        let mut byte = [0];
        while !seen.ends_with(text.as_bytes()) {
            self.shown
                .read_exact(&mut byte)
                .expect("the terminal is open");
            seen.push(byte[0]);
        }
        self.keys
            .write_all(keys.as_bytes())
            .expect("the terminal is open");
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.script.kill();
        let _ = self.script.wait();
    }
}

//! A display of a test's own, with what a person does at its dialogs.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;
use tests::programs;

/// An X server without a screen, and a window manager; they end with this value.
pub struct Screen {
    server: Child,
    manager: Child,
    display: String,
    folder: TempDir,
}

impl Screen {
    /// Starts one on the first free display number.
    pub fn start() -> Self {
        let (server, number) = start(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", "1280x1024x24"])
                .args(["-nolisten", "tcp"]),
            "Xvfb is missing\nhint: apt-get install xvfb (or: make install)",
        );
        let display = format!(":{number}");
        let (manager, _) = start(
            Command::new("openbox")
                .args(["--sm-disable", "--startup", "echo ready"])
                .env("DISPLAY", &display),
            "openbox is missing\nhint: apt-get install openbox (or: make install)",
        );
        Self {
            server,
            manager,
            display,
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// A program that starts another one on this display, with more of its environment.
    ///
    /// It is written by another process: while this one has it open for writing, a test beside
    /// this one may fork and so keep it from being run.
    pub fn program(&self, name: &str, command: &str, environment: &[(&str, &str)]) -> PathBuf {
        let path = self.folder.path().join(name);
        let mut script = format!(
            "#!/bin/sh\nexport DISPLAY={} NO_AT_BRIDGE=1\n",
            self.display
        );
        for (name, value) in environment {
            script.push_str(&format!("export {name}='{value}'\n"));
        }
        script.push_str(&format!("exec {command}\n"));
        let mut writer = Command::new("sh")
            .args(["-c", "cat > \"$0\" && chmod 700 \"$0\""])
            .arg(&path)
            .stdin(Stdio::piped())
            .spawn()
            .expect("there is a shell");
        let mut input = writer.stdin.take().expect("stdin is piped");
        input.write_all(script.as_bytes()).expect("the shell reads");
        drop(input);
        assert!(writer.wait().expect("it was started").success());
        path
    }

    /// Waits for a dialog of that title and presses keys (xdotool's names).
    pub fn press(&self, title: &str, keys: &[&str]) {
        self.wait_for(title);
        self.xdotool(&["key", "--delay", "60"], keys);
    }

    /// Waits for a dialog of that title, types a text and presses Return.
    pub fn enter(&self, title: &str, text: &str) {
        self.wait_for(title);
        self.xdotool(&["type", "--delay", "30"], &[text]);
        self.xdotool(&["key"], &["Return"]);
    }

    /// Waits for a dialog of that title and closes its window by the window manager, which
    /// overlooks a key that comes while it still arranges a new window.
    pub fn close(&self, title: &str) {
        self.wait_for(title);
        for _ in 0..100 {
            self.xdotool(&["key"], &["alt+F4"]);
            if !self.shows(title) {
                return;
            }
        }
        panic!("the window stays");
    }

    /// Waits until a dialog of that title is there and takes the keys.
    pub fn wait_for(&self, title: &str) {
        self.xdotool(
            &["search", "--sync", "--onlyvisible", "--name", title],
            &["windowactivate", "--sync"],
        );
    }

    /// Whether a dialog of that title is there now.
    pub fn shows(&self, title: &str) -> bool {
        let mut command = self.command(&["search", "--onlyvisible", "--name", title]);
        programs::try_run(&mut command).status == Some(0)
    }

    fn xdotool(&self, what: &[&str], with: &[&str]) {
        programs::run(self.command(what).args(with));
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("timeout");
        command
            .args(["30", "xdotool"])
            .args(arguments)
            .env("DISPLAY", &self.display);
        command
    }
}

/// Starts a server; gives the first line that it prints.
fn start(command: &mut Command, hint: &str) -> (Child, String) {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect(hint);
    let mut line = String::new();
    let output = child.stdout.take().expect("stdout is piped");
    BufReader::new(output)
        .read_line(&mut line)
        .expect("it prints text");
    assert!(!line.is_empty(), "{command:?} could not start");
    (child, line.trim().to_owned())
}

impl Drop for Screen {
    fn drop(&mut self) {
        for child in [&mut self.manager, &mut self.server] {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Where pictures of the dialogs are kept for people to look at.
pub fn pictures() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("dialogs")
}

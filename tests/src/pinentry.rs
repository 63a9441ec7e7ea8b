//! The person at the agent's dialogs: answers for the scripted pinentry, written beforehand.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use rustix::fs::{CWD, Mode, mkfifoat};
use serde::Deserialize;

use crate::programs;

/// What the person does at a dialog.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// はい.
    Yes,
    /// いいえ.
    No,
    /// Types this PIN.
    Pin(&'static str),
    /// 暗証番号がわからない.
    Forgotten,
    /// The button for the next of several.
    Next,
    /// Closes the dialog.
    Cancel,
    /// Does nothing until the dialog's time is up.
    TimeOut,
    /// Does nothing until the agent takes the dialog away.
    Hang,
    /// Does something once a [`Gate`] of that name opens.
    When(&'static str, &'static Answer),
}

/// What a person waits for at a dialog.
#[derive(Debug)]
pub struct Gate {
    pipe: PathBuf,
}

impl Gate {
    /// The named pipe, for whoever opens the gate from another process: opening it for writing
    /// succeeds once the dialog stands, and closing it lets the person answer.
    #[must_use]
    pub fn pipe(&self) -> &Path {
        &self.pipe
    }

    /// Waits until a dialog waits for this gate, and lets the person answer.
    ///
    /// # Panics
    /// If the pipe is gone.
    pub fn open(&self) {
        let pipe = fs::OpenOptions::new().write(true).open(&self.pipe);
        drop(pipe.expect("the pipe is there"));
    }
}

impl Answer {
    /// As the script has it.
    fn line(self) -> String {
        match self {
            Self::Yes => "yes".to_owned(),
            Self::No => "no".to_owned(),
            Self::Pin(pin) => format!("pin {pin}"),
            Self::Forgotten => "forgotten".to_owned(),
            Self::Next => "next".to_owned(),
            Self::Cancel => "cancel".to_owned(),
            Self::TimeOut => "timeout".to_owned(),
            Self::Hang => "hang".to_owned(),
            Self::When(gate, then) => format!("wait {gate} {}", then.line()),
        }
    }
}

/// A dialog that was shown.
#[derive(Clone, Debug, Deserialize)]
pub struct Asked {
    /// `CONFIRM` or `GETPIN`; nothing for a dialog that went away.
    #[serde(default)]
    pub command: String,
    /// The window's title.
    #[serde(default)]
    pub title: String,
    /// The text.
    #[serde(default)]
    pub description: String,
    /// What went wrong before, if anything.
    #[serde(default)]
    pub error: String,
    /// The process of a dialog that was taken away.
    #[serde(default)]
    pub gone: Option<u32>,
}

/// A folder with the script of one person.
#[derive(Clone, Debug)]
pub struct Person {
    folder: PathBuf,
}

impl Person {
    /// A person who has not been told anything: closes every dialog.
    ///
    /// # Panics
    /// If the folder cannot be made.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("the folder can be made");
        let person = Self {
            folder: folder.to_owned(),
        };
        fs::write(folder.join("asked"), "").expect("the folder can be written");
        person.answers(&[]);
        // By the link's place the program knows its folder.
        symlink(programs::built("scripted-pinentry"), person.program())
            .expect("the folder can be written");
        person
    }

    /// The program to name as pinentry.
    #[must_use]
    pub fn program(&self) -> PathBuf {
        self.folder.join("pinentry")
    }

    /// Answers to the dialogs to come, in their order, instead of what was planned before.
    ///
    /// # Panics
    /// If they cannot be written.
    pub fn answers(&self, answers: &[Answer]) {
        let lines: String = answers.iter().map(|answer| answer.line() + "\n").collect();
        fs::write(self.folder.join("answers"), lines).expect("the folder can be written");
    }

    /// A gate for which [`Answer::When`] waits.
    ///
    /// # Panics
    /// If there is one of that name.
    #[must_use]
    pub fn gate(&self, name: &str) -> Gate {
        let pipe = self.folder.join(name);
        mkfifoat(CWD, &pipe, Mode::RUSR | Mode::WUSR).expect("the folder can be written");
        Gate { pipe }
    }

    /// The dialogs so far.
    ///
    /// # Panics
    /// If the list cannot be read.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        let file = fs::File::open(self.folder.join("asked")).expect("the folder can be read");
        BufReader::new(file)
            .lines()
            .map_while(Result::ok)
            .map(|line| serde_json::from_str(&line).expect("the scripted pinentry writes JSON"))
            .collect()
    }
}

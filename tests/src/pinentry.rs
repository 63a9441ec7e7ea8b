//! The person at the agent's dialogs: answers for the scripted pinentry, written beforehand.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

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
    /// Closes the dialog.
    Cancel,
    /// Does nothing until the dialog's time is up.
    TimeOut,
    /// Does nothing until the agent takes the dialog away.
    Hang,
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
        let lines: String = answers
            .iter()
            .map(|answer| match answer {
                Answer::Yes => "yes\n".to_owned(),
                Answer::No => "no\n".to_owned(),
                Answer::Pin(pin) => format!("pin {pin}\n"),
                Answer::Forgotten => "forgotten\n".to_owned(),
                Answer::Cancel => "cancel\n".to_owned(),
                Answer::TimeOut => "timeout\n".to_owned(),
                Answer::Hang => "hang\n".to_owned(),
            })
            .collect();
        fs::write(self.folder.join("answers"), lines).expect("the folder can be written");
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

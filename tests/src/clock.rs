//! A clock that stands where it is told to, for a program that is run (libfaketime).

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::Home;

/// The clock of programs that were told of it.
#[derive(Clone, Debug)]
pub struct StandingClock {
    file: PathBuf,
}

impl StandingClock {
    /// A clock in this home, at these seconds of Unix time.
    ///
    /// # Panics
    /// If the home cannot be written.
    #[must_use]
    pub fn new(home: &Home, now: i64) -> Self {
        let clock = Self {
            file: home.path("clock"),
        };
        clock.set(now);
        clock
    }

    /// Sets it: at once, so that nobody reads half a time.
    ///
    /// # Panics
    /// If the home cannot be written.
    pub fn set(&self, now: i64) {
        let next = self.file.with_extension("next");
        fs::write(&next, format!("{now}\n")).expect("the home can be written");
        fs::rename(next, &self.file).expect("the home can be written");
    }

    /// Has a command, and whatever it starts, go by this clock. Time that only passes is real.
    pub fn rule<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("LD_PRELOAD", library())
            .env("FAKETIME_TIMESTAMP_FILE", &self.file)
            .env("FAKETIME_FMT", "%s")
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    }
}

fn library() -> PathBuf {
    let folders = fs::read_dir(Path::new("/usr/lib")).expect("the folder is there");
    folders
        .filter_map(|folder| Some(folder.ok()?.path().join("faketime/libfaketimeMT.so.1")))
        .find(|library| library.exists())
        .expect("libfaketime is missing\nhint: apt-get install libfaketime (or: make install)")
}

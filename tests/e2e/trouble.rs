//! What can stand in the way of a renewal: a person reads what happened, why and what to do, in
//! either language, the exit status is the right one, and everything goes on once it is gone.

mod dialogs;
mod foreign;
mod modules;
mod pages;
mod pins;
mod profiles;
mod state;

use std::process::Command;

use tests::{
    Home,
    programs::{self, Ran},
};

/// Refused, or the person is needed.
const REFUSED: i32 = 1;
/// Wrong usage or settings.
const SETTINGS: i32 = 2;
/// A fault of Koshin's own, or of its files.
const FAULT: i32 = 3;

/// What a person reads in each language besides the labels.
type Words<'w> = [(&'static str, &'w [&'w str]); 2];

/// Runs `koshin` in both languages: it fails with that status, a message and a remedy, and says
/// these words.
#[track_caller]
fn refused(home: &Home, arguments: &[&str], status: i32, words: Words<'_>) {
    refused_by(arguments, status, words, |arguments| {
        // An agent that is not refused would run for good.
        through(&["timeout", "60"], &home.koshin(arguments))
    });
}

/// Runs `koshin` by way of another program, given with its own arguments.
fn through(program: &[&str], koshin: &Command) -> Ran {
    let mut command = Command::new(program[0]);
    command
        .args(&program[1..])
        .arg(koshin.get_program())
        .args(koshin.get_args())
        .env_clear();
    for (name, value) in koshin.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    programs::try_run(&mut command)
}

/// As [`refused`], for a command that is run in another way.
#[track_caller]
fn refused_by(arguments: &[&str], status: i32, words: Words<'_>, run: impl Fn(&[&str]) -> Ran) {
    for (language, words) in words {
        let labels = match language {
            "ja" => ["エラー:", "対処:"],
            _ => ["error:", "hint:"],
        };
        let ran = run(&[&["--language", language], arguments].concat());
        assert_eq!(ran.status, Some(status), "{arguments:?}: {}", ran.stderr);
        for words in labels.iter().chain(words) {
            assert!(ran.stderr.contains(words), "no {words}: {}", ran.stderr);
        }
    }
}

//! The command line's behaviour as data: each file of `tests/e2e/cli/` is a case that anybody can
//! review. How to read one:
//!
//! ```text
//! # A remark.
//! write config/koshin/config.toml      a file of the home, with the lines below it
//! | language = "en"
//! copy demo-bank.toml download/a.toml  a file of agent/examples or its profiles, into the home
//! person yes                           what the person answers to the dialogs to come
//! $ koshin config check                a command, with its exit status and everything it prints
//! status 0
//! stdout
//! | [HOME]/config/koshin/config.toml: read
//! | ...
//! stderr
//! | something [..] anything
//! ```
//!
//! `[HOME]` stands for the home's folder, `[..]` for any part of a line, a line `...` for any
//! lines. What is not there must not be printed.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use tests::{
    Answer, Home,
    programs::{Ran, try_run},
};

macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        const CASES: &[&str] = &[$(stringify!($name)),*];
        $(
            #[test]
            fn $name() {
                run(stringify!($name));
            }
        )*
    };
}

cases![
    audit_trail,
    broken_settings,
    language_of_texts,
    profiles_in_conflict,
    profiles_of_banks,
    profiles_of_ones_own,
    settings_with_origins,
    usage,
];

#[test]
fn every_case_is_run() {
    let mut files: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    files.sort();
    assert_eq!(files, CASES);
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/cli")
}

fn run(name: &str) {
    let text = fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap();
    let home = Home::empty();
    let mut lines = text.lines().enumerate().peekable();
    let mut command: Option<Expected> = None;
    while let Some((number, line)) = lines.next() {
        let mut block = Vec::new();
        while let Some((_, line)) = lines.next_if(|(_, next)| next.starts_with('|')) {
            block.push(line[1..].strip_prefix(' ').unwrap_or(&line[1..]).to_owned());
        }
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match (word, &mut command) {
            ("" | "#", _) => {}
            ("write", _) => put(&home, rest, &(block.join("\n") + "\n")),
            ("copy", _) => {
                let (from, to) = rest.split_once(' ').unwrap();
                put(&home, to, &fs::read_to_string(example(from)).unwrap());
            }
            ("person", _) => home.person.answers(&answers(rest)),
            ("$", command) => {
                if let Some(done) = command.take() {
                    done.judge(name, &home);
                }
                *command = Some(Expected::of(&home, number + 1, rest));
            }
            ("status", Some(command)) => command.status = rest.parse().ok(),
            ("stdout", Some(command)) => command.stdout = block,
            ("stderr", Some(command)) => command.stderr = block,
            _ => panic!("{name}:{}: {line:?} is none of a case's words", number + 1),
        }
    }
    command.expect("a case has a command").judge(name, &home);
}

/// A command that ran, and what it should have said.
struct Expected {
    line: usize,
    ran: Ran,
    status: Option<i32>,
    stdout: Vec<String>,
    stderr: Vec<String>,
}

impl Expected {
    fn of(home: &Home, line: usize, words: &str) -> Self {
        let arguments = words.strip_prefix("koshin").expect("a command is koshin's");
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let mut command = home.koshin(&arguments);
        Self {
            line,
            ran: try_run(command.current_dir(home.path(""))),
            status: None,
            stdout: Vec::new(),
            stderr: Vec::new(),
        }
    }

    fn judge(&self, name: &str, home: &Home) {
        let root = home.path("");
        let root = root.to_str().unwrap().trim_end_matches('/');
        let mut wrong = String::new();
        if self.ran.status != self.status {
            let _ = writeln!(wrong, "status {:?}", self.ran.status);
        }
        let printed = [
            ("stdout", self.ran.text(), &self.stdout),
            ("stderr", self.ran.stderr.clone(), &self.stderr),
        ];
        for (stream, text, expected) in printed {
            let text = text.replace(root, "[HOME]");
            let lines: Vec<&str> = text.lines().collect();
            if !fits(expected, &lines) {
                let _ = writeln!(wrong, "{stream}");
                for line in lines {
                    let _ = writeln!(wrong, "| {line}");
                }
            }
        }
        let place = format!("{}:{}", folder().join(name).display(), self.line);
        assert!(
            wrong.is_empty(),
            "{place}: the command did this instead:\n{wrong}"
        );
    }
}

fn fits(expected: &[String], lines: &[&str]) -> bool {
    match (expected, lines) {
        ([], []) => true,
        ([any, rest @ ..], _) if any == "..." => {
            (0..=lines.len()).any(|skipped| fits(rest, &lines[skipped..]))
        }
        ([pattern, patterns @ ..], [line, lines @ ..]) => {
            fits_line(pattern, line) && fits(patterns, lines)
        }
        _ => false,
    }
}

fn fits_line(pattern: &str, line: &str) -> bool {
    match pattern.split_once("[..]") {
        None => pattern == line,
        Some((start, rest)) => line.strip_prefix(start).is_some_and(|line| {
            line.char_indices()
                .map(|(at, _)| at)
                .chain([line.len()])
                .any(|at| fits_line(rest, &line[at..]))
        }),
    }
}

fn put(home: &Home, path: &str, text: &str) {
    let path = home.path(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn example(name: &str) -> PathBuf {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../agent/examples");
    [examples.join(name), examples.join("profiles").join(name)]
        .into_iter()
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("there is no example {name}"))
}

fn answers(words: &str) -> Vec<Answer> {
    words
        .split_whitespace()
        .map(|word| match word {
            "yes" => Answer::Yes,
            "no" => Answer::No,
            "cancel" => Answer::Cancel,
            other => panic!("a person does not {other:?}"),
        })
        .collect()
}

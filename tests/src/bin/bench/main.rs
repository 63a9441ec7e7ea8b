//! `make bench`: how fast and how small Koshin is, each figure beside what it is held against,
//! measured in one run on release binaries.
//!
//! It prints a table and writes `target/bench/summary.json`. Its exit status says whether
//! everything could be measured, not whether everything was reached: that is in the table.
//!
//! Arguments choose parts (`listing`, `modules`, `renewal`, `calls`, `rest`); without one it
//! measures all.

mod listing;
mod measure;
mod modules;
mod office;
mod renewal;
mod rest;
mod setting;
mod spy;
mod supply;

use std::{
    env, fs,
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
};

use measure::{Measure, summary, table};

type Part = (&'static str, fn() -> Vec<Measure>);

const PARTS: &[Part] = &[
    ("listing", listing::measure),
    ("modules", modules::measure),
    ("renewal", renewal::measure),
    ("calls", spy::measure),
    ("rest", rest::measure),
];

/// Before the name of the one part that a process measures.
const ONE: &str = "--one";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [ONE, name] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return one(name);
    }
    if let Some(unknown) = arguments.iter().find(|name| part(name).is_none()) {
        eprintln!("error: there is no part {unknown}");
        return ExitCode::from(2);
    }
    setting::check();
    println!("load average before: {}", setting::load());
    let mut measures = Vec::new();
    let mut missing = Vec::new();
    for (name, _) in PARTS {
        if arguments.is_empty() || arguments.iter().any(|one| one == name) {
            match apart(name) {
                Some(mut found) => measures.append(&mut found),
                None => missing.push(*name),
            }
        }
    }
    print!("{}", table(&measures));
    println!("load average after: {}", setting::load());
    let path = place();
    if let Err(error) = fs::write(&path, summary(measures)) {
        eprintln!("error: could not write {}: {error}", path.display());
        return ExitCode::FAILURE;
    }
    println!("written to {}", path.display());
    if missing.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("error: could not be measured: {}", missing.join(", "));
    ExitCode::FAILURE
}

/// Measures a part in a process of its own, so that one that cannot be measured, which ends its
/// process, leaves the others.
fn apart(name: &str) -> Option<Vec<Measure>> {
    eprintln!("measuring: {name}");
    let program = env::current_exe().expect("a running program has a path");
    let output = Command::new(program)
        .args([ONE, name])
        .stderr(Stdio::inherit())
        .output()
        .expect("this program can be run");
    if !output.status.success() {
        return None;
    }
    serde_json::from_slice(&output.stdout).ok()
}

fn one(name: &str) -> ExitCode {
    let Some(measure) = part(name) else {
        return ExitCode::from(2);
    };
    let measures = serde_json::to_string(&measure()).expect("measures are plain");
    println!("{measures}");
    ExitCode::SUCCESS
}

fn part(name: &str) -> Option<fn() -> Vec<Measure>> {
    let found = PARTS.iter().find(|(part, _)| *part == name);
    found.map(|(_, measure)| *measure)
}

/// `target/bench/summary.json`, beside the folder of this program.
fn place() -> PathBuf {
    let program = env::current_exe().expect("a running program has a path");
    let target = program
        .ancestors()
        .nth(2)
        .expect("programs are built into target/PROFILE");
    let folder = target.join("bench");
    fs::create_dir_all(&folder).expect("target can be written");
    folder.join("summary.json")
}

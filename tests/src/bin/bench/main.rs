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

use std::{env, fs, path::PathBuf, process::ExitCode};

use measure::{Measure, table};

type Part = (&'static str, fn() -> Vec<Measure>);

const PARTS: &[Part] = &[
    ("listing", listing::measure),
    ("modules", modules::measure),
    ("renewal", renewal::measure),
    ("calls", spy::measure),
    ("rest", rest::measure),
];

fn main() -> ExitCode {
    let chosen: Vec<String> = env::args().skip(1).collect();
    if let Some(unknown) = chosen
        .iter()
        .find(|name| PARTS.iter().all(|(part, _)| part != name))
    {
        eprintln!("error: there is no part {unknown}");
        return ExitCode::from(2);
    }
    setting::check();
    println!("load average before: {}", setting::load());
    let mut measures = Vec::new();
    let mut missing = false;
    for (name, part) in PARTS {
        if !chosen.is_empty() && !chosen.iter().any(|one| one == name) {
            continue;
        }
        eprintln!("measuring: {name}");
        match std::panic::catch_unwind(part) {
            Ok(found) => measures.extend(found),
            // The reason stands on stderr already.
            Err(_) => missing = true,
        }
    }
    print!("{}", table(&measures));
    println!("load average after: {}", setting::load());
    let path = summary();
    let text = serde_json::to_string_pretty(&measures).expect("measures are plain");
    if let Err(error) = fs::write(&path, text + "\n") {
        eprintln!("error: could not write {}: {error}", path.display());
        return ExitCode::FAILURE;
    }
    println!("written to {}", path.display());
    if missing {
        eprintln!("error: not everything could be measured");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// `target/bench/summary.json`, beside the folder of this program.
fn summary() -> PathBuf {
    let program = env::current_exe().expect("a running program has a path");
    let target = program
        .ancestors()
        .nth(2)
        .expect("programs are built into target/PROFILE");
    let folder = target.join("bench");
    fs::create_dir_all(&folder).expect("target can be written");
    folder.join("summary.json")
}

//! Writes the man pages into a folder, from the commands themselves:
//! `cargo run -p agent --example man -- target/man` makes `man1/` and `ja/man1/`.

use clap::builder::Resettable;
use std::{env, fs, io, path::Path};

use agent::{
    cli::command,
    language::{Language, Texts},
};

fn main() -> io::Result<()> {
    let folder = env::args()
        .nth(1)
        .unwrap_or_else(|| "target/man".to_owned());
    let folder = Path::new(&folder);
    for (language, place) in [
        (Language::English, folder.join("man1")),
        (Language::Japanese, folder.join("ja/man1")),
    ] {
        fs::create_dir_all(&place)?;
        pages(&command(language), "koshin", Texts::of(language), &place)?;
    }
    Ok(())
}

/// The page of a command, and those of the commands below it.
fn pages(command: &clap::Command, name: &str, texts: &Texts, folder: &Path) -> io::Result<()> {
    let mut page = Vec::new();
    let examples = command.get_after_help().map(ToString::to_string);
    let plain = command
        .clone()
        .after_help(Resettable::Reset)
        .name(name.to_owned());
    clap_mangen::Man::new(plain).render(&mut page)?;
    let mut page = String::from_utf8(page).map_err(io::Error::other)?;
    for (heading, id) in [
        ("NAME", "cli-man-name"),
        ("SYNOPSIS", "cli-man-synopsis"),
        ("DESCRIPTION", "cli-man-description"),
        ("VERSION", "cli-man-version"),
    ] {
        let ours = format!(".SH {}\n", texts.say(id, &[]));
        page = page.replace(&format!(".SH {heading}\n"), &ours);
    }
    if let Some(examples) = examples.filter(|examples| !examples.is_empty()) {
        let heading = texts.say("cli-man-examples", &[]);
        let within = texts.say("cli-help-examples", &[]);
        let lines: String = examples
            .lines()
            .filter(|line| *line != within)
            .map(|line| format!("{}\n", escaped(line)))
            .collect();
        page += &format!(".SH {heading}\n.nf\n{lines}.fi\n");
    }
    fs::write(folder.join(format!("{name}.1")), page)?;
    for below in command
        .get_subcommands()
        .filter(|below| !below.is_hide_set())
    {
        pages(
            below,
            &format!("{name}-{}", below.get_name()),
            texts,
            folder,
        )?;
    }
    Ok(())
}

/// A line that roff prints as it is.
fn escaped(line: &str) -> String {
    let line = line.replace('\\', "\\\\").replace('-', "\\-");
    match line.chars().next() {
        Some('.' | '\'') => format!("\\&{line}"),
        _ => line,
    }
}

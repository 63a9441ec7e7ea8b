//! `koshin completions`: what a shell needs to complete Koshin's commands.

use std::io::{self, Write as _};

use clap::{Args, ValueEnum};

use crate::language::Texts;

use super::{Exit, help};

#[derive(Clone, Debug, Args)]
pub(super) struct Arguments {
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell")]
    Power,
}

/// Prints the script for the shell on stdout.
pub(super) fn completions(texts: &Texts, arguments: &Arguments) -> Exit {
    let shell = match arguments.shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
        Shell::Power => clap_complete::Shell::PowerShell,
    };
    let mut command = help::command(texts.language());
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "koshin", &mut script);
    // A reader that has gone away is no fault of anybody's.
    let _ = io::stdout().write_all(&script);
    Exit::Done
}

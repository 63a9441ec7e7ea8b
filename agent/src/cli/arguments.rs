//! What can stand on the command line.

use clap::{Args, Parser, Subcommand};

use crate::config::LanguageSetting;

use super::{
    audit, clearing, config, list, printer,
    printer::{Colour, Format},
    profile, renew, run, support_bundle,
};

#[derive(Debug, Parser)]
#[command(
    name = "koshin",
    version,
    about = "Renews the certificate on the token of a bank's customer",
    after_help = "Exit status: 0 done or nothing due, 1 refused or a person is needed, \
                  2 wrong usage or settings, 3 a fault of Koshin's own.",
    disable_help_subcommand = true
)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the agent in the foreground
    Run(run::Arguments),
    /// List the banks' certificates on the tokens
    #[command(after_help = "Examples:\n  koshin list\n  koshin list --all\n  koshin list --json")]
    List(list::Arguments),
    /// Show the agent, the modules and tokens that it sees, and the renewals
    #[command(after_help = "Examples:\n  koshin status\n  koshin status --json")]
    Status,
    /// Renew a certificate by way of files
    Renew(renew::Arguments),
    /// Show, export and verify the trail of every renewal
    Audit(audit::Arguments),
    /// Remove certificates and keys that are no longer used, each by its name
    #[command(after_help = "Examples:\n  koshin retire --dry-run\n  koshin retire")]
    Retire(clearing::Arguments),
    /// Put right what a crash, a damaged disk or another program left, each by its name
    #[command(
        after_help = "Examples:\n  koshin recover --dry-run\n  koshin recover\n  \
                            koshin recover --token Shinkin-Demo"
    )]
    Recover(clearing::Arguments),
    /// The profiles of the banks
    #[command(subcommand)]
    Profile(profile::Action),
    /// The agent's settings
    #[command(subcommand)]
    Config(config::Action),
    /// Look for whatever could keep renewals from working on this PC
    #[command(after_help = "Examples:\n  koshin doctor\n  koshin doctor --json")]
    Doctor,
    /// Make one file for a help desk, without names
    SupportBundle(support_bundle::Arguments),
    /// Serve one token module to the agent that started this process
    #[command(hide = true)]
    Worker,
}

#[derive(Debug, Args)]
pub(super) struct Global {
    /// Print JSON, on stdout the result, on stderr the error
    #[arg(long, global = true)]
    json: bool,
    /// Print results and errors only
    #[arg(long, short, global = true)]
    quiet: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: Colour,
    /// The language of texts and dialogs
    #[arg(long, global = true, value_name = "LANGUAGE", value_parser = ["auto", "ja", "en"])]
    language: Option<String>,
}

impl Global {
    pub(super) fn printer(&self) -> printer::Printer {
        let format = if self.json {
            Format::Json
        } else {
            Format::Human
        };
        printer::Printer::new(format, self.quiet, self.color)
    }

    pub(super) fn language(&self) -> Option<LanguageSetting> {
        let word = self.language.as_deref()?;
        LanguageSetting::WORDS
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, setting)| *setting)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}

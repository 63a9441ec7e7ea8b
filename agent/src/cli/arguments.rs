//! What can stand on the command line. What each is for is in the catalogue: see [`super::help`].

use clap::{Args, Parser, Subcommand};

use crate::config::LanguageSetting;

use super::{
    audit, clearing, completions, config, help, list, open, printer,
    printer::{Colour, Format},
    profile, renew, run, support_bundle, tray,
};

#[derive(Debug, Parser)]
#[command(name = "koshin", version, disable_help_subcommand = true)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Run(run::Arguments),
    Tray(tray::Arguments),
    List(list::Arguments),
    Status,
    Renew(renew::Arguments),
    Open(open::Arguments),
    Audit(audit::Arguments),
    Retire(clearing::Arguments),
    Recover(clearing::Arguments),
    #[command(subcommand)]
    Profile(profile::Action),
    #[command(subcommand)]
    Config(config::Action),
    Doctor,
    SupportBundle(support_bundle::Arguments),
    Completions(completions::Arguments),
    Help(help::Arguments),
}

#[derive(Debug, Args)]
pub(super) struct Global {
    #[arg(long, global = true)]
    json: bool,
    #[arg(long, short, global = true)]
    quiet: bool,
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: Colour,
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

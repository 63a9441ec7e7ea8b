//! `koshin profile`: the profiles of the banks.

mod add;
mod check;
mod list;
mod remove;
mod show;

use std::path::PathBuf;

use clap::Subcommand;

use crate::profile::{Profile, Profiles, Rank, Retire};

use super::{CliError, Exit, session::Session};

#[derive(Clone, Debug, Subcommand)]
pub(super) enum Action {
    /// List the profiles, and those that cannot be used
    #[command(after_help = "Examples:\n  koshin profile list\n  koshin profile list --json")]
    List,
    /// Show all of a profile
    #[command(after_help = "Examples:\n  koshin profile show demo-bank")]
    Show {
        /// The profile, as `koshin profile list` names it
        id: String,
    },
    /// Add a profile of your own, after a dialog that shows which sites it lets in
    #[command(after_help = "Examples:\n  koshin profile add Downloads/demo-bank.toml")]
    Add {
        /// The profile's file; CA certificates that it names by path are copied into it
        file: PathBuf,
    },
    /// Remove a profile of your own
    #[command(after_help = "Examples:\n  koshin profile remove demo-bank")]
    Remove {
        /// The profile, as `koshin profile list` names it
        id: String,
    },
    /// Look for mistakes in profiles: those given, or all that are there
    #[command(
        after_help = "Examples:\n  koshin profile check\n  koshin profile check demo-bank.toml"
    )]
    Check {
        /// Profile files that need not be in Koshin's folders
        files: Vec<PathBuf>,
    },
}

pub(super) fn perform(session: &Session<'_>, action: Action) -> Result<Exit, Box<CliError>> {
    let profiles = Profiles::load(&session.config);
    match action {
        Action::List => list::list(session, &profiles),
        Action::Show { id } => show::show(session, &profiles, &id),
        Action::Add { file } => add::add(session, &profiles, &file),
        Action::Remove { id } => remove::remove(session, &profiles, &id),
        Action::Check { files } => check::check(session, &profiles, &files),
    }
}

fn rank_word(rank: Rank) -> &'static str {
    match rank {
        Rank::Installed => "installed",
        Rank::User => "user",
    }
}

fn retire_word(retire: Retire) -> &'static str {
    match retire {
        Retire::FirstLogin => "first-login",
        Retire::AtIssue => "at-issue",
        Retire::Expiry => "expiry",
    }
}

fn origins(profile: &Profile) -> String {
    let origins = profile.origins.iter().map(|site| site.origin.as_str());
    origins.collect::<Vec<_>>().join(" ")
}

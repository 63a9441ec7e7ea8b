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
    List,
    Show { id: String },
    Add { file: PathBuf },
    Remove { id: String },
    Check { files: Vec<PathBuf> },
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

//! `koshin config`: the settings and what is wrong with them.

mod check;
mod show;

use clap::Subcommand;

pub(super) use check::check;
pub(super) use show::show;

#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum Action {
    Check,
    Show,
}

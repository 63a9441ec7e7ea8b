//! `koshin config`: the settings and what is wrong with them.

mod check;
mod show;

use clap::Subcommand;

pub(super) use check::check;
pub(super) use show::show;

#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum Action {
    /// Look for mistakes in the settings' files
    #[command(after_help = "Examples:\n  koshin config check\n  koshin config check --json")]
    Check,
    /// Show every setting with its origin
    #[command(after_help = "Examples:\n  koshin config show\n  koshin config show --json")]
    Show,
}

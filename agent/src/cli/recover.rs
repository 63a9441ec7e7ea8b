//! `koshin recover`: puts right what a crash, a damaged disk or another program left.

use crate::driver::Scope;

use super::{CliError, Exit, clearing, session::Session};

pub(super) fn recover(
    session: &Session<'_>,
    arguments: &clearing::Arguments,
) -> Result<Exit, Box<CliError>> {
    clearing::clear_up(session, arguments, Scope::Recover)
}

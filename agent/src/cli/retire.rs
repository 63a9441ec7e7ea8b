//! `koshin retire`: removes certificates and keys that are no longer used.

use crate::driver::Scope;

use super::{CliError, Exit, clearing, session::Session};

pub(super) fn retire(
    session: &Session<'_>,
    arguments: &clearing::Arguments,
) -> Result<Exit, Box<CliError>> {
    clearing::clear_up(session, arguments, Scope::Retire)
}

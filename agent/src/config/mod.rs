//! The agent's settings: the system's file, then the user's, then flags; each value knows where
//! it comes from.
//!
//! No setting holds a PIN, and none widens whom the agent listens to.

mod document;
mod finding;
mod folders;
mod mail;
mod section;
mod settings;
mod words;
mod write;

pub(crate) use document::read_text;
pub use document::{Document, Origin, Sourced};
pub use finding::{Expected, Finding, Findings, OriginFault, Place, Reason};
pub use folders::{Folders, FoldersError};
pub use section::{Item, Section};
pub use settings::{Bridge, Config, Flags, LanguageSetting, Notices, Policy, Prompt};
pub use words::{choose, duration_text, parse_days};
pub use write::{Existing, write_file};

//! What a person reads, in their language: messages from the catalogue, problems, dates.
//!
//! Every sentence stands in `i18n/LANGUAGE/AREA.ftl` (Fluent), one file for each area of the
//! program; a new file is named once, in `catalogue`. Ids are words in kebab-case that begin
//! with their area.

pub(crate) mod catalogue;
mod choice;
mod dates;
mod texts;
mod words;

pub use choice::{Language, UnknownLanguage};
pub use texts::Texts;

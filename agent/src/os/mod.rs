//! What differs between operating systems, behind small functions.
//!
//! One file per concern; nothing outside this module assumes Unix where these functions say it
//! for them. Today there is Linux; another system adds its own body behind the same signatures.

pub mod alarm;
pub mod autostart;
pub mod changes;
pub mod folders;
pub mod lock;
pub mod peer;
pub mod process;
mod ready;
pub mod resume;
mod system;

pub use system::{distribution, machine};

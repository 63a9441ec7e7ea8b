//! The loopback API: what a bank's page may ask of the agent, and who may ask at all.

mod activity;
mod limits;

pub use activity::{Activity, Hold};
pub use limits::Limits;

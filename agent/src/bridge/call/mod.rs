//! The calls of the loopback API, each over [`Renewals`](crate::driver::Renewals).

mod agent;
mod certificates;
mod challenges;
mod renewals;

pub(crate) use agent::agent;
pub(crate) use certificates::certificates;
pub(crate) use challenges::challenge;
pub(crate) use renewals::{begin, cancel, deliver, events, outcome, view};

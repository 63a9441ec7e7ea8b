//! The loopback API: what a bank's page may ask of the agent, and who may ask at all.
//!
//! A connection is judged before it becomes HTTP: the `gate` reads the first head from the
//! socket, and a stranger's connection is closed without a byte, because any status, even an
//! empty one, would tell a page that something listens. A call can only be reached with the
//! [`TrustedOrigin`](crate::profile::TrustedOrigin) that the `guard` found.
//!
//! A connection serves one request. A browser may use one that was kept open for several pages,
//! and hyper answers a head that it can't read, or that is too long, with a status of its own.
//!
//! Nothing here ever listens on an address other than 127.0.0.1, sets a cookie, decides what a
//! renewal does next, or touches a token.

mod activity;
pub(crate) mod answer;
pub(crate) mod api;
pub(crate) mod body;
pub(crate) mod call;
pub(crate) mod connection;
pub(crate) mod events;
pub(crate) mod gate;
pub(crate) mod guard;
mod limits;
mod server;
pub(crate) mod silence;

pub use activity::{Activity, Hold};
pub use limits::Limits;
pub use server::{BindError, Server};

#[cfg(test)]
pub(crate) mod tests;

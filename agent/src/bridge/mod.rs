//! The loopback API: what a bank's page may ask of the agent, and who may ask at all.
//!
//! A connection is judged before it becomes HTTP: the `gate` reads the first head from the
//! socket, and a stranger's connection is closed without a byte, because any status, even an
//! empty one, would tell a page that something listens. Every later request on the same
//! connection passes the same `guard`, and a call can only be reached with the
//! [`TrustedOrigin`](crate::profile::TrustedOrigin) that the guard found.
//!
//! One answer is hyper's own: a bare 400 to a later head that isn't HTTP. Only a caller who passed
//! the gate on that connection can get it.
//!
//! Nothing here ever listens on an address other than 127.0.0.1, sets a cookie, decides what a
//! renewal does next, or touches a token.

mod activity;
pub(crate) mod answer;
pub(crate) mod api;
mod body;
pub(crate) mod call;
pub(crate) mod connection;
mod events;
mod gate;
mod guard;
mod limits;
mod server;

pub use activity::{Activity, Hold};
pub use limits::Limits;
pub use server::{BindError, Server};

#[cfg(test)]
pub(crate) mod tests;

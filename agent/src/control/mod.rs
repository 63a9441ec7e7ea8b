//! The owner's way to the agent: a local socket with the same HTTP as the loopback API, on
//! which commands and the tray speak.
//!
//! The socket's folder and the socket itself are the owner's alone. One agent runs per state
//! folder: it holds the [`AgentLock`], and only its holder may replace a socket that a dead agent
//! left.

mod lock;
mod one_shot;
mod socket;

pub use lock::{AgentLock, LockError};
pub use one_shot::OneShot;
pub use socket::{Socket, SocketError};

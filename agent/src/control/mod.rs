//! The owner's way to the agent: a local socket with the same HTTP as the loopback API, on
//! which commands and the tray speak.
//!
//! The socket's folder and the socket itself are the owner's alone, and whoever connects must
//! be the owner by the kernel's word. One agent runs per state folder: it holds the
//! [`AgentLock`], and only its holder may replace a socket that a dead agent left.
//!
//! Nothing here touches a token, the journal or a PIN.

mod calls;
mod client;
mod launch;
mod lock;
mod one_shot;
mod server;
mod socket;
mod watching;

pub use calls::RenewalList;
pub use client::{Client, ClientError, Events};
pub use launch::{Launch, LaunchError, connect_or_spawn};
pub use lock::{AgentLock, LockError};
pub use one_shot::OneShot;
pub use server::serve;
pub use socket::{Socket, SocketError};
pub use watching::Notices;

#[cfg(test)]
mod tests;

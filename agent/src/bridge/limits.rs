//! How much and how long a caller may.

use std::time::Duration;

use protocol::bridge::MAX_BODY;

/// Bounds that hold before a caller is known and while one is served.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections served at once; one more is closed without a byte.
    pub connections: usize,
    /// Those of them on which nothing was said yet; for one more the oldest is closed.
    pub silent: usize,
    /// Bytes of a request's head, the request line included.
    pub head: usize,
    /// Until a request's head is complete.
    pub head_time: Duration,
    /// Bytes of a request's body.
    pub body: usize,
    /// Bytes of an oversized body that are read and dropped, so that the refusal reaches a
    /// caller who is still sending.
    pub dropped: usize,
    /// Until a request's body is complete.
    pub body_time: Duration,
    /// Silence on a stream of events before a blank line is sent.
    pub heartbeat: Duration,
    /// Until a stream of events ends, wherever its renewal stands.
    pub events: Duration,
    /// Until a connection is ended, whatever it does.
    pub connection: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        const MINUTE: Duration = Duration::from_secs(60);
        Self {
            connections: 64,
            silent: 32,
            head: 16 * 1024,
            head_time: Duration::from_secs(5),
            body: MAX_BODY,
            dropped: 4 * 1024 * 1024,
            body_time: Duration::from_secs(10),
            heartbeat: Duration::from_secs(15),
            events: 10 * MINUTE,
            connection: 60 * MINUTE,
        }
    }
}

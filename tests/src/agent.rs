//! The agent as a process of its own, in temporary folders.

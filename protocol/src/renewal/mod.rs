//! The renewal as a pure state machine.

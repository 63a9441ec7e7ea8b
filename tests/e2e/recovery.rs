//! What becomes of a renewal when the journal, the token or the clock is not what it was: nothing
//! is lost, nothing is removed that is not certainly ours, and the person can go on.

mod clearing;
mod clock;
mod journal;
mod token;

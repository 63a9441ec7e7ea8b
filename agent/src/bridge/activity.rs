//! Whether anybody still needs the agent.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time};

/// Counts what keeps a one-shot agent alive: open connections, and whatever else takes a
/// [`Hold`].
#[derive(Clone, Debug)]
pub struct Activity {
    visits: Arc<watch::Sender<Visits>>,
    first_visit: Duration,
}

/// How long the command that started an agent may take until it connects, on a busy PC.
const FIRST_VISIT: Duration = Duration::from_secs(10);

impl Activity {
    /// Nobody is there yet.
    #[must_use]
    pub fn new() -> Self {
        Self::expecting_within(FIRST_VISIT)
    }

    /// Keeps the agent alive until the hold is dropped.
    #[must_use]
    pub fn hold(&self) -> Hold {
        self.visits.send_modify(|visits| {
            visits.holds += 1;
            visits.any_yet = true;
        });
        Hold(Arc::clone(&self.visits))
    }

    /// Returns once there has been no hold for `linger`, counted from now on at the earliest. A
    /// visitor who has not come yet is waited for longer.
    pub async fn quiet(&self, linger: Duration) {
        let mut visits = self.visits.subscribe();
        loop {
            let Visits { holds, any_yet } = *visits.borrow_and_update();
            let patience = match (holds, any_yet) {
                (0, true) => linger,
                (0, false) => linger.max(self.first_visit),
                _ => {
                    // The sender lives as long as `self`, so this waits for a change.
                    let _ = visits.changed().await;
                    continue;
                }
            };
            tokio::select! {
                () = time::sleep(patience) => return,
                _ = visits.changed() => {}
            }
        }
    }

    fn expecting_within(first_visit: Duration) -> Self {
        Self {
            visits: Arc::new(watch::Sender::new(Visits::default())),
            first_visit,
        }
    }
}

impl Default for Activity {
    fn default() -> Self {
        Self::new()
    }
}

/// A reason for a one-shot agent to stay.
#[derive(Debug)]
pub struct Hold(Arc<watch::Sender<Visits>>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.send_modify(|visits| visits.holds -= 1);
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Visits {
    holds: usize,
    any_yet: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINGER: Duration = Duration::from_millis(20);
    /// Longer than any test runs.
    const NEVER: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn is_quiet_when_nobody_comes() {
        Activity::expecting_within(LINGER).quiet(LINGER).await;
    }

    #[tokio::test]
    async fn waits_longer_for_the_first_visitor_than_after_the_last() {
        let activity = Activity::expecting_within(NEVER);
        let early = time::timeout(LINGER * 5, activity.quiet(LINGER)).await;
        assert!(early.is_err());
        drop(activity.hold());
        activity.quiet(LINGER).await;
    }

    #[tokio::test]
    async fn is_not_quiet_while_somebody_holds() {
        let activity = Activity::new();
        let hold = activity.hold();
        let early = time::timeout(LINGER * 5, activity.quiet(LINGER)).await;
        assert!(early.is_err());
        drop(hold);
        activity.quiet(LINGER).await;
    }
}

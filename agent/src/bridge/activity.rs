//! Whether anybody still needs the agent.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time};

/// Counts what keeps a one-shot agent alive: open connections, and whatever else takes a
/// [`Hold`].
#[derive(Clone, Debug)]
pub struct Activity(Arc<watch::Sender<usize>>);

impl Activity {
    /// Nobody is there yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    /// Keeps the agent alive until the hold is dropped.
    #[must_use]
    pub fn hold(&self) -> Hold {
        self.0.send_modify(|holds| *holds += 1);
        Hold(Arc::clone(&self.0))
    }

    /// Returns once there has been no hold for `linger`, counted from now on at the earliest.
    pub async fn quiet(&self, linger: Duration) {
        let mut holds = self.0.subscribe();
        loop {
            let nobody = *holds.borrow_and_update() == 0;
            if nobody {
                tokio::select! {
                    () = time::sleep(linger) => return,
                    _ = holds.changed() => {}
                }
            } else {
                // The sender lives as long as `self`, so this waits for a change.
                let _ = holds.changed().await;
            }
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
pub struct Hold(Arc<watch::Sender<usize>>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.send_modify(|holds| *holds -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINGER: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn is_quiet_when_nobody_came() {
        Activity::new().quiet(LINGER).await;
    }

    #[tokio::test]
    async fn is_not_quiet_while_somebody_holds() {
        let activity = Activity::new();
        let hold = activity.hold();
        assert!(
            time::timeout(LINGER * 5, activity.quiet(LINGER))
                .await
                .is_err()
        );
        drop(hold);
        activity.quiet(LINGER).await;
    }
}

//! Connections on which nothing was said yet: so many and no more, or a program that opens them and
//! keeps quiet would leave no room for pages.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use tokio_util::sync::{CancellationToken, DropGuard};

/// The silent connections, the oldest first.
#[derive(Clone, Debug)]
pub(crate) struct Silence {
    most: usize,
    waiting: Arc<Mutex<VecDeque<CancellationToken>>>,
}

/// One of them; it is off the list when the value is dropped.
pub(crate) struct Silent {
    /// Fires when it must make room.
    pub(crate) over: CancellationToken,
    _gone: DropGuard,
}

impl Silence {
    /// Room for so many.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            waiting: Arc::default(),
        }
    }

    /// A connection has come. Where there is no room, the oldest silent one goes for it: a browser
    /// sends its head at once.
    pub(crate) fn begin(&self) -> Silent {
        let over = CancellationToken::new();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that spoke, or ended, have cancelled their own.
        waiting.retain(|one| !one.is_cancelled());
        if waiting.len() >= self.most
            && let Some(oldest) = waiting.pop_front()
        {
            oldest.cancel();
        }
        waiting.push_back(over.clone());
        Silent {
            _gone: over.clone().drop_guard(),
            over,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room_for_the_newest() {
        let silence = Silence::new(2);
        let [first, second, third] = [(); 3].map(|()| silence.begin());
        let over = |one: &Silent| one.over.is_cancelled();
        assert!(over(&first) && !over(&second) && !over(&third));
        // One that speaks leaves its place to the next.
        drop(second);
        let fourth = silence.begin();
        assert!(!over(&third) && !over(&fourth));
    }
}

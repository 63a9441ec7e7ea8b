//! The sites that were turned away, for whoever wonders why a page does not find the agent.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// How many sites are remembered: those that came first, since any page can name any number.
const MOST: usize = 16;

/// The longest origin that is remembered, in bytes: a host name has 253 at most.
const LONGEST: usize = 300;

/// A site that no profile lists, and that asked all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedOrigin {
    /// As its page's browser names it.
    pub origin: String,
    /// How often it asked since the agent started.
    pub count: u64,
}

/// The sites that were turned away since the agent started. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct RefusedOrigins(Arc<Mutex<Vec<RefusedOrigin>>>);

impl RefusedOrigins {
    /// In the order in which they came first.
    #[must_use]
    pub fn list(&self) -> Vec<RefusedOrigin> {
        let list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.clone()
    }

    /// Remembers a site; what is no origin is not one.
    pub(crate) fn remember(&self, origin: &[u8]) {
        let Ok(origin) = str::from_utf8(origin) else {
            return;
        };
        let like_one = origin.len() <= LONGEST
            && origin.contains("://")
            && origin.bytes().all(|byte| byte.is_ascii_graphic());
        if !like_one {
            return;
        }
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = list.iter_mut().find(|known| known.origin == origin) {
            known.count += 1;
        } else if list.len() < MOST {
            list.push(RefusedOrigin {
                origin: origin.to_owned(),
                count: 1,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_counted_and_only_so_many_are_remembered() {
        let refused = RefusedOrigins::default();
        for _ in 0..3 {
            refused.remember(b"https://test.bank.example");
        }
        for number in 0..100 {
            refused.remember(format!("https://{number}.example").as_bytes());
        }
        for nonsense in [&b"null"[..], b"\xff://", b"https://a b", &[b'a'; 400]] {
            refused.remember(nonsense);
        }
        let list = refused.list();
        assert_eq!(list.len(), MOST);
        assert_eq!(list[0].origin, "https://test.bank.example");
        assert_eq!(list[0].count, 3);
    }
}

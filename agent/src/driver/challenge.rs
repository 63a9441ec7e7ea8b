//! Nonces of the agent's for requests that a bank signs: random, short-lived, used once.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use protocol::bridge::{Challenge, Nonce, ProblemCode};

use crate::{clock::Clock, failure::Failure};

/// How long a challenge serves.
const SERVES: SignedDuration = SignedDuration::from_mins(5);

/// How many are kept for an origin; its oldest goes first.
const MOST: usize = 16;

/// The challenges that were given and not yet used.
pub(super) struct Challenges {
    clock: Arc<dyn Clock>,
    given: Mutex<VecDeque<Given>>,
}

struct Given {
    nonce: Nonce,
    origin: String,
    until: Timestamp,
}

impl Challenges {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            given: Mutex::default(),
        }
    }

    /// Gives a fresh challenge to a page of that origin.
    pub(super) fn give(&self, origin: &str) -> Result<Challenge, Failure> {
        let mut random = [0; 32];
        getrandom::fill(&mut random)
            .map_err(|error| Failure::new(ProblemCode::Internal).because(error.to_string()))?;
        let nonce = Nonce::from_bytes(&random).expect("32 bytes are a nonce");
        let now = self.clock.now();
        let until = now + SERVES;
        let mut given = self.given();
        given.retain(|given| given.until > now);
        let of_origin = |given: &Given| given.origin == origin;
        if given.iter().filter(|given| of_origin(given)).count() == MOST {
            let oldest = given.iter().position(of_origin);
            oldest.and_then(|oldest| given.remove(oldest));
        }
        let expires = until.to_string();
        given.push_back(Given {
            nonce: nonce.clone(),
            origin: origin.to_owned(),
            until,
        });
        Ok(Challenge {
            nonce: nonce.to_string(),
            expires,
        })
    }

    /// Uses a challenge up; says whether it was given to a page of that origin, not too long
    /// ago, and not used before.
    pub(super) fn spend(&self, origin: &str, nonce: &Nonce) -> bool {
        let now = self.clock.now();
        let mut given = self.given();
        given.retain(|given| given.until > now);
        let place = given.iter().position(|given| given.nonce == *nonce);
        place
            .and_then(|place| given.remove(place))
            .is_some_and(|given| given.origin == origin)
    }

    fn given(&self) -> MutexGuard<'_, VecDeque<Given>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! When the person may be told: what is tried again, how soon, and how often at most.

use jiff::{SignedDuration, Timestamp};

use crate::journal::{Attempt, Channel, Mark};

/// The most attempts on a channel within 24 hours, whatever they are about.
pub(super) const MOST_A_DAY: usize = 20;

/// The pause after a failure; each further one in a row doubles it.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_hours(1);

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How an attempt at telling somebody ended.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// How.
    pub channel: Channel,
    /// Of what.
    pub marks: Vec<Mark>,
    /// Whether it reached them.
    pub succeeded: bool,
}

/// From when on another attempt may be made, by those so far, the newest first.
pub(super) fn allowed_from(attempts: &[Attempt], now: Timestamp) -> Timestamp {
    let failures = attempts
        .iter()
        .take_while(|attempt| !attempt.succeeded)
        .count();
    let mut from = now;
    if let (Some(last), Some(doublings)) = (attempts.first(), failures.checked_sub(1)) {
        let pause = FIRST_PAUSE
            .checked_mul(1 << doublings.min(16))
            .map_or(DAY, |pause| pause.min(DAY));
        // An attempt in the future was made by a clock that was wrong.
        let last = last.at.min(now);
        from = from.max(last.checked_add(pause).unwrap_or(Timestamp::MAX));
    }
    if let Some(oldest) = attempts.get(MOST_A_DAY - 1) {
        let oldest = oldest.at.min(now);
        from = from.max(oldest.checked_add(DAY).unwrap_or(Timestamp::MAX));
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn from(attempts: &[(i64, bool)]) -> i64 {
        let attempts: Vec<_> = attempts
            .iter()
            .map(|(ago, succeeded)| Attempt {
                at: Timestamp::from_second(NOW - ago).unwrap(),
                succeeded: *succeeded,
            })
            .collect();
        let now = Timestamp::from_second(NOW).unwrap();
        allowed_from(&attempts, now).as_second() - NOW
    }

    #[test]
    fn a_failure_is_followed_by_an_hour_and_each_further_one_by_twice_as_long() {
        assert_eq!(from(&[]), 0);
        assert_eq!(from(&[(1, true)]), 0);
        assert_eq!(from(&[(0, false)]), 3600);
        assert_eq!(from(&[(0, false), (3600, false)]), 2 * 3600);
        assert_eq!(from(&[(60, false), (4000, false), (8000, true)]), 7200 - 60);
        assert_eq!(from(&[(0, false); 10]), 24 * 3600);
        assert_eq!(from(&[(9000, false)]), 0);
    }

    #[test]
    fn a_day_has_a_most_of_attempts() {
        let one_too_many: Vec<_> = (0..20).map(|hour| (hour * 60, true)).collect();
        assert_eq!(from(&one_too_many[..19]), 0);
        assert_eq!(from(&one_too_many), 24 * 3600 - 19 * 60);
    }

    #[test]
    fn an_attempt_in_the_future_does_not_hold_up_the_next_one_for_long() {
        assert_eq!(from(&[(-1_000_000, false)]), 3600);
    }
}

//! What is due when: the bank's calendar and its rules, over times that the caller gives.
//!
//! Banks count days in Japan, which is nine hours ahead of UTC all year round: a certificate
//! is good to the end of its last day there, whatever zone the PC is set to.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::{
    bridge::{Outcome, ProblemCode, Status, WaitReason},
    renewal::State,
};

const DAY: i64 = 86_400;
const JAPAN: i64 = 9 * 3_600;

/// How a bank wants its certificates renewed; all in days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// The renewal window opens so many days before the last day.
    pub window_days: i64,
    /// From so many days before the last day on it is urgent.
    pub urgent_days: i64,
    /// Renewal is refused so many days after the last day.
    pub grace_days: i64,
}

/// When the old certificate goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RetireRule {
    /// As soon as the new one is proven: the bank lets the old one die when it issues.
    AtIssue,
    /// Once the bank has seen a login with the new one, or has revoked the old one.
    FirstLogin,
    /// Once the old one has expired.
    Expiry,
}

/// Whole days from today to the last valid day, by the calendar of Japan: 0 on the last day,
/// negative after it. Both times in Unix seconds.
#[must_use]
pub fn days_left(not_after: i64, now: i64) -> i64 {
    day(not_after) - day(now)
}

/// Where a certificate stands in its life. Times in Unix seconds; `not_after` is the last
/// second that is valid (RFC 5280, section 4.1.2.5).
#[must_use]
pub fn status(policy: &Policy, not_before: i64, not_after: i64, now: i64) -> Status {
    let left = days_left(not_after, now);
    if now < not_before {
        Status::NotYetValid
    } else if now > not_after {
        if -left > policy.grace_days || policy.grace_days == 0 {
            Status::PastGrace
        } else {
            Status::Expired
        }
    } else if left > policy.window_days {
        Status::Valid
    } else if left > policy.urgent_days {
        Status::Due
    } else {
        Status::Urgent
    }
}

/// Whether a certificate of this status may be renewed, or why not.
///
/// # Errors
/// [`ProblemCode::TooEarly`] before the window, [`ProblemCode::TooLate`] past the grace.
pub fn renewable(status: Status) -> Result<(), ProblemCode> {
    match status {
        Status::Due | Status::Urgent | Status::Expired => Ok(()),
        Status::NotYetValid | Status::Valid => Err(ProblemCode::TooEarly),
        Status::PastGrace => Err(ProblemCode::TooLate),
    }
}

/// The first second of the renewal window, in Unix seconds.
#[must_use]
pub fn window_opens(policy: &Policy, not_after: i64) -> i64 {
    (day(not_after) - policy.window_days) * DAY - JAPAN
}

/// The last second of the renewal period, grace included, in Unix seconds.
#[must_use]
pub fn window_closes(policy: &Policy, not_after: i64) -> i64 {
    if policy.grace_days == 0 {
        not_after
    } else {
        (day(not_after) + policy.grace_days + 1) * DAY - JAPAN - 1
    }
}

/// Whether the old certificate may go, once the new one is proven: by the bank's word so far,
/// and by the old one's last valid second. By a clock that is years ahead the new one, which is
/// valid within `new`, has expired as well: nothing goes by such a clock.
#[must_use]
pub fn old_may_go(
    rule: RetireRule,
    word: Option<Outcome>,
    old_not_after: i64,
    new: RangeInclusive<i64>,
    now: i64,
) -> bool {
    match rule {
        RetireRule::AtIssue => true,
        RetireRule::FirstLogin => word.is_some(),
        RetireRule::Expiry => now > old_not_after && new.contains(&now),
    }
}

/// How long a renewal may stay in a state, in seconds; `None` for as long as it takes. Only
/// where nothing is on the token does time alone end a renewal: a clock that jumps must not cost
/// anybody a key that the CA may have certified.
#[must_use]
pub fn time_limit(state: &State) -> Option<i64> {
    match state {
        State::Waiting { resume, .. }
            if matches!(
                **resume,
                State::Consent { .. }
                    | State::ChooseToken
                    | State::EnterCode { refused: None }
                    | State::Authenticate { .. }
            ) =>
        {
            Some(DAY)
        }
        State::Waiting { .. }
        | State::RequestReady { .. }
        | State::AwaitingCertificate { .. }
        | State::Consent { .. }
        | State::ChooseToken
        | State::EnterCode { .. }
        | State::Authenticate { .. }
        | State::KeyIntent { .. }
        | State::KeyReady { .. }
        | State::Received { .. }
        | State::Verified(_)
        | State::ConsentToInstall(_)
        | State::InstallIntent(_)
        | State::Unproven(_)
        | State::Proven(_)
        | State::Grace { .. }
        | State::Retired { .. }
        | State::Cancelled { .. }
        | State::Failed { .. }
        | State::Expired { .. } => None,
    }
}

/// Whether time alone can bring anything about in a state, so that the clock is to be looked at.
/// The CA's answer comes with whoever asks for it: no hour brings it, however long it takes.
#[must_use]
pub fn is_timed(state: &State, rule: RetireRule) -> bool {
    match state {
        State::Waiting {
            reason,
            until,
            resume,
            ..
        } => match reason {
            WaitReason::Bank => time_limit(state).is_some(),
            WaitReason::Card | WaitReason::Clock | WaitReason::Person => {
                until.is_some()
                    || time_limit(state).is_some()
                    || matches!(**resume, State::Grace { .. })
            }
        },
        State::Grace { due, .. } => !due && rule == RetireRule::Expiry,
        State::RequestReady { .. }
        | State::AwaitingCertificate { .. }
        | State::Consent { .. }
        | State::ChooseToken
        | State::EnterCode { .. }
        | State::Authenticate { .. }
        | State::KeyIntent { .. }
        | State::KeyReady { .. }
        | State::Received { .. }
        | State::Verified(_)
        | State::ConsentToInstall(_)
        | State::InstallIntent(_)
        | State::Unproven(_)
        | State::Proven(_)
        | State::Retired { .. }
        | State::Cancelled { .. }
        | State::Failed { .. }
        | State::Expired { .. } => false,
    }
}

fn day(time: i64) -> i64 {
    (time + JAPAN).div_euclid(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bridge::Kind,
        renewal::{Bytes, KeyId, NewKey, SignedBytes},
    };

    /// 2026-12-12 23:59:59 in Japan.
    const LAST: i64 = 1_797_087_599;
    const POLICY: Policy = Policy {
        window_days: 30,
        urgent_days: 10,
        grace_days: 0,
    };

    fn at(days_before: i64) -> Status {
        status(&POLICY, 0, LAST, LAST - days_before * DAY)
    }

    #[test]
    fn the_window_has_the_thirtieth_day_before_and_the_last_day() {
        assert_eq!(at(31), Status::Valid);
        assert_eq!(at(30), Status::Due);
        assert_eq!(at(0), Status::Urgent);
        assert_eq!(status(&POLICY, 0, LAST, LAST + 1), Status::PastGrace);
    }

    #[test]
    fn a_day_begins_at_midnight_in_japan() {
        assert_eq!(days_left(LAST, LAST - DAY + 1), 0);
        assert_eq!(days_left(LAST, LAST - DAY), 1);
        assert_eq!(window_opens(&POLICY, LAST), LAST + 1 - 31 * DAY);
        assert_eq!(
            status(&POLICY, 0, LAST, window_opens(&POLICY, LAST)),
            Status::Due
        );
        assert_eq!(
            status(&POLICY, 0, LAST, window_opens(&POLICY, LAST) - 1),
            Status::Valid
        );
    }

    #[test]
    fn grace_has_its_last_day() {
        let policy = Policy {
            grace_days: 80,
            ..POLICY
        };
        assert_eq!(status(&policy, 0, LAST, LAST + 80 * DAY), Status::Expired);
        assert_eq!(
            status(&policy, 0, LAST, LAST + 80 * DAY + 1),
            Status::PastGrace
        );
        assert_eq!(window_closes(&policy, LAST), LAST + 80 * DAY);
        assert_eq!(window_closes(&POLICY, LAST), LAST);
    }

    #[test]
    fn grace_goes_to_the_end_of_its_last_day_whatever_hour_the_certificate_ended() {
        let policy = Policy {
            grace_days: 80,
            ..POLICY
        };
        let noon = LAST - 12 * 3_600;
        assert_eq!(window_closes(&policy, noon), LAST + 80 * DAY);
        assert_eq!(window_closes(&POLICY, noon), noon);
        assert_eq!(status(&POLICY, 0, noon, noon + 1), Status::PastGrace);
        for (now, expected) in [(0, Status::Expired), (1, Status::PastGrace)] {
            assert_eq!(status(&policy, 0, noon, LAST + 80 * DAY + now), expected);
        }
    }

    #[test]
    fn no_clock_is_looked_at_while_the_ca_or_its_page_is_waited_for() {
        let waiting = |reason, until, resume| State::Waiting {
            reason,
            until,
            problem: None,
            resume: Box::new(resume),
        };
        let consent = || State::Consent { kind: Kind::Renew };
        let awaiting = || State::AwaitingCertificate {
            key: NewKey {
                id: KeyId([1; 16]),
                spki: Bytes::default(),
            },
            signed: SignedBytes {
                request: Bytes::default(),
                proof: None,
                nonce: Bytes::default(),
                origin: String::new(),
            },
            refused: None,
        };
        let timed = |state: State| is_timed(&state, RetireRule::FirstLogin);
        assert!(!timed(awaiting()));
        assert!(!timed(waiting(WaitReason::Bank, Some(LAST), awaiting())));
        assert!(timed(waiting(WaitReason::Clock, Some(LAST), awaiting())));
        assert!(timed(waiting(WaitReason::Person, None, consent())));
        assert!(!timed(waiting(WaitReason::Person, None, awaiting())));
    }

    #[test]
    fn the_old_one_goes_by_the_rule() {
        let new = LAST - 20 * DAY..=LAST + 365 * DAY;
        let goes = |rule, word, now| old_may_go(rule, word, LAST, new.clone(), now);
        assert!(goes(RetireRule::AtIssue, None, 0));
        assert!(!goes(RetireRule::FirstLogin, None, LAST));
        assert!(goes(RetireRule::FirstLogin, Some(Outcome::FirstLogin), 0));
        assert!(!goes(RetireRule::Expiry, Some(Outcome::OldRevoked), LAST));
        assert!(goes(RetireRule::Expiry, None, LAST + 1));
        // A clock that is two years ahead.
        assert!(!goes(RetireRule::Expiry, None, LAST + 2 * 365 * DAY));
    }
}

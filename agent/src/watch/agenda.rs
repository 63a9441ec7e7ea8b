//! What a person is told of a certificate, and when: by the bank's notice days, and every working
//! day once it is urgent. Nothing here does anything.

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time, time},
    tz,
};
use protocol::{
    bridge::Status,
    certificate::Certificate,
    schedule::{self, Policy},
};

use super::calendar::is_working_day;
use crate::{clock::bank_day, profile::RenewalPolicy};

/// From when on, on a day in Japan, a person is told: offices are open.
const MORNING: Time = time(9, 0, 0, 0);

/// A stage of a certificate's life of which the person is told once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// So many days are left: one of the bank's notice days.
    Before(u16),
    /// It is urgent, on this working day.
    On(Date),
}

impl Stage {
    /// As the journal keeps it.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Before(days) => days.to_string(),
            Self::On(day) => format!("on {day}"),
        }
    }
}

/// The stages that have come for a certificate: its notice days so far, and today if it is
/// urgent. None before it is valid, and none once the bank renews it no more.
#[must_use]
pub fn stages(renewal: &RenewalPolicy, certificate: &Certificate, now: Timestamp) -> Vec<Stage> {
    let (Some(last_day), Some(today)) =
        (bank_day(certificate.not_after()), bank_day(now.as_second()))
    else {
        return Vec::new();
    };
    match status(renewal, certificate, now) {
        Status::NotYetValid | Status::PastGrace => return Vec::new(),
        Status::Valid | Status::Due | Status::Urgent | Status::Expired => {}
    }
    let has_come = |day: Date| morning(day).is_some_and(|morning| now >= morning);
    let mut stages: Vec<_> = renewal
        .notice_days
        .iter()
        .filter(|days| {
            let day = last_day.checked_sub(i32::from(**days).days());
            day.is_ok_and(has_come)
        })
        .map(|days| Stage::Before(*days))
        .collect();
    let left = schedule::days_left(certificate.not_after(), now.as_second());
    if left <= i64::from(renewal.urgent_days) && is_working_day(today) && has_come(today) {
        stages.push(Stage::On(today));
    }
    stages
}

/// Where the certificate stands in its life.
#[must_use]
pub fn status(renewal: &RenewalPolicy, certificate: &Certificate, now: Timestamp) -> Status {
    let policy = Policy {
        window_days: renewal.window_days.into(),
        urgent_days: renewal.urgent_days.into(),
        grace_days: renewal.grace_days.into(),
    };
    let (from, to) = (certificate.not_before(), certificate.not_after());
    schedule::status(&policy, from, to, now.as_second())
}

/// The next moment at which anything of this may be another: a day in Japan begins, or its
/// morning, or the certificate's validity begins or has ended.
#[must_use]
pub fn next_change<'c>(
    certificates: impl IntoIterator<Item = &'c Certificate>,
    now: Timestamp,
) -> Option<Timestamp> {
    let today = bank_day(now.as_second())?;
    let tomorrow = today.tomorrow().ok()?;
    let days = [morning(today), midnight(tomorrow), morning(tomorrow)];
    let ends = certificates.into_iter().flat_map(|certificate| {
        let ends = [certificate.not_before(), certificate.not_after() + 1];
        ends.map(|second| Timestamp::from_second(second).ok())
    });
    let all = days.into_iter().chain(ends).flatten();
    all.filter(|moment| *moment > now).min()
}

/// The next midnight in Japan: until then lasts "until tomorrow".
#[must_use]
pub fn tomorrow(now: Timestamp) -> Option<Timestamp> {
    midnight(bank_day(now.as_second())?.tomorrow().ok()?)
}

fn midnight(day: Date) -> Option<Timestamp> {
    in_japan(day, Time::midnight())
}

fn morning(day: Date) -> Option<Timestamp> {
    in_japan(day, MORNING)
}

fn in_japan(day: Date, time: Time) -> Option<Timestamp> {
    let japan = tz::TimeZone::fixed(tz::offset(9));
    let moment = day.to_datetime(time).to_zoned(japan).ok()?;
    Some(moment.timestamp())
}

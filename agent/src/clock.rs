//! Wall-clock time as a parameter, so that a test can travel through a year; the bank's days.

use jiff::{Timestamp, civil::Date, tz};

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The wall-clock time now.
    fn now(&self) -> Timestamp;
}

/// The clock of this PC.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The day of a moment (Unix seconds) as banks count days, in Japan; `None` outside the years that
/// calendars have.
#[must_use]
pub fn bank_day(moment: i64) -> Option<Date> {
    // Nine hours ahead all year round since 1951, so no time-zone database is asked.
    let japan = tz::TimeZone::fixed(tz::offset(9));
    let moment = Timestamp::from_second(moment).ok()?;
    Some(moment.to_zoned(japan).date())
}

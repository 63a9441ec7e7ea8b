//! The bank's clock and its calendar, which is Japan's.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{
    Timestamp, ToSpan, Zoned,
    civil::{Date, time},
    tz::{Offset, TimeZone},
};
use tokio::sync::Notify;

use crate::page::Language;

/// The time as the bank sees it: this machine's clock and an offset in seconds, so that a test
/// can travel through a year, or stand still on the last second of a day.
#[derive(Clone, Default)]
pub struct Clock {
    hands: Arc<Mutex<Hands>>,
    moved: Arc<Notify>,
}

#[derive(Clone, Copy)]
enum Hands {
    /// So many seconds ahead of this machine.
    Running(i64),
    /// Unix time.
    Held(i64),
}

impl Default for Hands {
    fn default() -> Self {
        Self::Running(0)
    }
}

impl Clock {
    /// Seconds since the Unix epoch.
    #[must_use]
    pub fn now(&self) -> i64 {
        match *self.hands() {
            Hands::Running(offset) => Timestamp::now().as_second() + offset,
            Hands::Held(instant) => instant,
        }
    }

    /// Moves this clock, and all its clones, by that many seconds.
    pub fn advance(&self, seconds: i64) {
        match &mut *self.hands() {
            Hands::Running(value) | Hands::Held(value) => *value += seconds,
        }
        self.moved.notify_one();
    }

    /// Stops this clock, and all its clones, at an instant in Unix seconds.
    pub fn hold(&self, instant: i64) {
        *self.hands() = Hands::Held(instant);
        self.moved.notify_one();
    }

    /// Waits until the clock was set, at once if it was since the last call.
    pub async fn moved(&self) {
        self.moved.notified().await;
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// Seconds in a day.
pub const DAY: i64 = 86_400;

/// The last second of the day that lies `days` after today, in Japan.
#[must_use]
pub fn end_of_day(now: i64, days: i64) -> i64 {
    last_second(add(date(now), days))
}

/// The last second of the day one year after today, in Japan: 29 February ends on the 28th.
#[must_use]
pub fn end_of_one_year(now: i64) -> i64 {
    let today = date(now);
    last_second(today.checked_add(1.year()).unwrap_or(today))
}

/// The first second of the day one year before the day of `instant`, in Japan.
#[must_use]
pub fn one_year_before(instant: i64) -> i64 {
    let day = date(instant);
    let before = day.checked_sub(1.year()).unwrap_or(day);
    seconds(before, 0, 0, 0)
}

/// Whole days from today to the day of `instant` by the calendar in Japan: 0 on that day.
#[must_use]
pub fn days_until(now: i64, instant: i64) -> i64 {
    date(now)
        .until(date(instant))
        .map_or(0, |span| i64::from(span.get_days()))
}

/// The day that lies `days` before the day of `instant`: its first second.
#[must_use]
pub fn start_of_day_before(instant: i64, days: i64) -> i64 {
    seconds(add(date(instant), -days), 0, 0, 0)
}

/// A day as people write it: 2026年11月22日, or 22 November 2026.
#[must_use]
pub fn day_text(instant: i64, language: Language) -> String {
    let day = zoned(instant);
    match language {
        Language::Japanese => day.strftime("%Y年%-m月%-d日").to_string(),
        Language::English => day.strftime("%-d %B %Y").to_string(),
    }
}

/// A moment as people write it, to the minute, in Japan's time.
#[must_use]
pub fn moment_text(instant: i64, language: Language) -> String {
    let moment = zoned(instant);
    match language {
        Language::Japanese => moment.strftime("%Y年%-m月%-d日 %H時%M分").to_string(),
        Language::English => moment.strftime("%-d %B %Y, %H:%M (Japan)").to_string(),
    }
}

/// A moment for machines: RFC 3339 in UTC.
#[must_use]
pub fn rfc3339(instant: i64) -> String {
    Timestamp::from_second(instant)
        .unwrap_or(Timestamp::MAX)
        .to_string()
}

fn zoned(instant: i64) -> Zoned {
    Timestamp::from_second(instant)
        .unwrap_or(Timestamp::MAX)
        .to_zoned(japan())
}

fn date(instant: i64) -> Date {
    zoned(instant).date()
}

fn add(day: Date, days: i64) -> Date {
    day.checked_add(days.days()).unwrap_or(day)
}

fn last_second(day: Date) -> i64 {
    seconds(day, 23, 59, 59)
}

fn seconds(day: Date, hour: i8, minute: i8, second: i8) -> i64 {
    day.to_datetime(time(hour, minute, second, 0))
        .to_zoned(japan())
        .map_or(i64::MAX, |zoned| zoned.timestamp().as_second())
}

/// Japan has had no summer time since 1951, so a fixed offset needs no time zone database.
fn japan() -> TimeZone {
    TimeZone::fixed(Offset::constant(9))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn a_year_ends_with_its_last_day_in_japan() {
        // 00:30 on 23 November in Japan.
        let now = at("2026-11-22T15:30:00Z");
        assert_eq!(end_of_one_year(now), at("2027-11-23T14:59:59Z"));
        assert_eq!(end_of_day(now, 0), at("2026-11-23T14:59:59Z"));
        assert_eq!(
            end_of_one_year(at("2028-02-29T03:00:00Z")),
            at("2029-02-28T14:59:59Z")
        );
    }

    #[test]
    fn days_are_counted_by_japans_calendar() {
        let end = at("2026-12-12T14:59:59Z");
        assert_eq!(days_until(at("2026-11-22T14:59:59Z"), end), 20);
        assert_eq!(days_until(at("2026-11-22T15:00:00Z"), end), 19);
        assert_eq!(days_until(at("2026-12-12T14:59:59Z"), end), 0);
        assert_eq!(days_until(at("2026-12-12T15:00:00Z"), end), -1);
        assert_eq!(start_of_day_before(end, 30), at("2026-11-11T15:00:00Z"));
    }

    #[test]
    fn dates_read_as_people_write_them() {
        let moment = at("2026-11-22T00:05:00Z");
        assert_eq!(day_text(moment, Language::Japanese), "2026年11月22日");
        assert_eq!(
            moment_text(moment, Language::Japanese),
            "2026年11月22日 09時05分"
        );
        assert_eq!(
            moment_text(moment, Language::English),
            "22 November 2026, 09:05 (Japan)"
        );
    }
}

//! Dates as people write them.

use jiff::{Timestamp, civil::Date, fmt::strtime, tz::TimeZone};

use super::{Language, Texts};
use crate::clock;

impl Texts {
    /// The day of a moment (unix seconds) by the bank's calendar, Japan's: `2026年11月22日`,
    /// `22 November 2026`. A moment outside the years that calendars have is given as its number.
    #[must_use]
    pub fn bank_date(&self, moment: i64) -> String {
        clock::bank_day(moment)
            .and_then(|day| self.written(day))
            .unwrap_or_else(|| moment.to_string())
    }

    /// A moment (unix seconds) by this PC's clock and zone: `2026年11月22日 20:15:03`,
    /// `22 November 2026, 20:15:03`. A moment outside the years that calendars have is given as
    /// its number.
    #[must_use]
    pub fn local_time(&self, moment: i64) -> String {
        self.time_in(moment, TimeZone::system())
    }

    fn time_in(&self, moment: i64, zone: TimeZone) -> String {
        let format = match self.language() {
            Language::Japanese => "%Y年%-m月%-d日 %H:%M:%S",
            Language::English => "%-d %B %Y, %H:%M:%S",
        };
        Timestamp::from_second(moment)
            .ok()
            .and_then(|time| strtime::format(format, &time.to_zoned(zone)).ok())
            .unwrap_or_else(|| moment.to_string())
    }

    /// A day that a failure brings as RFC 3339 text (`2026-11-22`), as people write it; anything
    /// else as it is.
    pub(super) fn day(&self, text: &str) -> String {
        text.parse()
            .ok()
            .and_then(|day| self.written(day))
            .unwrap_or_else(|| text.to_owned())
    }

    fn written(&self, day: Date) -> Option<String> {
        let format = match self.language() {
            Language::Japanese => "%Y年%-m月%-d日",
            Language::English => "%-d %B %Y",
        };
        strtime::format(format, day).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 22 November 2026, 14:59:59 UTC: the last second of that day in Japan.
    const LAST_SECOND: i64 = 1_795_359_599;

    #[test]
    fn the_banks_day_ends_at_midnight_in_japan() {
        let japanese = Texts::of(Language::Japanese);
        assert_eq!(japanese.bank_date(LAST_SECOND), "2026年11月22日");
        assert_eq!(japanese.bank_date(LAST_SECOND + 1), "2026年11月23日");
        let english = Texts::of(Language::English);
        assert_eq!(english.bank_date(LAST_SECOND), "22 November 2026");
    }

    #[test]
    fn a_time_is_this_pcs_own() {
        let japanese = Texts::of(Language::Japanese);
        let tokyo = || TimeZone::fixed(jiff::tz::offset(9));
        assert_eq!(
            japanese.time_in(LAST_SECOND, tokyo()),
            "2026年11月22日 23:59:59"
        );
        let english = Texts::of(Language::English);
        assert_eq!(
            english.time_in(LAST_SECOND, TimeZone::UTC),
            "22 November 2026, 14:59:59"
        );
        assert_eq!(english.local_time(i64::MAX), i64::MAX.to_string());
    }

    #[test]
    fn a_failures_day_is_written_for_people() {
        let english = Texts::of(Language::English);
        assert_eq!(english.day("2026-11-22"), "22 November 2026");
        assert_eq!(english.day("some day"), "some day");
        let japanese = Texts::of(Language::Japanese);
        assert_eq!(japanese.day("2026-11-22"), "2026年11月22日");
    }

    #[test]
    fn a_moment_without_a_date_is_still_said() {
        let english = Texts::of(Language::English);
        assert_eq!(english.bank_date(i64::MAX), i64::MAX.to_string());
    }
}

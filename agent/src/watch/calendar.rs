//! Japan's working days: on the others nobody at a bank, nor at its customer's, can act on a
//! reminder.

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday, date},
};

/// Whether banks are open on that day: no weekend, no national holiday (the Act on National
/// Holidays as it stands since 2022), and not 31 December to 3 January (the Banking Act's order).
#[must_use]
pub(super) fn is_working_day(day: Date) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let new_year = matches!((day.month(), day.day()), (12, 31) | (1, 1..=3));
    !weekend && !new_year && !is_holiday(day)
}

/// A national holiday, a substitute for one that falls on a Sunday, or a day between two.
fn is_holiday(day: Date) -> bool {
    is_named(day) || is_substitute(day) || is_between(day)
}

fn is_named(day: Date) -> bool {
    let monday = |month, nth| {
        let first = date(day.year(), month, 1);
        first.nth_weekday_of_month(nth, Weekday::Monday).ok() == Some(day)
    };
    let fixed = [
        (1, 1),
        (2, 11),
        (2, 23),
        (4, 29),
        (5, 3),
        (5, 4),
        (5, 5),
        (8, 11),
        (11, 3),
        (11, 23),
    ];
    fixed.contains(&(day.month(), day.day()))
        || monday(1, 2)
        || monday(7, 3)
        || monday(9, 3)
        || monday(10, 2)
        || equinox(day.year(), day.month()) == Some(day.day())
}

/// The first day after a holiday on a Sunday that is none itself.
fn is_substitute(day: Date) -> bool {
    let mut before = day;
    loop {
        let Ok(earlier) = before.yesterday() else {
            return false;
        };
        before = earlier;
        if !is_named(before) {
            return false;
        }
        if before.weekday() == Weekday::Sunday {
            return !is_named(day);
        }
    }
}

/// A weekday with a holiday before it and one after it.
fn is_between(day: Date) -> bool {
    let around = [day.checked_sub(1.day()), day.checked_add(1.day())];
    around.into_iter().all(|day| day.is_ok_and(is_named))
}

/// The day of the month on which the sun is said to cross the equator, as the observatory's
/// rule gives it for 1980 to 2099; the cabinet announces each year's in the February before.
fn equinox(year: i16, month: i8) -> Option<i8> {
    let first = match month {
        3 => 20.8431,
        9 => 23.2488,
        _ => return None,
    };
    let years = f64::from(year - 1980);
    let leap_days = f64::from((year - 1980).div_euclid(4));
    let day = (first + 0.242_194 * years - leap_days).floor();
    // Between 19 and 24 in these years, and far from any bound in others.
    Some(day as i8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days_off(year: i16) -> Vec<String> {
        let mut day = date(year, 1, 1);
        let mut off = Vec::new();
        while day.year() == year {
            let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
            if !is_working_day(day) && !weekend {
                off.push(day.strftime("%m-%d").to_string());
            }
            day = day.tomorrow().unwrap();
        }
        off
    }

    /// As the Cabinet Office lists them, with the banks' days at the turn of the year.
    #[test]
    fn the_days_off_of_2026() {
        assert_eq!(
            days_off(2026),
            [
                "01-01", "01-02", "01-12", "02-11", "02-23", "03-20", "04-29", "05-04", "05-05",
                "05-06", "07-20", "08-11", "09-21", "09-22", "09-23", "10-12", "11-03", "11-23",
                "12-31",
            ]
        );
    }

    #[test]
    fn the_days_off_of_2027() {
        assert_eq!(
            days_off(2027),
            [
                "01-01", "01-11", "02-11", "02-23", "03-22", "04-29", "05-03", "05-04", "05-05",
                "07-19", "08-11", "09-20", "09-23", "10-11", "11-03", "11-23", "12-31",
            ]
        );
    }
}

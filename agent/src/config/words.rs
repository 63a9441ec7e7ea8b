//! Values that are written as strings: words, and lengths of time with their units.

use std::{ops::RangeInclusive, time::Duration};

use super::finding::Reason;

/// The word's value among `choices`.
///
/// # Errors
/// [`Reason::BadChoice`] with the words there are, and the nearest one.
pub fn choose<T: Copy>(key: &str, text: &str, choices: &[(&str, T)]) -> Result<T, Reason> {
    choices
        .iter()
        .find(|(word, _)| *word == text)
        .map(|(_, value)| *value)
        .ok_or_else(|| Reason::BadChoice {
            key: key.to_owned(),
            value: text.to_owned(),
            choices: choices.iter().map(|(word, _)| (*word).to_owned()).collect(),
            nearest: nearest(text, choices.iter().map(|(word, _)| *word)).map(str::to_owned),
        })
}

/// Whole days, written `30d`, at most `most`.
///
/// # Errors
/// [`Reason::BadDuration`] or [`Reason::OutOfRange`].
pub fn parse_days(key: &str, text: &str, most: u16) -> Result<u16, Reason> {
    const DAY: u64 = 24 * 60 * 60;
    let range = Duration::ZERO..=Duration::from_secs(u64::from(most) * DAY);
    let seconds = parse_duration(key, text, &range)?.as_secs();
    if !seconds.is_multiple_of(DAY) {
        return Err(Reason::NotWholeDays {
            key: key.to_owned(),
            value: text.to_owned(),
        });
    }
    Ok(u16::try_from(seconds / DAY).expect("the range has at most u16::MAX days"))
}

pub(super) fn parse_duration(
    key: &str,
    text: &str,
    range: &RangeInclusive<Duration>,
) -> Result<Duration, Reason> {
    let bad = || Reason::BadDuration {
        key: key.to_owned(),
        value: text.to_owned(),
    };
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match &text[digits.len()..] {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err(bad()),
    };
    let number: u32 = digits.parse().map_err(|_| bad())?;
    let duration = Duration::from_secs(u64::from(number) * unit);
    if !range.contains(&duration) {
        return Err(Reason::OutOfRange {
            key: key.to_owned(),
            least: duration_text(*range.start()),
            most: duration_text(*range.end()),
        });
    }
    Ok(duration)
}

/// A length of time as it is written in a file, in the largest unit that divides it.
#[must_use]
pub fn duration_text(duration: Duration) -> String {
    let seconds = duration.as_secs();
    for (length, unit) in [(86_400, 'd'), (3_600, 'h'), (60, 'm')] {
        if seconds > 0 && seconds.is_multiple_of(length) {
            return format!("{}{unit}", seconds / length);
        }
    }
    format!("{seconds}s")
}

/// The candidate most like a word, if any is like it at all.
pub(super) fn nearest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_needs_a_unit_and_has_bounds() {
        let range = Duration::from_secs(1)..=Duration::from_secs(3600);
        let parse = |text| parse_duration("timeout", text, &range);
        assert_eq!(parse("90s").unwrap(), Duration::from_secs(90));
        assert_eq!(parse("5m").unwrap(), Duration::from_secs(300));
        assert_eq!(parse("1h").unwrap(), Duration::from_secs(3600));
        for text in ["90", "m", "", "5 m", "-5m", "5.5m", "５m", "99999999999s"] {
            let bad = matches!(parse(text), Err(Reason::BadDuration { .. }));
            assert!(bad, "{text}");
        }
        let (least, most) = ("1s".to_owned(), "1h".to_owned());
        let key = "timeout".to_owned();
        assert_eq!(parse("2h"), Err(Reason::OutOfRange { key, least, most }));
    }

    #[test]
    fn days_are_whole() {
        assert_eq!(parse_days("window", "30d", 3660).unwrap(), 30);
        assert_eq!(parse_days("window", "48h", 3660).unwrap(), 2);
        let broken = parse_days("window", "36h", 3660);
        assert!(matches!(broken, Err(Reason::NotWholeDays { .. })));
        let long = parse_days("window", "3661d", 3660);
        assert!(matches!(long, Err(Reason::OutOfRange { .. })));
    }
}

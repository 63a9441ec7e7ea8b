//! The clock, held against what else on this PC knows the time: the journal's newest entry, the
//! clock of the hardware, and the day on which this version was written.

use std::{fs, path::Path};

use jiff::{Timestamp, tz::TimeZone};

use super::{Finding, Group::Clock};

/// Unix seconds of a moment after which this version was written: 2026-11-01.
const WRITTEN: i64 = 1_793_491_200;

/// How far clocks may be apart, in seconds.
const APART: i64 = 5 * 60;

/// Where Linux shows the hardware's clock, in Unix seconds.
const HARDWARE: &str = "/sys/class/rtc/rtc0/since_epoch";

/// `newest`: the time of the journal's newest entry.
pub(super) fn look(now: Timestamp, newest: Option<i64>) -> Vec<Finding> {
    let ahead = TimeZone::system().to_offset(now).seconds();
    let hardware = hardware(Path::new(HARDWARE));
    judge(now.as_second(), newest, hardware, ahead.into())
}

/// `ahead`: how far the local time is ahead of UTC, in seconds.
fn judge(now: i64, newest: Option<i64>, hardware: Option<i64>, ahead: i64) -> Vec<Finding> {
    let mut findings = Vec::new();
    if now < WRITTEN {
        findings.push(Finding::failed(Clock, "doctor-clock-before-koshin"));
    }
    if newest.is_some_and(|newest| newest > now + APART) {
        findings.push(Finding::warning(Clock, "doctor-clock-before-journal"));
    }
    if let Some(hardware) = hardware {
        let apart = hardware - now;
        // A PC that also runs Windows keeps its hardware's clock in local time.
        if apart.abs() > APART && (apart - ahead).abs() > APART {
            findings.push(
                Finding::warning(Clock, "doctor-clock-not-hardware")
                    .with("minutes", apart.abs() / 60),
            );
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok(Clock, "doctor-clock"));
    }
    findings
}

fn hardware(path: &Path) -> Option<i64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = WRITTEN + 1_000_000;

    fn ids(now: i64, newest: Option<i64>, hardware: Option<i64>) -> Vec<&'static str> {
        judge(now, newest, hardware, 9 * 3600)
            .iter()
            .map(|finding| finding.id)
            .collect()
    }

    #[test]
    fn a_clock_that_agrees_with_all_is_right() {
        assert_eq!(ids(NOW, None, None), ["doctor-clock"]);
        assert_eq!(
            ids(NOW, Some(NOW + APART), Some(NOW - APART)),
            ["doctor-clock"]
        );
    }

    #[test]
    fn a_clock_that_was_set_back_is_behind_the_journal() {
        let before = "doctor-clock-before-journal";
        assert_eq!(ids(NOW, Some(NOW + APART + 1), None), [before]);
        let year = 365 * 24 * 3600;
        assert_eq!(
            ids(NOW - year, Some(NOW), None),
            ["doctor-clock-before-koshin", before]
        );
    }

    #[test]
    fn the_hardware_s_clock_may_be_in_local_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("since_epoch");
        let with = |apart: i64| {
            fs::write(&file, format!("{}\n", NOW + apart)).unwrap();
            ids(NOW, None, hardware(&file))
        };
        assert_eq!(with(9 * 3600 + 30), ["doctor-clock"]);
        assert_eq!(with(30), ["doctor-clock"]);
        assert_eq!(with(8 * 3600), ["doctor-clock-not-hardware"]);
        assert_eq!(with(400), ["doctor-clock-not-hardware"]);
        assert_eq!(with(3 * 24 * 3600), ["doctor-clock-not-hardware"]);
    }
}

//! Waiting for a moment of the wall clock, however the time until then passes: the PC may sleep,
//! and its clock may be set.

use std::{io, os::fd::OwnedFd};

use jiff::Timestamp;
use rustix::{
    io::Errno,
    time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    },
};
use tokio::io::unix::AsyncFd;

use super::ready;

/// Why an alarm went off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rang {
    /// The moment has come.
    Due,
    /// The clock was set: the moment may have come, or be further off than it was.
    ClockSet,
}

/// An alarm on the wall clock. It takes no processor time until it goes off.
#[derive(Debug)]
pub struct Alarm(AsyncFd<OwnedFd>);

impl Alarm {
    /// An alarm that is not set.
    ///
    /// # Errors
    /// When the system has no descriptor left.
    pub fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
        let timer = timerfd_create(TimerfdClockId::Realtime, flags)?;
        Ok(Self(ready::wait_for(timer)?))
    }

    /// Waits for `moment`, or until somebody sets the clock; with `None`, for the latter only.
    /// May be dropped and called again at any time.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn wait(&self, moment: Option<Timestamp>) -> io::Result<Rang> {
        self.set(moment)?;
        loop {
            let mut ready = self.0.readable().await?;
            let mut count = [0; 8];
            match rustix::io::read(&self.0, &mut count) {
                Ok(_) => return Ok(Rang::Due),
                Err(Errno::CANCELED) => return Ok(Rang::ClockSet),
                Err(Errno::AGAIN) => ready.clear_ready(),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn set(&self, moment: Option<Timestamp>) -> io::Result<()> {
        let moment = moment.unwrap_or(FAR);
        // A time of zero would switch the alarm off; the past rings at once.
        let it_value = Timespec {
            tv_sec: moment.as_second().max(1),
            tv_nsec: moment.subsec_nanosecond().max(0).into(),
        };
        let once = Itimerspec {
            it_interval: Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
            it_value,
        };
        let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
        match timerfd_settime(self.0.get_ref(), flags, &once) {
            // It is set all the same; the clock was set since the last look.
            Ok(_) | Err(Errno::CANCELED) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// In the year 2200, beyond any certificate of today's.
const FAR: Timestamp = Timestamp::constant(7_258_118_400, 0);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn the_past_rings_at_once_and_a_moment_when_it_has_come() {
        let alarm = Alarm::new().unwrap();
        let past = Timestamp::from_second(1_000_000_000).unwrap();
        assert_eq!(alarm.wait(Some(past)).await.unwrap(), Rang::Due);
        let soon = Timestamp::now() + Duration::from_millis(20);
        assert_eq!(alarm.wait(Some(soon)).await.unwrap(), Rang::Due);
        assert!(Timestamp::now() >= soon);
    }

    #[tokio::test]
    async fn an_alarm_that_was_set_again_does_not_ring_for_the_earlier_moment() {
        let alarm = Alarm::new().unwrap();
        let now = Timestamp::now();
        let (soon, later) = (Duration::from_millis(10), Duration::from_millis(60));
        let first = tokio::time::timeout(Duration::ZERO, alarm.wait(Some(now + soon))).await;
        assert!(first.is_err());
        alarm.wait(Some(now + later)).await.unwrap();
        assert!(Timestamp::now() >= now + later);
    }
}

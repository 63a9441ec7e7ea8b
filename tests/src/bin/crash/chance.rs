//! A SIGKILL at a moment that chance gives.

use std::{
    fs,
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{plan::Victim, scene::Scene};

/// How often a worker is looked for that is not there yet.
const LOOK_AGAIN: Duration = Duration::from_micros(500);

/// A kill that is going to happen.
pub(crate) struct Chance {
    over: Sender<()>,
    thread: JoinHandle<bool>,
}

impl Chance {
    /// Has the victim killed so many milliseconds from now: of workers, the first that is found
    /// from then on.
    pub(crate) fn begin(scene: &Scene, victim: Victim, moment: u32) -> Self {
        let agent = scene.agent.as_ref().map(tests::Agent::process_id);
        let process = match victim {
            Victim::Agent | Victim::Worker => agent.expect("the agent runs"),
            Victim::Bank => scene.bank.process_id(),
        };
        let (over, ended) = channel();
        let at = Instant::now() + Duration::from_millis(moment.into());
        let thread = thread::spawn(move || {
            let mut wait = at.saturating_duration_since(Instant::now());
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                let found = match victim {
                    Victim::Agent | Victim::Bank => Some(process),
                    Victim::Worker => worker_of(process),
                };
                if let Some(found) = found.and_then(|found| Pid::from_raw(found.cast_signed())) {
                    return kill_process(found, Signal::KILL).is_ok();
                }
                wait = LOOK_AGAIN;
            }
            false
        });
        Self { over, thread }
    }

    /// The flow is over; whether the victim was killed in it.
    pub(crate) fn end(self) -> bool {
        // It has ended already where it has killed.
        let _ = self.over.send(());
        self.thread.join().unwrap_or(false)
    }
}

fn worker_of(agent: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{agent}/task/{agent}/children")).ok()?;
    children
        .split_whitespace()
        .filter_map(|child| child.parse().ok())
        .find(|child: &u32| {
            fs::read(format!("/proc/{child}/cmdline"))
                .is_ok_and(|line| line.windows(8).any(|part| part == b"\0worker\0"))
        })
}

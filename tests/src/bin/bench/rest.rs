//! The agent at rest after a renewal, its start, and its size.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, pidfd_open},
};
use tests::programs;

use crate::{
    measure::{Measure, median, ms},
    office::{self, Agent, Office},
    supply::Calls,
};

const STARTS: usize = 15;

pub(crate) fn measure() -> Vec<Measure> {
    let office = Office::new(office::softhsm);
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        starts.push(ms(Agent::start(&office).starting));
    }
    let agent = Agent::start(&office);
    let mut calls = Calls::on(&office.token);
    let old = office.customer(&mut calls);
    office.renew(&old);
    without_helpers(agent.child.id());
    check_counting(&office, agent.child.id());

    let before = switches(&family(agent.child.id()));
    a_minute(agent.child.id());
    let after = switches(&family(agent.child.id()));
    let processes = family(agent.child.id());
    let (memory, how) = memory(&processes);
    let size = fs::metadata(programs::built("koshin")).expect("koshin was built");
    vec![
        Measure::at_most(
            10.0,
            "agent at rest: memory of all its processes, MiB",
            memory / 1024.0,
            format!("{how} of {} process(es)", processes.len()),
        ),
        Measure::at_most(
            6.0,
            "agent at rest: wake-ups in 60 s",
            figure(wake_ups(&before, &after)),
            "voluntary context switches of all threads".to_owned(),
        ),
        Measure::at_most(
            50.0,
            "agent: start to its first answer, ms",
            median(&starts),
            format!("median of {STARTS}"),
        ),
        Measure::at_most(
            12.0,
            "koshin: stripped size, MiB",
            figure(size.len()) / (1024.0 * 1024.0),
            "the release profile strips".to_owned(),
        ),
    ]
}

/// Waits until the workers and dialogs of a process have gone.
///
/// # Panics
/// If they stay.
pub(crate) fn without_helpers(process: u32) {
    for helper in family(process).into_iter().skip(1) {
        let helper = i32::try_from(helper).ok().and_then(Pid::from_raw);
        // One that cannot be opened has gone.
        let Ok(helper) = pidfd_open(helper.expect("a process id"), PidfdFlags::empty()) else {
            continue;
        };
        let patience = Timespec {
            tv_sec: 10,
            tv_nsec: 0,
        };
        let gone = poll(&mut [PollFd::new(&helper, PollFlags::IN)], Some(&patience));
        assert_eq!(gone, Ok(1), "a helper of the agent stays");
    }
}

/// Sees that what is counted as wake-ups counts: an agent that is asked so often wakes up at
/// least as often.
///
/// # Panics
/// If it does not.
fn check_counting(office: &Office, process: u32) {
    const CALLS: u64 = 20;
    let before = switches(&family(process));
    office.ask(CALLS);
    let counted = wake_ups(&before, &switches(&family(process)));
    assert!(
        counted >= CALLS,
        "{CALLS} calls and {counted} wake-ups: they are not counted"
    );
}

/// A process with its descendants.
fn family(process: u32) -> Vec<u32> {
    let mut all = vec![process];
    let tasks = fs::read_dir(format!("/proc/{process}/task"));
    for task in tasks.into_iter().flatten().filter_map(Result::ok) {
        let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        let children = children
            .split_whitespace()
            .filter_map(|one| one.parse().ok());
        all.extend(children.flat_map(family));
    }
    all
}

/// The voluntary context switches of each thread so far.
fn switches(processes: &[u32]) -> BTreeMap<PathBuf, u64> {
    processes
        .iter()
        .filter_map(|process| fs::read_dir(format!("/proc/{process}/task")).ok())
        .flatten()
        .filter_map(|task| {
            let task = task.ok()?.path();
            let count = field(&task.join("status"), "voluntary_ctxt_switches:")?;
            Some((task, count))
        })
        .collect()
}

/// How often a thread woke up in between. One that has ended woke up for that, and how often
/// else nobody knows any more.
fn wake_ups(before: &BTreeMap<PathBuf, u64>, after: &BTreeMap<PathBuf, u64>) -> u64 {
    let ended = before.keys().filter(|task| !after.contains_key(*task));
    let woken = after.iter().map(|(task, count)| {
        let known = before.get(task).copied().unwrap_or_default();
        count.saturating_sub(known)
    });
    woken.sum::<u64>() + ended.map(|_| 1).sum::<u64>()
}

/// The memory of processes in KiB, and what it is the sum of. Only root may read the share of an
/// agent that keeps its memory private; all others see what it holds, shared pages counted whole.
fn memory(processes: &[u32]) -> (f64, &'static str) {
    let sum = |file: &str, name: &str| -> Option<u64> {
        processes
            .iter()
            .map(|process| field(Path::new(&format!("/proc/{process}/{file}")), name))
            .sum()
    };
    match sum("smaps_rollup", "Pss:") {
        Some(kib) => (figure(kib), "PSS"),
        None => {
            let kib = sum("status", "VmRSS:").expect("the processes run");
            (figure(kib), "RSS, an upper bound of PSS,")
        }
    }
}

/// A number of a file in /proc.
fn field(path: &Path, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Waits for a minute, in which the process must not end.
fn a_minute(process: u32) {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    let process = pidfd_open(process.expect("a process id"), PidfdFlags::empty());
    let process = process.expect("it is our child");
    let minute = Timespec {
        tv_sec: 60,
        tv_nsec: 0,
    };
    let ended = poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&minute));
    assert_eq!(ended, Ok(0), "the agent ended");
}

fn figure(number: u64) -> f64 {
    // Exact far beyond any size or count here.
    number as f64
}

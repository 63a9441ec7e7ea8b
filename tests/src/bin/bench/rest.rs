//! The agent at rest after a renewal, its start, and its size.

use std::{fs, path::Path};

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

    let processes = family(agent.child.id());
    let before: u64 = processes.iter().map(|&process| switches(process)).sum();
    a_minute(agent.child.id());
    let after: u64 = family(agent.child.id()).into_iter().map(switches).sum();
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
            figure(after.saturating_sub(before)),
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

/// The voluntary context switches of all threads of a process so far.
fn switches(process: u32) -> u64 {
    fs::read_dir(format!("/proc/{process}/task"))
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter_map(|task| field(&task.path().join("status"), "voluntary_ctxt_switches:"))
        .sum()
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

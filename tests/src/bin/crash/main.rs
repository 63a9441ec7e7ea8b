//! `make crash`: a fault at every call of PKCS#11 and every step of the pages, one a case, and
//! what is left afterwards.
//!
//! The calls and steps are those of a recorded run of each flow, for each family of keys. After a
//! fault everything is started again, the person goes on, and other programs judge: see `judge`.
//!
//! `--part` runs a fixed part in about a minute, `--full` every fault at each call that only reads,
//! too, `--list` only names the cases. `CASES=a,b` runs those whose name contains `a` or `b`,
//! `JOBS=3` so many at a time, `SEED=n` the same random moments again. The agent's log of a case
//! that fails is left in `target/crash`.

mod chance;
mod judge;
mod page;
mod plan;
mod run;
mod scene;

use std::{
    env,
    io::{self, Write as _},
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use judge::Verdict;
use plan::{Case, Extent, Family, Flow, cases, chances};
use scene::Stage;

/// How many cases run at a time: each waits much of its time.
const JOBS: usize = 3;

/// The random moments of the whole run.
const CHANCES: usize = 80;

fn main() -> ExitCode {
    let begin = Instant::now();
    let arguments: Vec<String> = env::args().skip(1).collect();
    let has = |argument: &str| arguments.iter().any(|given| given == argument);
    let extent = match () {
        () if has("--part") => Extent::Part,
        () if has("--full") => Extent::Full,
        () => Extent::Whole,
    };
    let (stages, cases) = prepare(extent);
    let cases = chosen(cases);
    if has("--list") {
        for case in &cases {
            say(&case.name);
        }
        return ExitCode::SUCCESS;
    }
    say(&format!(
        "crash: {} cases, {} at a time",
        cases.len(),
        jobs()
    ));
    let total = run_all(&stages, &cases);
    if total.troubled > 0 {
        say(&format!("crash: {} cases did not end well", total.troubled));
    }
    say(&format!("crash: took {} s", begin.elapsed().as_secs()));
    say(&format!(
        "crash: cases={} fired={} lost={} leftovers={}",
        total.cases, total.fired, total.lost, total.leftovers
    ));
    let well = total.troubled == 0 && total.fired == total.cases && total.cases > 0;
    if well && total.lost == 0 && total.leftovers == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Sets up the stages, records each flow, and plans.
fn prepare(extent: Extent) -> (Vec<Stage>, Vec<Case>) {
    let mut stages = Vec::new();
    let mut all = Vec::new();
    let mut times = Vec::new();
    for family in Family::ALL {
        for flow in Flow::ALL {
            let stage = Stage::set_up(family, flow);
            let recorded = run::record(&stage);
            say(&format!(
                "crash: {family:?} {flow:?} takes {} calls of PKCS#11, {} steps, {} ms",
                recorded.calls.len(),
                recorded.steps.len(),
                recorded.time
            ));
            all.extend(cases(stages.len(), (family, flow), &recorded, extent));
            times.push((family, flow, recorded.time));
            stages.push(stage);
        }
    }
    if extent == Extent::Part {
        // A fixed part: the first family's renewal, and what the others have beside it.
        all.retain(|case| case.stage == 0 || case.name.contains("/Acquire/C_"));
        // Whether the restart after this one strikes in the making of the key is chance, and what
        // that leaves is in docs/KNOWN-ISSUES.md.
        all.retain(|case| !case.name.contains("-request/"));
    } else {
        let seed = seed();
        say(&format!("crash: SEED={seed}"));
        all.extend(chances(&times, seed, CHANCES));
    }
    (stages, all)
}

fn chosen(cases: Vec<Case>) -> Vec<Case> {
    let Ok(wanted) = env::var("CASES") else {
        return cases;
    };
    let wanted: Vec<&str> = wanted.split(',').collect();
    let fits = |case: &Case| wanted.iter().any(|part| case.name.contains(part));
    cases.into_iter().filter(fits).collect()
}

fn seed() -> u64 {
    let given = env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH);
    given.unwrap_or_else(|| now().map_or(1, |time| time.as_secs()))
}

fn jobs() -> usize {
    let given = env::var("JOBS").ok().and_then(|jobs| jobs.parse().ok());
    given.unwrap_or(JOBS)
}

/// What all cases came to.
#[derive(Default)]
struct Total {
    cases: usize,
    fired: usize,
    lost: usize,
    leftovers: usize,
    troubled: usize,
}

impl Total {
    fn add(&mut self, verdict: &Verdict) {
        self.cases += 1;
        self.fired += usize::from(!verdict.unfired);
        self.lost += usize::from(verdict.lost);
        self.leftovers += verdict.leftovers;
        self.troubled += usize::from(!verdict.is_well());
    }
}

fn run_all(stages: &[Stage], cases: &[Case]) -> Total {
    let next = AtomicUsize::new(0);
    let total = Mutex::new(Total::default());
    thread::scope(|scope| {
        for _ in 0..jobs() {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = run::case(&stages[case.stage], case);
                    let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
                    total.add(&verdict);
                    if !verdict.is_well() {
                        report(case, &verdict);
                    }
                    if total.cases.is_multiple_of(50) {
                        say(&format!("crash: {} of {}", total.cases, cases.len()));
                    }
                }
            });
        }
    });
    total.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn report(case: &Case, verdict: &Verdict) {
    let mut line = format!("crash: {}:", case.name);
    if verdict.unfired {
        line += " the fault did not fire;";
    }
    if verdict.lost {
        line += " LOST: no certificate logs in;";
    }
    for complaint in &verdict.complaints {
        line += &format!("\n    {complaint}");
    }
    say(&line);
}

fn say(line: &str) {
    // Nobody is left to tell when the terminal is gone.
    let _ = writeln!(io::stdout().lock(), "{line}");
}

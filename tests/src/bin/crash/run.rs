//! One case: the flow with its fault, and then the judge.

use std::{
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use tests::scene::ADMINISTRATOR;

use crate::{
    chance::Chance,
    judge::Verdict,
    page::{Page, Stop},
    plan::{Case, Fault, Flow, Place, Recorded},
    scene::{Scene, Stage},
};

/// Runs a flow without a fault.
pub(crate) fn record(stage: &Stage) -> Recorded {
    let mut scene = Scene::on(stage);
    scene.faults.trace();
    let begin = Instant::now();
    let mut page = Page::new(&mut scene, stage.flow.user());
    let done = walk(&mut page);
    let time = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    let steps = page.steps.clone();
    done.unwrap_or_else(|stop| panic!("without a fault: {stop}\n{}", scene.log()));
    let calls = scene.faults.traced().into_iter();
    Recorded {
        calls: calls.map(|(_, call, count)| (call, count)).collect(),
        steps,
        time,
    }
}

/// Runs a case to its end, whatever happens in it.
pub(crate) fn case(stage: &Stage, case: &Case) -> Verdict {
    let mut verdict = Verdict::default();
    let ran = catch_unwind(AssertUnwindSafe(|| {
        let mut scene = Scene::on(stage);
        let stopped = strike(&mut scene, case, &mut verdict);
        let before = scene.log();
        scene.recover();
        if scene.flow == Flow::Acquire && stopped.is_some() {
            // The page said that something went wrong, so the person tries again there first.
            let _ = scene.acquire_again();
        }
        scene.judge(&mut verdict);
        if !verdict.is_well() {
            let stopped = stopped.map_or_else(|| "the end".to_owned(), |stop| stop.to_string());
            verdict
                .complaints
                .push(format!("the fault stopped the pages at: {stopped}"));
            keep(case, &(before + "\n--- started again ---\n" + &scene.log()));
        }
    }));
    if let Err(panic) = ran {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        verdict.complaints.push(text.unwrap_or_default());
    }
    verdict
}

/// The flow with its fault; where that stopped it.
fn strike(scene: &mut Scene, case: &Case, verdict: &mut Verdict) -> Option<Stop> {
    let user = scene.flow.user();
    match &case.place {
        Place::Call(call, count) => {
            let order = case.fault.order(call, *count).expect("a fault of a call");
            scene.faults.order(&order);
            let stopped = walk(&mut Page::new(scene, user)).err();
            let mut fired = !scene.faults.fired().is_empty();
            match case.fault {
                Fault::KillAgent | Fault::KillBoth => {
                    // The module has sent the signal; the kernel may still be at it.
                    fired = fired && scene.agent_was_killed();
                }
                Fault::FullDisk => {
                    // A flow that had nothing left to write: the next one has.
                    if fired && !scene.disk_refused() {
                        let _ = Page::new(scene, ADMINISTRATOR).renew("01");
                    }
                    fired = fired && scene.disk_refused();
                }
                _ => {}
            }
            verdict.unfired = !fired;
            stopped
        }
        Place::Step(number, _) => {
            let mut page = Page::new(scene, user);
            page.trouble = Some((*number, case.fault));
            let stopped = walk(&mut page).err();
            verdict.unfired = !page.fired;
            stopped
        }
        Place::Moment(moment) => {
            let Fault::Kill(victim) = case.fault else {
                unreachable!("a moment is that of a kill");
            };
            let chance = Chance::begin(scene, victim, *moment);
            let stopped = walk(&mut Page::new(scene, user)).err();
            verdict.unfired = !chance.end();
            stopped
        }
    }
}

fn walk(page: &mut Page<'_>) -> Result<(), Stop> {
    match page.scene.flow {
        Flow::Renew => page.renew("02"),
        Flow::Acquire => {
            page.scene.give_code();
            page.acquire()
        }
    }
}

/// Leaves an agent's log where it can be read.
fn keep(case: &Case, log: &str) {
    let Ok(program) = env::current_exe() else {
        return;
    };
    let Some(folder) = program
        .ancestors()
        .nth(2)
        .map(|target| target.join("crash"))
    else {
        return;
    };
    // Whoever looks for it and finds none runs the case again.
    let _ = fs::create_dir_all(&folder);
    let _ = fs::write(folder.join(case.name.replace('/', "_") + ".log"), log);
}

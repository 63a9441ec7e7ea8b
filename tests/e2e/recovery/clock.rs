//! The PC's clock is set, or the PC sleeps, in the middle of a renewal.

use std::time::{SystemTime, UNIX_EPOCH};

use protocol::bridge::{RenewalView, State, WaitReason};
use serde_json::Value;
use tests::{
    Agent, Answer, Course, Customer, Scene, StandingClock, Visit, course::WILLING, token::PIN,
};

const HOUR: i64 = 3600;
const TWO_YEARS: i64 = 2 * 365 * 24 * HOUR;

#[test]
fn a_clock_two_years_ahead_costs_nothing_that_was_issued() {
    let (scene, clock) = by_a_clock(|profile| profile);
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let before = course.request();
    let answer = issued(&course, &before);
    clock.set(machine_time() + TWO_YEARS);
    let refused = course.loopback.deliver(&course.id, &answer);
    assert_eq!(refused.problem_code(), "certificate-expired");
    let waiting = course.loopback.view(&course.id);
    assert_eq!(waiting.state, State::AwaitingCertificate);

    clock.set(machine_time());
    // What was accepted by another time serves no more.
    let person = &scene.home.person;
    person.answers(&[Answer::Pin(PIN), Answer::Yes]);
    goes_on(&scene, &visit, &course, &before, &answer);
}

#[test]
fn a_clock_two_years_behind_makes_the_renewal_wait() {
    let (scene, clock) = by_a_clock(|profile| profile);
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let before = course.request();
    let answer = issued(&course, &before);
    clock.set(machine_time() - TWO_YEARS);
    let taken: RenewalView = course.loopback.deliver(&course.id, &answer).json(200);
    assert_eq!(taken.state, State::Waiting);
    assert_eq!(taken.waiting, Some(WaitReason::Clock));

    clock.set(machine_time());
    let person = &scene.home.person;
    person.answers(&[Answer::Yes, Answer::Pin(PIN)]);
    let again = Course::of(scene.loopback(), visit.reload_renewal_page());
    assert_eq!(again.id, course.id);
    assert_eq!(again.installed().csr, before.csr);
}

#[test]
fn a_clock_two_years_ahead_does_not_take_the_old_certificate_away() {
    let (mut scene, clock) = by_a_clock(|profile| {
        let changed = profile.replace("retire = \"first-login\"", "retire = \"expiry\"");
        assert_ne!(changed, profile);
        changed
    });
    let customer = scene.user();
    let done = scene.renew(&customer);
    clock.set(machine_time() + TWO_YEARS);
    scene.agent.kill();
    scene.agent = start(&scene, &clock);
    // It looks at the clock as it starts.
    let _ = scene.loopback().certificates();
    assert_eq!(scene.loopback().view(&done.id).state, State::Grace);
    assert_eq!(scene.token.objects().len(), 6);
    clock.set(machine_time());
    scene.still_logs_in(&customer);

    // Its time comes, and the new one is good.
    clock.set(machine_time() + 30 * 24 * HOUR);
    scene.agent.kill();
    scene.agent = start(&scene, &clock);
    scene
        .loopback()
        .until(&done.id, |state| state == State::Retired);
}

#[test]
fn a_pc_that_sleeps_at_each_dialog_goes_on_and_asks_for_the_pin_again() {
    let (scene, clock) = by_a_clock(|profile| profile);
    let customer: Customer = scene.user();
    let person = &scene.home.person;
    let (pin, install) = (person.gate("pin"), person.gate("install"));
    person.answers(&[
        Answer::Yes,
        Answer::When("pin", &Answer::Pin(PIN)),
        Answer::When("install", &Answer::Yes),
        Answer::Pin(PIN),
    ]);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    course
        .loopback
        .until(&course.id, |state| state == State::Authenticate);
    let sleep = |hours: i64| {
        let asleep = scene.agent.suspend();
        clock.set(machine_time() + hours * HOUR);
        drop(asleep);
    };
    sleep(3);
    pin.open();
    let reply = course.deliver();
    assert_eq!(reply.status, 200, "{}", reply.body);
    course
        .loopback
        .until(&course.id, |state| state == State::ConsentToInstall);
    sleep(6);
    install.open();
    course.installed();
    let pins = person.asked();
    let pins = pins.iter().filter(|asked| asked.command == "GETPIN");
    assert_eq!(pins.count(), 2, "what was accepted serves for minutes");
}

/// A scene whose agent goes by a clock of its own, at a bank whose profile is changed.
fn by_a_clock(change: impl FnOnce(String) -> String) -> (Scene, StandingClock) {
    let mut scene = Scene::new();
    let clock = StandingClock::new(&scene.home, machine_time());
    scene.agent.kill();
    let profile = scene.bank.profile().expect("the bank has a profile");
    scene.home.install_profile("mihon", &change(profile));
    scene.agent = start(&scene, &clock);
    (scene, clock)
}

fn start(scene: &Scene, clock: &StandingClock) -> Agent {
    Agent::start_with(clock.rule(&mut scene.home.koshin(&["run"])))
}

/// The CA's answer, which the page keeps for now.
fn issued(course: &Course<'_>, view: &RenewalView) -> Value {
    let (csr, proof) = (view.csr.as_deref(), view.proof.as_deref());
    course.page.submit(csr.unwrap(), proof.unwrap()).json(200)
}

/// The page comes back and brings the same answer to the same request.
fn goes_on<'v>(
    scene: &Scene,
    visit: &'v Visit<'v>,
    course: &Course<'_>,
    before: &RenewalView,
    answer: &Value,
) {
    let again = Course::of(scene.loopback(), visit.reload_renewal_page());
    assert_eq!(again.id, course.id);
    assert_eq!(again.request().csr, before.csr);
    let taken = again.loopback.deliver(&again.id, answer);
    assert_eq!(taken.status, 200, "{}", taken.body);
    again.installed();
}

/// The machine's own time, in Unix seconds.
fn machine_time() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

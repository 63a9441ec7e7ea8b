//! Modules that hang, leak, talk and answer nonsense: the agent says so within its limit, ends the
//! worker, and the next try has a fresh one. Crashes are in `modules`.

use std::time::{Duration, Instant};

use tests::{Course, Faults, Scene, course::WILLING, curl::Reply};

/// How long an operation may take here. Long enough for a busy machine.
const LIMIT: Duration = Duration::from_secs(4);

#[test]
fn a_module_that_hangs_while_it_is_loaded() {
    // Whoever looks first, the agent by itself or for the page.
    hangs("C_Initialize * before hang");
}

#[test]
fn a_module_that_hangs_while_it_lists() {
    // The second listing is that of the begin.
    hangs("C_FindObjects 3 before hang");
}

#[test]
fn a_module_that_hangs_while_it_logs_in() {
    hangs("C_Login 1 before hang");
}

#[test]
fn a_module_that_hangs_while_it_signs() {
    hangs("C_Sign 2 after hang");
}

#[test]
fn a_module_that_hangs_while_it_writes_the_certificate() {
    hangs("C_CreateObject 1 before hang");
}

#[test]
fn a_key_may_take_longer_than_all_the_rest() {
    let longer = LIMIT + Duration::from_secs(1);
    let order = format!("C_GenerateKeyPair 1 before delay {}", longer.as_millis());
    tolerated(&order);
}

#[test]
fn a_module_that_hangs_at_its_end_delays_nobody() {
    // What mattered is done, and the token is logged out.
    let begin = Instant::now();
    tolerated("C_Finalize * before hang");
    assert!(begin.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_module_that_floods_stderr() {
    let scene = tolerated("C_FindObjectsInit * before flood 1000000");
    let log = scene.agent.log();
    assert!(log.contains("all work and no play"), "it is in the log");
    assert!(log.len() < 2_000_000, "{} bytes of log", log.len());
}

#[test]
fn a_module_that_prints_on_stdout() {
    let scene = tolerated("C_FindObjectsInit * before print 100000");
    let log = scene.agent.log();
    assert!(!log.contains("all work and no play"), "nobody asked for it");
}

#[test]
fn a_module_that_leaks_ends_before_the_pc_has_no_memory_left() {
    // 400 MiB a call.
    troubled("C_GetAttributeValue * before leak 419430400");
}

#[test]
fn a_module_that_finds_objects_without_end() {
    // Whether it is noticed depends on whether anybody asks for more.
    survived("C_FindObjects * after endless");
}

#[test]
fn a_module_whose_signatures_are_none() {
    for spoilt in ["empty", "shorten", "garble", "lengthen"] {
        troubled(&format!("C_Sign * after {spoilt}"));
    }
}

#[test]
fn a_module_that_answers_with_wrong_lengths() {
    for spoilt in ["shorten", "lengthen", "empty"] {
        troubled(&format!("C_GetAttributeValue * after {spoilt}"));
    }
}

#[test]
fn a_module_that_answers_with_other_bytes() {
    troubled("C_GetAttributeValue * after garble");
}

#[test]
fn a_module_that_leaves_attributes_out() {
    // CKA_VALUE of certificates, and CKA_ID.
    troubled("C_GetAttributeValue * after without 0x11");
    survived("C_GetAttributeValue * after without 0x102");
}

#[test]
fn an_object_that_vanishes_between_two_calls() {
    troubled("C_GetAttributeValue * after vanish");
    troubled("C_SignInit 1 before vanish");
}

#[test]
fn a_module_that_lists_slots_that_are_none() {
    troubled("C_GetSlotList * after garble");
    troubled("C_GetSlotList * after empty");
}

/// A renewal in which this goes wrong: the page is told within the limit, and the next try, with
/// the module well again, succeeds and leaves nothing behind.
#[track_caller]
fn troubled(order: &str) {
    let told = survived(order);
    assert!(!told.is_empty(), "{order}: nothing was told");
}

/// As [`troubled`], whether or not anything is told.
#[track_caller]
fn survived(order: &str) -> String {
    let (scene, faults) = scene();
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    faults.order(order);
    let began = Instant::now();
    let told = told(&scene, &customer);
    assert!(began.elapsed() < LIMIT * 10, "{order}: {told}");
    assert!(!faults.fired().is_empty(), "{order} did not fire: {told}");
    assert!(told != "internal" && told != "no answer", "{order}: {told}");
    faults.no_more();
    if !told.is_empty() {
        scene.renew(&customer);
    }
    has_two_pairs(&scene, order);
    told
}

/// As [`troubled`], for a call that never comes back.
#[track_caller]
fn hangs(order: &str) {
    let (scene, faults) = scene();
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    faults.order(order);
    let began = Instant::now();
    let told = told(&scene, &customer);
    let took = began.elapsed();
    assert_eq!(told, "module-failed", "{order}");
    assert!(took >= LIMIT && took < LIMIT * 6, "{order}: {took:?}");
    assert!(scene.agent.log().contains("did not answer in time"));
    // One that was ordered for every call would hang again.
    faults.no_more();
    scene.renew(&customer);
    has_two_pairs(&scene, order);
}

/// A renewal that succeeds although this goes wrong.
#[track_caller]
fn tolerated(order: &str) -> Scene {
    let (scene, faults) = scene();
    let customer = scene.user();
    faults.order(order);
    scene.renew(&customer);
    assert!(!faults.fired().is_empty(), "{order} did not fire");
    faults.no_more();
    has_two_pairs(&scene, order);
    scene
}

fn scene() -> (Scene, Faults) {
    Scene::with_faults(|home| {
        let seconds = LIMIT.as_secs();
        home.add_settings(&format!("time-limit = \"{seconds}s\"\n"));
    })
}

/// What the page is told in the end: a problem's code.
#[track_caller]
fn told(scene: &Scene, customer: &tests::Customer) -> String {
    let visit = scene.visit();
    let login = visit.login(customer.id, customer.key);
    assert_eq!(login.header("location"), Some("/notice"), "{}", login.body);
    let page = visit.renewal_page(customer.key);
    let loopback = scene.loopback();
    let begun = loopback.begin(&page.certificate, &page.nonce().nonce);
    if ![200, 201].contains(&begun.status) {
        return code(&begun);
    }
    let course = Course::of(loopback, page);
    let view = course.loopback.settled(&course.id);
    if let Some(problem) = view.problem {
        return problem.code.as_str().to_owned();
    }
    let delivered = course.deliver();
    if delivered.status != 200 {
        return code(&delivered);
    }
    let view = course.loopback.settled(&course.id);
    view.problem
        .map(|problem| problem.code.as_str().to_owned())
        .unwrap_or_default()
}

fn code(reply: &Reply) -> String {
    match reply.status {
        0 => "no answer".to_owned(),
        _ => reply.problem_code(),
    }
}

/// The old pair and the new one, each with its certificate, and nothing else.
#[track_caller]
fn has_two_pairs(scene: &Scene, order: &str) {
    let objects = scene.token.objects();
    for class in ["Private Key", "Public Key", "Certificate"] {
        let of_class = |object: &&tests::token::Object| object.class.starts_with(class);
        let count = objects.iter().filter(of_class).count();
        assert_eq!(count, 2, "{order}: {class}: {objects:#?}");
    }
}

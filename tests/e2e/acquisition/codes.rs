//! Codes: wrong, locked, used and ended ones, and an acquisition that is given up.

use super::*;

#[test]
fn a_wrong_code_is_refused_and_the_right_one_succeeds() {
    let scene = Scene::new();
    let code = code(&scene);
    assert_eq!(try_code(&scene, NO_CODE), "wrong-code");
    assert!(scene.token.objects().is_empty(), "nothing is left");
    acquire(&scene, &code);
}

#[test]
fn a_wrong_code_is_asked_for_again_and_the_same_key_gets_the_certificate() {
    let scene = Scene::new();
    let code = code(&scene);
    let answers = [
        Answer::Yes,
        typed(NO_CODE),
        PIN,
        typed(NO_CODE),
        typed(&code),
        Answer::Yes,
    ];
    scene.home.person.answers(&answers);
    let visit = scene.visit();
    let page = visit.acquisition_page(USER);
    let begun = Begun::on(&scene.loopback(), &page);
    let first = begun.request();
    let second = begun.another_after(&first, 4);
    assert_ne!(first, second);
    // The page was reloaded before it could hand the other request in.
    let page = visit.acquisition_page(USER);
    let begun = Begun::on(&scene.loopback(), &page);
    let third = begun.another_after(&second, 3);
    let view = begun.finish();
    assert_eq!(view.csr, Some(third.clone()));
    assert_eq!(key_in(&first), key_in(&second));
    assert_eq!(key_in(&first), key_in(&third));
    assert_eq!(scene.token.objects().len(), 3, "one pair, one certificate");

    let dialogs = scene.home.person.asked();
    let commands: Vec<_> = dialogs.iter().map(|dialog| &dialog.command[..]).collect();
    let expected = ["CONFIRM", "GETPIN", "GETPIN", "GETPIN", "GETPIN", "CONFIRM"];
    assert_eq!(commands, expected, "the PIN is asked for once");
    assert!(dialogs[3].error.contains("あと4回"), "{:?}", dialogs[3]);
    assert!(dialogs[4].error.contains("あと3回"), "{:?}", dialogs[4]);
}

#[test]
fn who_stops_after_a_wrong_code_leaves_nothing_on_the_token() {
    let scene = Scene::new();
    let code = code(&scene);
    let answers = [Answer::Yes, typed(NO_CODE), PIN, Answer::Cancel];
    scene.home.person.answers(&answers);
    let visit = scene.visit();
    let page = visit.acquisition_page(USER);
    let begun = Begun::on(&scene.loopback(), &page);
    begun.refuse_code(&begun.request(), 4);
    let view = begun.loopback.to_the_end(&begun.id);
    assert_eq!(view.state, State::Cancelled);
    assert!(scene.token.objects().is_empty());
    acquire(&scene, &code);
}

#[test]
fn a_restart_of_the_agent_costs_no_key_when_a_code_was_wrong() {
    let mut scene = Scene::new();
    let code = code(&scene);
    let answers = [Answer::Yes, typed(NO_CODE), PIN, Answer::Hang];
    scene.home.person.answers(&answers);
    let (id, first) = {
        let visit = scene.visit();
        let page = visit.acquisition_page(USER);
        let begun = Begun::on(&scene.loopback(), &page);
        let first = begun.request();
        begun.refuse_code(&first, 4);
        (begun.id, first)
    };
    scene.restart();
    let waiting = scene.loopback().settled(&id);
    assert_eq!(waiting.problem.unwrap().code, ProblemCode::CodeRefused);
    let answers = [typed(&code), PIN, Answer::Yes];
    scene.home.person.answers(&answers);
    let visit = scene.visit();
    let page = visit.acquisition_page(USER);
    let again = Begun::on(&scene.loopback(), &page).finish();
    assert_eq!(again.id, id);
    assert_eq!(key_in(again.csr.as_deref().unwrap()), key_in(&first));
}

#[test]
fn a_renewal_has_no_code_that_could_be_wrong() {
    let scene = Scene::new();
    let customer = scene.customer(USER, "EC:prime256v1", 20);
    scene.home.person.answers(&[Answer::Yes, PIN]);
    let body = json!({
        "kind": "renew",
        "certificate": customer.old.sha256,
        "nonce": "A".repeat(43),
    });
    let begun = scene.loopback().call("POST", "/v1/renewals").json(&body);
    let view: RenewalView = begun.send().json(201);
    let signed = scene.loopback().settled(&view.id);
    let answer = json!({ "wrong_code": { "tries_left": 4 } });
    assert_eq!(scene.loopback().deliver(&view.id, &answer).status, 409);
    assert_eq!(scene.loopback().view(&view.id).csr, signed.csr);
}

#[test]
fn five_wrong_codes_lock_and_another_code_opens() {
    let scene = Scene::new();
    let right = code(&scene);
    for _ in 0..4 {
        assert_eq!(try_code(&scene, NO_CODE), "wrong-code");
    }
    assert_eq!(try_code(&scene, NO_CODE), "code-locked");
    assert_eq!(try_code(&scene, &right), "code-locked");
    acquire(&scene, &code(&scene));
}

#[test]
fn a_code_works_once_and_for_a_week() {
    let scene = Scene::new();
    assert_eq!(try_code(&scene, NO_CODE), "code-absent");
    let first = code(&scene);
    acquire(&scene, &first);
    assert_eq!(try_code(&scene, &first), "code-absent");
    let second = code(&scene);
    scene.bank.clock().advance(8 * 24 * 60 * 60);
    assert_eq!(try_code(&scene, &second), "code-expired");
}

#[test]
fn a_command_shows_an_acquisition_and_gives_it_up() {
    let scene = Scene::new();
    let _code = code(&scene);
    let answers = [Answer::Yes, typed(NO_CODE), PIN];
    scene.home.person.answers(&answers);
    let visit = scene.visit();
    let page = visit.acquisition_page(USER);
    let begun = Begun::on(&scene.loopback(), &page);
    let _request = begun.request();
    let status = scene.home.run(&["status"]);
    assert!(
        status.text().contains("keiri-01 の取得"),
        "{}",
        status.text()
    );
    // Its page was closed for good.
    let ended = scene.home.run(&["renew", USER, "--cancel"]);
    assert_eq!(ended.status, Some(0), "{}", ended.text());
    assert_eq!(begun.loopback.to_the_end(&begun.id).state, State::Cancelled);
    assert!(scene.token.objects().is_empty());
    let nothing = scene.home.run(&["renew", USER, "--cancel"]);
    assert_eq!(nothing.status, Some(1), "{}", nothing.text());
}

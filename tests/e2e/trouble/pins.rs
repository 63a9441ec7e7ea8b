//! A card that counts wrong PINs, as SoftHSM2 does not.

use tests::{
    Answer, Course, Scene,
    course::WILLING,
    pinentry::Asked,
    scene::USER,
    token::{PIN, WRONG_PIN},
};

use super::{REFUSED, Words, refused};

#[test]
fn the_last_try_is_announced_and_a_locked_pin_is_never_tried() {
    let (scene, faults) = Scene::with_faults(|_| {});
    let customer = scene.user();
    faults.tries(2);
    scene.home.person.answers(&[
        Answer::Yes,
        Answer::Pin(WRONG_PIN),
        Answer::Pin(WRONG_PIN),
        Answer::Pin(PIN),
    ]);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    assert_eq!(course.problem(), "pin-locked");
    let [few, last] = &pins(&scene)[..] else {
        panic!("not asked twice: {:?}", pins(&scene));
    };
    assert!(few.error.contains("前に間違いがありました"), "{few:?}");
    assert!(last.error.contains("あと1回間違えると"), "{last:?}");
    assert_eq!(faults.tries_left(), 0);

    // Nobody is asked for a PIN that cannot be tried.
    let words: Words<'_> = [
        ("ja", &["ロックされています", "0120-000-000"]),
        ("en", &["PIN is blocked", "0120-000-000"]),
    ];
    scene
        .home
        .person
        .answers(&[Answer::Yes, Answer::Yes, Answer::Pin(PIN)]);
    refused(&scene.home, &["renew", USER], REFUSED, words);
    assert_eq!(pins(&scene).len(), 2);
    let keys = scene.token.objects();
    assert_eq!(keys.len(), 3, "the old pair and its certificate: {keys:?}");

    // The bank has unlocked it.
    faults.tries(3);
    scene.home.person.answers(WILLING);
    scene.renew(&customer);
}

#[test]
fn a_wrong_pin_with_tries_left_is_not_tried_again() {
    let (scene, faults) = Scene::with_faults(|_| {});
    let customer = scene.user();
    faults.tries(3);
    scene
        .home
        .person
        .answers(&[Answer::Yes, Answer::Pin(WRONG_PIN), Answer::Forgotten]);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    assert_eq!(course.problem(), "pin-unknown");
    assert_eq!(
        faults.tries_left(),
        2,
        "one PIN was typed, one try is used up"
    );
}

#[test]
fn refused_pins_are_counted_for_a_card_that_says_nothing_of_them() {
    let (mut scene, faults) = Scene::with_faults(|_| {});
    let customer = scene.user();
    faults.says_of_pin("");
    let refused_once = [Answer::Yes, Answer::Pin(WRONG_PIN), Answer::Forgotten];
    for _ in 0..2 {
        scene.home.person.answers(&refused_once);
        let visit = tests::Visit::new(&scene.bank, &scene.token);
        let course = Course::begin(&scene, &visit, &customer);
        assert_eq!(course.problem(), "pin-unknown");
        scene.restart();
    }
    let errors =
        |scene: &Scene| -> Vec<_> { pins(scene).into_iter().map(|asked| asked.error).collect() };
    let before = errors(&scene);
    let [first, second, third, fourth] = &before[..] else {
        panic!("not asked four times: {before:?}");
    };
    assert_eq!(first, "");
    assert!(second.contains("前に間違いがありました"), "{second}");
    assert!(third.contains("前に間違いがありました"), "{third}");
    assert!(fourth.contains("続けて2回間違えています"), "{fourth}");

    // The right one ends the count.
    scene.home.person.answers(WILLING);
    scene.renew(&customer);
    scene.home.person.answers(&[Answer::Yes, Answer::Forgotten]);
    let other = scene.customer(tests::scene::ADMINISTRATOR, "EC:prime256v1", 20);
    let visit = scene.visit();
    assert_eq!(
        Course::begin(&scene, &visit, &other).problem(),
        "pin-unknown"
    );
    assert_eq!(errors(&scene).last().map(String::as_str), Some(""));
}

fn pins(scene: &Scene) -> Vec<Asked> {
    let asked = scene.home.person.asked();
    asked
        .into_iter()
        .filter(|asked| asked.command == "GETPIN")
        .collect()
}

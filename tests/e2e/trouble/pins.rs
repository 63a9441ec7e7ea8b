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

fn pins(scene: &Scene) -> Vec<Asked> {
    let asked = scene.home.person.asked();
    asked
        .into_iter()
        .filter(|asked| asked.command == "GETPIN")
        .collect()
}

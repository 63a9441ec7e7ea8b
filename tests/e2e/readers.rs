//! Cards that come and go, and the service that tells of them: a real pcscd with a virtual reader
//! of each test's own.

use std::time::{Duration, Instant};

use agent::watch::ReadersView;
use tests::{
    Agent, Home,
    smartcard::SmartCards,
    watching::{Watching, cards},
};

/// An agent that asks this service.
fn agent(service: &SmartCards) -> (Agent, Home) {
    let mut home = Home::empty();
    home.set("PCSCLITE_CSOCK_NAME", service.socket());
    (Agent::start(&home), home)
}

#[test]
fn a_card_that_comes_or_goes_is_seen_within_a_second() {
    let service = SmartCards::running();
    let (_agent, home) = agent(&service);
    let mut watching = Watching::of(&home);
    watching.until(|view| cards(view) == Some(0));
    let mut took = Vec::new();
    for _ in 0..5 {
        let begin = Instant::now();
        let card = service.insert();
        watching.until(|view| cards(view) == Some(1));
        took.push(begin.elapsed());
        let begin = Instant::now();
        drop(card);
        watching.until(|view| cards(view) == Some(0));
        took.push(begin.elapsed());
    }
    // The median: on a busy machine the service itself may be late now and then.
    took.sort();
    assert!(took[took.len() / 2] < Duration::from_secs(1), "{took:?}");
    println!("a card is seen after {took:?}");
}

#[test]
fn a_service_that_starts_later_ends_and_starts_again_is_followed() {
    let mut service = SmartCards::stopped();
    let (agent, home) = agent(&service);
    let mut watching = Watching::of(&home);
    watching.until(|view| view.readers == ReadersView::Absent);
    for _ in 0..2 {
        service.start();
        watching.until(|view| cards(view) == Some(0));
        let _card = service.insert();
        watching.until(|view| cards(view) == Some(1));
        service.stop();
        watching.until(|view| view.readers == ReadersView::Absent);
    }
    let (status, log) = agent.stop();
    assert_eq!(status, Some(0), "{log}");
    // Without a service there is nothing to try again and again.
    let told = log.matches("readers changed").count();
    assert!(told <= 8, "{told} times:\n{log}");
}

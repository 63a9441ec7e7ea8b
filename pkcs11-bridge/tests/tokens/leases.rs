//! One lease per token at a time.

use std::{future::ready, pin::pin as pinned};

use pkcs11_bridge::{Lease, ModuleSpec, Spare, TokenError, TokenUri};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open},
};
use tokio::task::spawn_blocking;

use crate::harness::{PIN, SoftHsm, launcher, new_key, pin};

#[tokio::test]
async fn a_second_lease_on_a_token_waits_for_the_first() {
    let hsm = SoftHsm::with_token("demo");
    let mut first = hsm.lease("demo").await;
    // By serial number here, by label there: the lock is the same.
    let uri = first.token().uri.clone();
    let (launcher, locks) = (launcher(), hsm.locks());
    let mut second = pinned!(Lease::open(&launcher, &hsm.module, &uri, &locks));
    tokio::select! {
        biased;
        _ = &mut second => panic!("two leases on one token"),
        inventory = first.inventory() => drop(inventory.unwrap()),
    }
    first.close().await.unwrap();
    second.await.unwrap().close().await.unwrap();
}

#[tokio::test]
async fn a_dropped_lease_takes_its_worker_with_it() {
    let hsm = SoftHsm::with_token("demo");
    let first = hsm.lease("demo").await;
    let process = format!("/proc/{}", first.process_id().unwrap());
    assert!(std::fs::exists(&process).unwrap());
    drop(first);
    // The token is free only once the process is gone.
    let second = hsm.lease("demo").await;
    assert!(!std::fs::exists(&process).unwrap());
    second.close().await.unwrap();
}

#[tokio::test]
async fn a_worker_started_ahead_sees_the_token_as_it_is_when_its_lease_begins() {
    let hsm = SoftHsm::with_token("demo");
    let spare = Spare::start(&launcher(), &hsm.module).unwrap();
    let mut lease = hsm.lease("demo").await;
    lease.generate(&new_key("p-256", 1, "one")).await.unwrap();
    let uri = lease.token().uri.clone();
    lease.close().await.unwrap();

    let process = spare.process_id();
    let (launcher, locks) = (launcher(), hsm.locks());
    let lease = Lease::open_with(Some(spare), &launcher, &hsm.module, &uri, &locks);
    let mut lease = lease.await.unwrap();
    assert_eq!(lease.process_id(), process);
    lease.login(&pin(PIN)).await.unwrap();
    assert_eq!(lease.inventory().await.unwrap().private_keys.len(), 1);
    // It has the token to itself as any other.
    let mut second = pinned!(Lease::open(&launcher, &hsm.module, &uri, &locks));
    tokio::select! {
        biased;
        _ = &mut second => panic!("two leases on one token"),
        inventory = lease.inventory() => drop(inventory.unwrap()),
    }
    lease.close().await.unwrap();
    second.await.unwrap().close().await.unwrap();
}

#[tokio::test]
async fn a_worker_started_ahead_that_is_gone_or_for_another_module_is_not_used() {
    let hsm = SoftHsm::with_token("demo");
    let lease = hsm.lease("demo").await;
    let uri = lease.token().uri.clone();
    lease.close().await.unwrap();
    let (launcher, locks) = (launcher(), hsm.locks());
    let gone = Spare::start(&launcher, &hsm.module).unwrap();
    let process = Pid::from_raw(i32::try_from(gone.process_id().unwrap()).unwrap()).unwrap();
    kill_process(process, Signal::KILL).unwrap();
    let elsewhere = ModuleSpec {
        path: "/nowhere/module.so".into(),
        ..hsm.module.clone()
    };
    let other = Spare::start(&launcher, &elsewhere).unwrap();
    for spare in [gone, other] {
        let process = spare.process_id();
        let lease = Lease::open_with(Some(spare), &launcher, &hsm.module, &uri, &locks);
        let lease = lease.await.unwrap();
        assert_ne!(lease.process_id(), process);
        lease.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_worker_started_ahead_goes_when_nobody_wants_it() {
    let hsm = SoftHsm::with_token("demo");
    let spare = Spare::start(&launcher(), &hsm.module).unwrap();
    let process = Pid::from_raw(i32::try_from(spare.process_id().unwrap()).unwrap()).unwrap();
    let process = pidfd_open(process, PidfdFlags::empty()).unwrap();
    drop(spare);
    let ended = spawn_blocking(move || {
        let patience = Timespec {
            tv_sec: 10,
            tv_nsec: 0,
        };
        poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&patience))
    });
    assert_eq!(ended.await.unwrap(), Ok(1));
}

#[tokio::test]
async fn an_abandoned_call_ends_the_lease() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.lease("demo").await;
    let key = new_key("rsa-4096", 1, "abandoned");
    tokio::select! {
        biased;
        _ = lease.generate(&key) => panic!("faster than the token can be"),
        () = ready(()) => {}
    }
    let after = lease.inventory().await;
    assert!(matches!(after, Err(TokenError::WorkerCrashed)), "{after:?}");
}

#[tokio::test]
async fn two_tokens_are_worked_on_at_once() {
    let hsm = SoftHsm::with_token("one");
    hsm.add_token("two");
    let (mut one, mut two) = tokio::join!(hsm.lease("one"), hsm.lease("two"));
    let (key, other) = (new_key("p-256", 1, "x"), new_key("p-384", 1, "x"));
    let (made, other) = tokio::join!(one.generate(&key), two.generate(&other));
    assert_ne!(made.unwrap(), other.unwrap());
    assert_eq!(one.inventory().await.unwrap().private_keys.len(), 1);
    assert_eq!(two.inventory().await.unwrap().private_keys.len(), 1);
}

#[tokio::test]
async fn an_address_must_lead_to_one_token() {
    let hsm = SoftHsm::with_token("same");
    hsm.add_token("same");
    let none = hsm.try_lease("other").await.err();
    assert!(matches!(none, Some(TokenError::TokenNotFound)), "{none:?}");
    let two = hsm.try_lease("same").await.err();
    assert!(
        matches!(two, Some(TokenError::TokenAmbiguous { count: 2 })),
        "{two:?}"
    );
    let uri: TokenUri = "pkcs11:serial=0000".parse().unwrap();
    let unknown = Lease::open(&launcher(), &hsm.module, &uri, &hsm.locks()).await;
    assert!(matches!(unknown.err(), Some(TokenError::TokenNotFound)));
}

//! Workers that crash, hang or talk nonsense, and agents that go away.

use std::{
    env::var,
    future::pending,
    io::{BufRead, BufReader},
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use pkcs11_bridge::{Lease, ModuleSpec, TokenError, TokenUri, WorkerLauncher, list};
use rustix::{
    event::{PollFd, PollFlags, poll},
    process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open},
};

use crate::harness::{SoftHsm, environment, launcher, library, new_key, player, plays};

fn signal(process: u32, signal: Signal) {
    let process = Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
    kill_process(process, signal).unwrap();
}

#[tokio::test]
async fn a_worker_that_is_killed_in_the_middle_costs_one_lease_only() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.lease("demo").await;
    let kept = lease.generate(&new_key("p-256", 1, "kept")).await.unwrap();
    let worker = lease.process_id().unwrap();
    let key = new_key("rsa-4096", 2, "lost");
    let (made, ()) = tokio::join!(lease.generate(&key), async {
        signal(worker, Signal::KILL);
    });
    assert!(matches!(made, Err(TokenError::WorkerCrashed)), "{made:?}");
    let later = lease.inventory().await;
    assert!(matches!(later, Err(TokenError::WorkerCrashed)), "{later:?}");
    drop(lease);

    let mut lease = hsm.lease("demo").await;
    lease.remove_by_id(&[2; 16]).await.unwrap();
    lease.sign(&kept, b"message").await.unwrap();
}

#[tokio::test]
async fn a_worker_that_hangs_is_ended() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.lease("demo").await;
    let worker = lease.process_id().unwrap();
    signal(worker, Signal::STOP);
    // With nothing else to do, time jumps to the limit.
    tokio::time::pause();
    let late = lease.inventory().await;
    assert!(
        matches!(&late, Err(TokenError::WorkerTimedOut { call }) if call == "a listing"),
        "{late:?}"
    );
    tokio::time::resume();
    drop(lease);
    hsm.lease("demo").await.close().await.unwrap();
}

#[tokio::test]
async fn each_kind_of_operation_has_its_limit_and_a_slow_card_more() {
    // What the settings allow for one that does one thing, and for a listing and a key.
    for (limit, seconds) in [
        (ModuleSpec::TIME_LIMIT, [15, 30, 120]),
        (Duration::from_secs(40), [40, 80, 320]),
    ] {
        for (operation, seconds) in ["a signature", "a listing", "the generation of a key"]
            .iter()
            .zip(seconds)
        {
            let mut hsm = SoftHsm::with_token("demo");
            hsm.module.time_limit = limit;
            let mut lease = hsm.lease("demo").await;
            let spki = lease.generate(&new_key("p-256", 1, "one")).await.unwrap();
            signal(lease.process_id().unwrap(), Signal::STOP);
            tokio::time::pause();
            let begin = tokio::time::Instant::now();
            let late = match *operation {
                "a signature" => lease.sign(&spki, b"message").await.map(drop),
                "a listing" => lease.inventory().await.map(drop),
                _ => lease.generate(&new_key("p-256", 2, "two")).await.map(drop),
            };
            assert!(
                matches!(&late, Err(TokenError::WorkerTimedOut { call }) if call == operation),
                "{late:?}"
            );
            assert_eq!(begin.elapsed().as_secs(), seconds, "{operation}");
            tokio::time::resume();
        }
    }
}

#[tokio::test]
async fn a_program_that_is_no_worker_is_told_apart() {
    let hsm = SoftHsm::with_token("demo");
    let run = |program: &str, arguments: &[&str]| WorkerLauncher {
        program: PathBuf::from(program),
        arguments: arguments.iter().map(Into::into).collect(),
    };
    let modules: [ModuleSpec; 1] = [hsm.module.clone()];
    let missing = list(&run("/nowhere/koshin", &[]), &modules).await;
    assert!(matches!(missing[0].tokens, Err(TokenError::WorkerStart(_))));
    let silent = list(&run("true", &[]), &modules).await;
    assert!(matches!(silent[0].tokens, Err(TokenError::WorkerCrashed)));
    // The channel is its standard input, a socket that can be written to as well.
    let echo = list(
        &run("sh", &["-c", "printf 'hello, hello' >&0; exec cat"]),
        &modules,
    )
    .await;
    assert!(matches!(echo[0].tokens, Err(TokenError::WorkerNonsense)));
}

#[test]
fn a_worker_that_a_person_starts_goes_away_at_once() {
    let status = player("worker", "token_worker")
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.signal(), None);
}

#[tokio::test]
async fn a_killed_agent_takes_its_worker_with_it() {
    if plays("agent") {
        return hold_a_lease().await;
    }
    let hsm = SoftHsm::with_token("demo");
    let mut agent = player("agent", "crashes::a_killed_agent_takes_its_worker_with_it")
        .env("SOFTHSM2_CONF", &hsm.module.environment["SOFTHSM2_CONF"])
        .env("LOCKS", hsm.locks())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(agent.stderr.take().unwrap());
    let worker: i32 = said
        .lines()
        .find_map(|line| line.unwrap().parse().ok())
        .unwrap();
    let worker = pidfd_open(Pid::from_raw(worker).unwrap(), PidfdFlags::empty()).unwrap();
    agent.kill().unwrap();
    agent.wait().unwrap();
    // Readable once the process has ended; the test would hang otherwise.
    poll(&mut [PollFd::new(&worker, PollFlags::IN)], None).unwrap();
    hsm.lease("demo").await.close().await.unwrap();
}

/// An agent that holds a lease until it is killed. It says its worker's process id on standard
/// error.
#[allow(clippy::print_stderr)]
async fn hold_a_lease() {
    let module = ModuleSpec {
        name: "softhsm".to_owned(),
        path: library(),
        environment: environment(var("SOFTHSM2_CONF").unwrap()),
        reserved: None,
        time_limit: ModuleSpec::TIME_LIMIT,
    };
    let uri: TokenUri = "pkcs11:token=demo".parse().unwrap();
    let locks = PathBuf::from(var("LOCKS").unwrap());
    let lease = Lease::open(&launcher(), &module, &uri, &locks)
        .await
        .unwrap();
    eprintln!("{}", lease.process_id().unwrap());
    pending::<()>().await;
}

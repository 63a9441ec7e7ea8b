//! The audit trail: every step of a renewal is in it; another program computes its hashes; what
//! another program does to it in the journal's file is found and the entry named; and its head is
//! in the proof that the bank holds.

use std::{collections::BTreeSet, fs, process::Command};

use base64ct::{Base64, Encoding as _};
use serde_json::Value;
use tests::{
    Home, Scene,
    programs::{self, try_run_with_input},
};

/// Computes the hashes of an exported trail as the documentation says, and prints the last one.
const HASHES: &str = r#"
import hashlib, json, sys
before = bytes(32)
for number, line in enumerate(sys.stdin, 1):
    entry = json.loads(line)
    assert entry["sequence"] == number, entry
    digest = hashlib.sha256(before)
    for field in ["renewal", "certificate", "owner", "revision", "at", "what", "state"]:
        text = str(entry[field]).encode()
        digest.update(len(text).to_bytes(8, "big") + text)
    before = digest.digest()
    assert before.hex() == entry["hash"], entry
print(before.hex())
"#;

/// Runs an SQL script on a database.
const SQL: &str = r#"
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.executescript(sys.argv[2])
database.commit()
assert database.total_changes > 0
"#;

#[test]
fn another_program_computes_the_hashes_and_the_bank_s_proof_holds_one() {
    let scene = Scene::new();
    let customer = scene.user();
    let done = scene.renew(&customer);
    let whole = scene.home.run(&["audit", "--language", "en"]);
    assert_eq!(whole.status, Some(0), "{}", whole.stderr);
    let reference = reference(&scene.home);
    for words in [
        "The renewal was begun",
        "The PIN was accepted",
        "The new key was made",
        "The request was signed",
        "The new certificate was installed",
        "The new key was tried out and works",
        &scene.bank.ca_origin,
        &reference,
    ] {
        assert!(whole.text().contains(words), "{words}: {}", whole.text());
    }
    assert!(
        whole.stderr.contains("the trail is whole"),
        "{}",
        whole.stderr
    );
    assert!(
        scene.home.person.asked()[0]
            .description
            .contains(&reference),
        "the dialogs show the same number"
    );

    let export = scene.home.run(&["audit", "--export", "-"]);
    let python = try_run_with_input(Command::new("python3").args(["-c", HASHES]), &export.stdout);
    assert_eq!(python.status, Some(0), "{}", python.stderr);
    let head = python.text().trim().to_owned();
    assert!(whole.stderr.contains(&head), "{}", whole.stderr);

    let proof = done.proof.as_deref().expect("the view has it");
    let file = scene.home.path("proof.der");
    for content in [Base64::decode_vec(proof).unwrap(), proof.into()] {
        fs::write(&file, content).unwrap();
        let known = scene.home.run(&[
            "audit",
            "--proof",
            file.to_str().unwrap(),
            "--language",
            "en",
        ]);
        assert_eq!(known.status, Some(0), "{}", known.stderr);
        assert!(known.stderr.contains("came after it"), "{}", known.stderr);
    }
    fs::write(&file, "no proof").unwrap();
    let refused = scene
        .home
        .run(&["audit", "--proof", file.to_str().unwrap()]);
    assert_eq!(refused.status, Some(2), "{}", refused.stderr);
}

#[test]
fn every_revision_of_every_renewal_is_in_the_trail() {
    let scene = Scene::new();
    let done = scene.renew(&scene.user());
    let entries = entries(&scene.home);
    let revisions: Vec<u64> = entries
        .iter()
        .filter(|entry| entry["renewal"] == done.id.as_str())
        .map(|entry| entry["revision"].as_u64().unwrap())
        .collect();
    assert_eq!(revisions, (1..=done.revision).collect::<Vec<_>>());
    let states: BTreeSet<&str> = entries
        .iter()
        .map(|entry| entry["state"].as_str().unwrap())
        .collect();
    for state in [
        "consent",
        "key-intent",
        "install-intent",
        "unproven",
        "proven",
        "grace",
    ] {
        assert!(states.contains(state), "{state}: {states:?}");
    }
}

#[test]
fn what_another_program_does_to_the_trail_is_found_and_the_entry_named() {
    let scene = Scene::new();
    scene.renew(&scene.user());
    let Scene { agent, home, .. } = scene;
    assert_eq!(agent.stop().0, Some(0));
    let home = &home;
    let count = entries(home).len();
    let export = home.path("trail.jsonl");
    let export = export.to_str().unwrap();
    assert_eq!(home.run(&["audit", "--export", export]).status, Some(0));
    let head = entries(home).last().unwrap()["hash"]
        .as_str()
        .unwrap()
        .to_owned();
    let known = |home: &Home| home.run(&["audit", "--head", &head, "--language", "en"]);
    assert_eq!(known(home).status, Some(0));

    // Nobody else has the file, so that each change is made to it as it was.
    let journal = home.path("state/koshin/journal.sqlite");
    let untouched = fs::read(&journal).unwrap();
    let changed = |sql: &str| {
        fs::write(&journal, &untouched).unwrap();
        let mut python = Command::new("python3");
        programs::run(python.args(["-c", SQL]).arg(&journal).arg(sql));
    };
    let changes = [
        (
            "UPDATE trail SET what = 'person-declined' WHERE sequence = 2",
            "entry 2 (",
        ),
        (
            "UPDATE trail SET at = at - 3600 WHERE sequence = 4",
            "entry 4 (",
        ),
        (
            "UPDATE trail SET owner = CAST(x'ff' AS TEXT) WHERE sequence = 3",
            "entry 3 (",
        ),
        (
            "UPDATE trail SET hash = x'00' WHERE sequence = 5",
            "entry 5 (",
        ),
        (
            "DELETE FROM trail WHERE sequence IN (3, 4)",
            "entries 3 to 4 are missing",
        ),
        (
            "DELETE FROM trail WHERE sequence = 1",
            "entries 1 to 1 are missing",
        ),
        (
            "DELETE FROM trail WHERE sequence = 3; \
             UPDATE trail SET sequence = sequence - 1 WHERE sequence > 3",
            "entry 3 (",
        ),
        (
            "UPDATE trail SET sequence = -1 WHERE sequence = 2; \
             UPDATE trail SET sequence = 2 WHERE sequence = 3; \
             UPDATE trail SET sequence = 3 WHERE sequence = -1",
            "was written after entry 3",
        ),
    ];
    for (change, named) in changes {
        changed(change);
        let found = home.run(&["audit", "--language", "en"]);
        assert_eq!(found.status, Some(1), "{change}: {}", found.stderr);
        assert!(found.stderr.contains(named), "{change}: {}", found.stderr);
        let json: Value = serde_json::from_str(&home.run(&["audit", "--json"]).text()).unwrap();
        assert_eq!(json["whole"], false, "{change}");
    }

    // The end: the chain says nothing, the head that was kept does.
    changed(&format!("DELETE FROM trail WHERE sequence > {}", count - 2));
    assert_eq!(home.run(&["audit"]).status, Some(0));
    let found = known(home);
    assert_eq!(found.status, Some(1), "{}", found.stderr);
    let ends = format!("it ends with entry {}", count - 2);
    assert!(found.stderr.contains(&ends), "{}", found.stderr);
    fs::remove_file(&journal).unwrap();
    assert_eq!(home.run(&["audit"]).status, Some(0));
    assert_eq!(known(home).status, Some(1));

    // An export is judged in the same way, and anywhere.
    let elsewhere = Home::empty();
    let from = |text: &str| {
        let file = elsewhere.path("trail.jsonl");
        fs::write(&file, text).unwrap();
        elsewhere.run(&["audit", "--from", file.to_str().unwrap(), "--head", &head])
    };
    let text = fs::read_to_string(export).unwrap();
    assert_eq!(from(&text).status, Some(0));
    assert_eq!(
        from(&text.replacen("person-agreed", "person-declined", 1)).status,
        Some(1)
    );
    let short: String = text
        .lines()
        .take(count - 1)
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(from(&short).status, Some(1));
    assert_eq!(from("no entry").status, Some(2));
}

fn entries(home: &Home) -> Vec<Value> {
    let json: Value = serde_json::from_str(&home.run(&["audit", "--json"]).text()).unwrap();
    json["entries"].as_array().unwrap().clone()
}

/// The reference number of the only renewal, from the table for people.
fn reference(home: &Home) -> String {
    let table = home.run(&["audit", "--language", "en"]).text();
    let line = table.lines().nth(1).unwrap();
    let column = table.find("REFERENCE").unwrap();
    line[column..].split_whitespace().next().unwrap().to_owned()
}

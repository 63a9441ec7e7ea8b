//! The test vectors that banks get, by the few lines of Python that they get with them.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;
use tests::programs;

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/testdata/vectors")
}

fn replay(folder: &Path) -> programs::Ran {
    let mut command = Command::new("python3");
    command.arg(vectors().join("verify.py")).arg(folder);
    programs::try_run(&mut command)
}

#[test]
fn python_and_openssl_come_to_the_same_verdicts() {
    let replayed = replay(&vectors());
    assert_eq!(replayed.status, Some(0), "{}", replayed.text());
}

#[test]
fn a_wrong_verdict_would_be_seen() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    for entry in vectors().read_dir().expect("the vectors are there") {
        let path = entry.expect("the vectors can be read").path();
        let name = path.file_name().expect("a file has a name");
        std::fs::copy(&path, folder.path().join(name)).expect("the folder can be written");
    }
    for (good, bad) in [
        ("good-p-256.der", "replayed-nonce.der"),
        ("acquire-good-p-256.der", "acquire-wrong-code.der"),
    ] {
        let (good, bad) = (folder.path().join(good), folder.path().join(bad));
        std::fs::copy(bad, good).expect("the folder can be written");
    }
    let seen = replay(folder.path());
    assert_eq!(seen.status, Some(1), "{}", seen.text());
    let text = seen.text();
    assert!(text.contains("good-p-256: other-"), "{text}");
    assert!(text.contains("acquire-good-p-256: wrong-code"), "{text}");
}

//! The fault-injecting module itself: that it passes everything on, and that each of its faults
//! happens when it is ordered. pkcs11-tool is the program that suffers them.

use std::{
    fs::{self, File},
    os::unix::process::ExitStatusExt as _,
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use tests::{
    Faults, Token, programs,
    token::{PIN, WRONG_PIN},
};

const LIST: &[&str] = &["--login", "--pin", PIN, "--list-objects"];
const SIGN: &[&str] = &["--login", "--pin", PIN, "--sign", "--mechanism", "ECDSA"];

#[test]
fn without_an_order_every_call_is_passed_on() {
    let scene = Scene::new();
    scene.faults.trace();
    let through = scene.tool(LIST);
    assert_eq!(
        String::from_utf8_lossy(&through.stdout),
        scene.token.tool(&["--list-objects"]).text()
    );
    let traced = scene.faults.traced();
    let count_of = |name: &str| traced.iter().filter(|(_, call, _)| call == name).count();
    for call in ["C_GetFunctionList", "C_Login", "C_GetAttributeValue"] {
        assert!(count_of(call) > 0, "{call} is not in {traced:?}");
    }
    let last = traced.iter().rfind(|(_, call, _)| call == "C_FindObjects");
    assert_eq!(
        last.map(|(_, _, count)| *count),
        Some(count_of("C_FindObjects") as u64),
        "calls are counted"
    );
}

#[test]
fn calls_are_counted_across_processes() {
    let scene = Scene::new();
    scene
        .faults
        .order("C_Login 2 before fail CKR_DEVICE_REMOVED");
    assert!(scene.tool(LIST).status.success());
    let second = scene.tool(LIST);
    assert!(!second.status.success());
    assert!(said(&second).contains("CKR_DEVICE_REMOVED"), "{second:?}");
    assert!(scene.tool(LIST).status.success());
    assert_eq!(scene.faults.fired(), ["C_Login 2 Fail(50)"]);
}

#[test]
fn a_call_fails_before_or_after_it_has_happened() {
    for (when, pairs) in [("before", 1), ("after", 2)] {
        let scene = Scene::new();
        let order = format!("C_GenerateKeyPair 1 {when} fail CKR_DEVICE_ERROR");
        scene.faults.order(&order);
        let made = scene.tool(&[
            "--login",
            "--pin",
            PIN,
            "--keypairgen",
            "--key-type",
            "EC:prime256v1",
            "--id",
            "02",
        ]);
        assert!(said(&made).contains("CKR_DEVICE_ERROR"), "{made:?}");
        let keys = scene.token.objects();
        let keys = keys.iter().filter(|key| key.class == "Private Key Object");
        assert_eq!(keys.count(), pairs, "{when}");
        assert_eq!(scene.faults.fired().len(), 1);
    }
}

#[test]
fn the_process_ends_as_ordered() {
    for (fault, signal) in [
        ("abort", Some(6)),
        ("segv", Some(11)),
        ("kill self", Some(9)),
        ("exit", None),
    ] {
        let scene = Scene::new();
        scene.faults.order(&format!("C_Login * before {fault}"));
        let ended = scene.tool(LIST);
        assert_eq!(ended.status.signal(), signal, "{fault}: {ended:?}");
        assert!(!said(&ended).contains("Object"), "{fault}: {ended:?}");
        assert_eq!(scene.faults.fired().len(), 1, "{fault}");
    }
}

#[test]
fn the_agent_is_killed_with_or_without_its_worker() {
    // A shell stands for the agent: it started the process with the module.
    for (fault, survives) in [("kill parent", true), ("kill both", false)] {
        let scene = Scene::new();
        scene.faults.order(&format!("C_Login 1 before {fault}"));
        let tool = scene.command(LIST);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "\"$@\"; echo not reached", "sh"])
            .arg(tool.get_program())
            .args(tool.get_args());
        for (name, value) in tool.get_envs() {
            shell.env(name, value.unwrap_or_default());
        }
        // What they printed is there once both have closed the pipe.
        let ended = shell.output().unwrap();
        assert_eq!(ended.status.signal(), Some(9), "{fault}: {ended:?}");
        assert!(!said(&ended).contains("not reached"), "{fault}: {ended:?}");
        let listed = said(&ended).contains("Object;");
        assert_eq!(listed, survives, "{fault}: {ended:?}");
    }
}

#[test]
fn a_call_hangs_until_its_process_is_ended() {
    let scene = Scene::new();
    scene
        .faults
        .order("C_Login 1 before wait here\nC_Login 1 before hang");
    let gate = scene.faults.folder().join("here");
    programs::run(Command::new("mkfifo").arg(&gate));
    let mut tool = scene.command(LIST);
    let mut child = tool
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It opens once the call has come.
    drop(File::options().write(true).open(&gate).unwrap());
    while scene.faults.fired().len() < 2 {
        thread::yield_now();
    }
    assert!(child.try_wait().unwrap().is_none(), "it hangs");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_call_takes_longer() {
    let scene = Scene::new();
    scene.faults.order("C_Login 1 before delay 300");
    let begin = Instant::now();
    assert!(scene.tool(LIST).status.success());
    assert!(begin.elapsed() >= Duration::from_millis(300));
}

#[test]
fn a_module_talks_where_nobody_asked_it() {
    let scene = Scene::new();
    scene
        .faults
        .order("C_Login 1 before flood 100000\nC_Login 1 before print 5000");
    let talked = scene.tool(LIST);
    assert!(talked.status.success());
    assert!(talked.stderr.len() > 100_000, "{}", talked.stderr.len());
    assert!(talked.stdout.starts_with(b"all work and no play"));
}

#[test]
fn a_token_is_pulled_and_put_back() {
    let scene = Scene::new();
    let before = scene.token.objects();
    scene.faults.order("C_FindObjectsInit 1 before remove");
    let listed = scene.tool(LIST);
    assert!(!said(&listed).contains("Object;"), "{listed:?}");
    assert!(!scene.tool(LIST).status.success(), "no token");
    scene.token.put_back();
    assert_eq!(scene.token.objects(), before);
}

#[test]
fn answers_are_spoilt() {
    let scene = Scene::new();
    let whole = said(&scene.tool(LIST));
    for (fault, call) in [
        ("shorten", "C_GetAttributeValue"),
        ("empty", "C_GetAttributeValue"),
        ("garble", "C_GetAttributeValue"),
        // CKA_ID.
        ("without 0x102", "C_GetAttributeValue"),
        ("vanish", "C_GetAttributeValue"),
        ("empty", "C_FindObjects"),
    ] {
        scene.faults.order(&format!("{call} * after {fault}"));
        let spoilt = scene.tool(LIST);
        assert!(!scene.faults.fired().is_empty(), "{fault}");
        assert_ne!(said(&spoilt), whole, "{fault}");
    }
    scene.faults.no_more();
    assert_eq!(said(&scene.tool(LIST)), whole);
}

#[test]
fn a_signature_is_spoilt() {
    for (fault, length) in [("shorten", 63), ("empty", 0), ("garble", 64)] {
        let scene = Scene::new();
        scene.faults.order(&format!("C_Sign * after {fault}"));
        let file = scene.faults.folder().join("data");
        fs::write(&file, [7; 32]).unwrap();
        let mut command = scene.command(SIGN);
        let out = scene.faults.folder().join("signature");
        command
            .args(["--id", "01", "--input-file"])
            .arg(&file)
            .arg("--output-file")
            .arg(&out);
        let signed = command.output().unwrap();
        assert!(!scene.faults.fired().is_empty(), "{fault}: {signed:?}");
        assert_eq!(fs::read(&out).unwrap_or_default().len(), length, "{fault}");
    }
}

#[test]
fn a_search_finds_no_end() {
    let scene = Scene::new();
    // pkcs11-tool would list for ever.
    scene
        .faults
        .order("C_FindObjects * after endless\nC_FindObjects 50 before abort");
    let listed = scene.tool(LIST);
    assert_eq!(listed.status.signal(), Some(6));
    let objects = said(&listed).matches("Object;").count();
    assert!(objects > 10, "{objects} objects, where there are two");
}

#[test]
fn a_pin_is_locked_and_lied_about() {
    let scene = Scene::new();
    scene.faults.tries(2);
    let wrong = &["--login", "--pin", WRONG_PIN, "--list-objects"];
    let slots = || said(&scene.tool(&["--list-token-slots"]));
    assert!(slots().contains("PIN count low"), "{}", slots());
    assert!(said(&scene.tool(wrong)).contains("CKR_PIN_INCORRECT"));
    assert!(slots().contains("final user PIN try"), "{}", slots());
    scene.faults.says_of_pin("");
    assert!(!slots().contains("PIN try"), "{}", slots());
    assert!(said(&scene.tool(wrong)).contains("CKR_PIN_INCORRECT"));
    assert!(said(&scene.tool(LIST)).contains("CKR_PIN_LOCKED"));
    assert!(!slots().contains("locked"), "{}", slots());
    scene.faults.says_of_pin("locked");
    assert!(slots().contains("user PIN locked"), "{}", slots());
}

/// A token with one pair, and the module around it.
struct Scene {
    token: Token,
    faults: Faults,
}

impl Scene {
    fn new() -> Self {
        let token = Token::new("Faulty");
        let _ = token.generate("EC:prime256v1", "01", "one");
        let faults = Faults::of(&token);
        Self { token, faults }
    }

    fn tool(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("pkcs11-tool");
        command
            .arg("--module")
            .arg(programs::faulty_module())
            .args(arguments)
            .env("SOFTHSM2_CONF", self.token.settings())
            .env("FAULTS", self.faults.folder());
        command
    }
}

fn said(output: &Output) -> String {
    let (stdout, stderr) = (&output.stdout, &output.stderr);
    String::from_utf8_lossy(&[&stdout[..], stderr].concat()).into_owned()
}

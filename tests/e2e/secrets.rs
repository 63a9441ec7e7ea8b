//! No PIN, private key, one-time code or session stands in anything that the program writes: state
//! folder with the journal's log and free pages, the agent's log, every command's stdout and
//! stderr, exports, the support file. And no core dump could have one.

use std::{fs, process::Command};

use tests::{
    Answer, Course, Customer, Home, Scene,
    programs::{self, openssl},
    scene::{ADMINISTRATOR, USER},
    secret::{self, Secret},
    token::{PIN, WRONG_PIN},
};

use crate::acquisition::{acquire, code};

#[test]
fn no_secret_stands_in_anything_that_the_program_writes() {
    let scene = Scene::new();
    let (customer, private) = customer_with_known_key(&scene);
    let code = code(&scene);
    let plain = code.replace('-', "");
    let session = scene.visit().login(customer.id, customer.key);
    let cookie = session.header("set-cookie").unwrap();
    let (_, cookie) = cookie.split_once('=').unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let secrets = [
        Secret::new("the PIN", PIN.as_bytes()),
        Secret::new("a wrong PIN", WRONG_PIN.as_bytes()),
        Secret::new("the old private key", &private),
        Secret::new("the code", code.as_bytes()),
        Secret::new("the code in small letters", code.to_lowercase().as_bytes()),
        Secret::new("the code without hyphens", plain.as_bytes()),
        Secret::new("the code without either", plain.to_lowercase().as_bytes()),
        Secret::new("the session", cookie.as_bytes()),
        Secret::new("the password", reference_bank::DEMO_PASSWORD.as_bytes()),
        Secret::new("a private key in PEM", b"PRIVATE KEY-----"),
        // PrivateKeyInfo (RFC 5958) for P-256, up to the key.
        Secret::new("a private key in DER", &PRIVATE_KEY_INFO),
    ];

    // A renewal with a PIN that was mistyped, a declined one, and an acquisition.
    let answers = [
        Answer::Yes,
        Answer::Pin(WRONG_PIN),
        Answer::Pin(PIN),
        Answer::Yes,
    ];
    scene.home.person.answers(&answers);
    let visit = scene.visit();
    Course::begin(&scene, &visit, &customer).finish();
    let view = acquire(&scene, &code);

    let mut written = Vec::new();
    let state = scene.home.path("state");
    let collect = |what: &str, written: &mut Vec<(String, Vec<u8>)>| {
        for folder in ["state", "config", "run", "etc"] {
            let files = secret::files(&scene.home.path(folder));
            written.extend(
                files
                    .into_iter()
                    .map(|(path, content)| (format!("{} {what}", path.display()), content)),
            );
        }
    };
    collect("while the agent runs", &mut written);
    let log_of_journal = |(name, content): &(String, Vec<u8>)| {
        name.contains("journal.sqlite-wal") && !content.is_empty()
    };
    assert!(
        written.iter().any(log_of_journal),
        "SQLite's log is looked at"
    );

    let commands = [
        &["list"][..],
        &["list", "--json"],
        &["status"],
        &["status", "--json"],
        &["audit"],
        &["audit", "--json"],
        &["audit", "--export", "-"],
        &["doctor", "--json"],
        &["support-bundle", "-"],
        &["config", "show"],
        &["profile", "list", "--json"],
        &["renew", USER],
    ];
    let run = |home: &Home, written: &mut Vec<(String, Vec<u8>)>| {
        home.person
            .answers(&[Answer::Yes, Answer::Pin(PIN), Answer::Yes]);
        for arguments in commands {
            let ran = programs::try_run(home.koshin(arguments).env("KOSHIN_LOG", "trace"));
            written.push((format!("stdout of {arguments:?}"), ran.stdout));
            written.push((format!("stderr of {arguments:?}"), ran.stderr.into_bytes()));
        }
    };
    run(&scene.home, &mut written);
    let limits = fs::read_to_string(format!("/proc/{}/limits", pid(&scene))).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    assert_eq!(
        core.split_whitespace().nth(4),
        Some("0"),
        "no core dump: {core}"
    );

    // Commands that start an agent of their own, whose log is a file.
    let Scene {
        agent,
        home,
        bank,
        token,
    } = scene;
    let (status, log) = agent.stop();
    assert_eq!(status, Some(0));
    assert!(log.contains("key-made"), "{log}");
    written.push(("the agent's log".to_owned(), log.into_bytes()));
    run(&home, &mut written);
    let files = secret::files(&state);
    assert!(files.iter().any(|(path, _)| path.ends_with("agent.log")));
    written.extend(
        files
            .into_iter()
            .map(|(path, content)| (path.display().to_string(), content)),
    );

    let found: Vec<String> = written
        .iter()
        .flat_map(|(place, content)| {
            secrets.iter().filter_map(move |secret| {
                let how = secret.spelled_in(content)?;
                Some(format!("{} ({how}) in {place}", secret.name))
            })
        })
        .collect();
    assert!(found.is_empty(), "{found:#?}");
    assert!(view.csr.is_some());
    drop((bank, token));
}

#[test]
fn the_support_file_has_the_references_and_tells_nobody_who_the_person_is() {
    let mut scene = Scene::new();
    scene.home.set("USER", "suzuki");
    let customer = scene.user();
    scene.renew(&customer);
    scene.home.person.answers(&[Answer::No]);
    let _ = scene.home.run(&["renew", USER]);
    let references: Vec<String> = scene
        .home
        .person
        .asked()
        .iter()
        .filter_map(|asked| {
            let (_, reference) = asked.description.split_once("受付番号")?;
            Some(
                reference
                    .trim_start_matches([':', '：', ' ', '\u{a0}', '\u{3000}'])
                    .split_whitespace()
                    .next()?
                    .to_owned(),
            )
        })
        .collect();
    assert!(references.len() >= 3, "{references:?}");

    let serial = scene
        .token
        .slots()
        .lines()
        .find_map(|line| line.trim().strip_prefix("serial num"))
        .unwrap()
        .trim_start_matches([' ', ':'])
        .to_owned();
    scene.agent.kill();
    // The log of an agent that the command starts has names, too.
    let mut list = scene.home.koshin(&["list"]);
    let listed = programs::try_run(list.env("KOSHIN_LOG", "debug"));
    assert_eq!(listed.status, Some(0), "{}", listed.stderr);
    let file = scene.home.path("koshin.txt");
    let made = scene.home.run(&["support-bundle", file.to_str().unwrap()]);
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    let announced = made.stderr.find("監査記録").unwrap();
    assert!(
        announced < made.stderr.find("koshin.txt").unwrap(),
        "said before: {}",
        made.stderr
    );
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);

    let text = fs::read_to_string(&file).unwrap();
    for part in references.iter().map(String::as_str).chain([
        concat!("koshin ", env!("CARGO_PKG_VERSION")),
        "prompt.timeout = 2m  (~/config/koshin/config.toml:",
        "[ok] journal:",
        "libsofthsm2.so",
        "\"what\":\"key-made\"",
        "agent ready",
        &serial[..4],
        "head ",
    ]) {
        assert!(text.contains(part), "no {part}: {text}");
    }
    let home = scene.home.path("");
    let home = home.to_str().unwrap().trim_end_matches('/');
    for name in [home, USER, "suzuki", &serial, "SOFTHSM2_CONF = /"] {
        assert!(!text.contains(name), "{name}: {text}");
    }
    // A file that is there is not written over.
    let again = scene.home.run(&["support-bundle", file.to_str().unwrap()]);
    assert_eq!(again.status, Some(2), "{}", again.stderr);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn a_support_file_is_made_where_nothing_works() {
    let home = Home::empty();
    home.add_settings("nonsense = 1\n");
    fs::create_dir(home.path("state/koshin")).unwrap();
    fs::write(
        home.path("state/koshin/journal.sqlite"),
        "no database ".repeat(99),
    )
    .unwrap();
    let made = home.run(&["support-bundle", "-", "--language", "en"]);
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    for code in [
        "[failed] settings-unusable:",
        "[failed] journal-damaged:",
        "== The audit trail ==",
    ] {
        assert!(made.text().contains(code), "{code}: {}", made.text());
    }
}

const PRIVATE_KEY_INFO: [u8; 26] = [
    0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
    0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x6d,
];

/// The administrator with a key that was made elsewhere, so that its private number is known.
fn customer_with_known_key(scene: &Scene) -> (Customer, Vec<u8>) {
    let pem = scene.home.path("known.pem");
    let made = openssl(
        &[
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ],
        &[],
    );
    fs::write(&pem, &made.stdout).unwrap();
    let mut import = Command::new("softhsm2-util");
    import
        .args([
            "--import",
            pem.to_str().unwrap(),
            "--token",
            &scene.token.label,
        ])
        .args(["--label", ADMINISTRATOR, "--id", "01", "--pin", PIN])
        .env("SOFTHSM2_CONF", scene.token.settings());
    programs::run(&mut import);
    let spki = openssl(&["pkey", "-pubout", "-outform", "DER"], &made.stdout).stdout;
    let der = openssl(&["ec", "-outform", "DER"], &made.stdout).stdout;
    // ECPrivateKey (RFC 5915): SEQUENCE, version, then the number as an OCTET STRING of 32.
    assert_eq!(der[5..7], [0x04, 0x20]);
    let private = der[7..39].to_vec();
    let old = scene.bank.certify(ADMINISTRATOR, &spki, 20);
    scene.token.write_certificate(&old.der, "01", ADMINISTRATOR);
    let customer = Customer {
        id: ADMINISTRATOR,
        key: "01",
        old,
    };
    (customer, private)
}

fn pid(scene: &Scene) -> u64 {
    let status = scene.home.run(&["status", "--json"]).text();
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    status["agent"]["pid"].as_u64().unwrap()
}

//! `koshin doctor` on a PC where one thing is broken: it is found, with a remedy in both languages,
//! whether or not an agent could start.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    os::unix::net::UnixListener,
    path::Path,
    process::Command,
    thread,
};

use agent::journal::Journal;
use serde_json::{Value, json};
use tests::{
    Faults, Home, OpenBank, Scene, StandingClock, Token,
    agent::free_ports,
    programs::{self, Ran, try_run},
    token::WRONG_PIN,
};

#[test]
fn on_a_pc_that_renews_nothing_fails() {
    let scene = Scene::new();
    let _ = scene.user();
    let examined = Examined::of(&scene.home);
    assert_eq!(examined.ran.status, Some(0), "{}", examined.ran.text());
    for code in [
        "settings",
        "profile",
        "agent",
        "module",
        "token",
        "no-service-needed",
        "pinentry",
        "journal",
        "clock",
        "no-proxy",
    ] {
        examined.has("ok", code);
    }
    // There is neither a display nor a session bus.
    examined.has("warning", "no-display");
    examined.has("warning", "no-bus");
    scene.renew(&scene.customer("admin-01", "EC:prime256v1", 20));
    Examined::of(&scene.home).has("ok", "journal");
}

#[test]
fn it_is_told_for_people_too() {
    let home = Home::empty();
    let told = home.run(&["doctor", "--language", "en"]);
    assert_eq!(told.status, Some(1));
    let text = told.text();
    for words in [
        "Settings and profiles\n  [ok] the settings have no mistakes\n",
        "  [failed] there is no bank's profile\n      to do: ",
        "  [failed] there is no way to see a token",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(told.stderr.contains("things fail"), "{}", told.stderr);
    assert!(!text.contains('\u{1b}'), "no colours in a file");
    let painted = home.run(&["doctor", "--color", "always"]);
    assert!(
        painted.text().contains("\u{1b}[1;31m異常\u{1b}[0m"),
        "{}",
        painted.text()
    );
}

#[test]
fn settings_and_profiles() {
    let home = Home::empty();
    home.add_settings("[promt]\ntimeout = \"soon\"\n");
    let examined = Examined::of(&home);
    let found = examined.has("failed", "settings-unusable");
    assert!(
        found["details"][0]
            .as_str()
            .unwrap()
            .contains("config.toml:"),
        "{found}"
    );
    examined.has("failed", "no-profile");

    let home = Home::empty();
    home.install_profile("broken", "name = 1\n");
    Examined::of(&home).has("failed", "profile-rejected");

    let home = Home::empty();
    let mut command = Command::new("openssl");
    command
        .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 40".split(' '))
        .args(
            "-subj /CN=Old -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem"
                .split(' '),
        )
        .current_dir(home.path(""));
    programs::run(&mut command);
    let issuer = fs::read_to_string(home.path("ca.pem")).unwrap();
    home.install_profile(
        "old-ca",
        &format!(
            "issuers = [{issuer:?}]\n[name]\nja = \"銀行\"\nen = \"Bank\"\n\
             [help-desk]\nphone = \"0120-000-000\"\n\
             [[origins]]\norigin = \"https://bank.example\"\nrole = \"bank\"\n"
        ),
    );
    Examined::of(&home).has("warning", "profile-doubtful");
}

#[test]
fn a_site_that_no_profile_lists_was_turned_away() {
    let scene = Scene::new();
    let refused = tests::Loopback::new(scene.agent.port, "https://test.bank.example:8443");
    for _ in 0..2 {
        let closed = try_run(&mut refused.call("GET", "/v1/agent").into_command());
        assert_ne!(closed.status, Some(0));
    }
    let examined = Examined::of(&scene.home);
    let found = examined.has("warning", "origin-refused");
    let message = found["message"].as_str().unwrap();
    assert!(
        message.contains("https://test.bank.example:8443"),
        "{message}"
    );
    assert!(message.contains('2'), "{message}");
}

#[test]
fn the_agent_and_its_port() {
    let home = Home::empty();
    let examined = Examined::of(&home);
    examined.has("warning", "no-agent");
    examined.has("ok", "port-free");

    let port = free_ports(1);
    let _taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
    home.add_settings(&format!("[bridge]\nfirst-port = {port}\nport-count = 1\n"));
    Examined::of(&home).has("failed", "ports-taken");

    fs::create_dir_all(home.path("run/koshin")).unwrap();
    let socket = UnixListener::bind(home.path("run/koshin/control.sock")).unwrap();
    let answers = [
        String::new(),
        json!({
            "version": "0.0.1", "pid": 1, "port": 1024, "modules": [], "profiles": [], "renewals": [],
        })
        .to_string(),
    ];
    let agent = thread::spawn(move || {
        // Each look is in two languages.
        for answer in answers.iter().flat_map(|answer| [answer, answer]) {
            let (mut stream, _) = socket.accept().unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).unwrap();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length:";
            let _ = write!(stream, "{head} {}\r\n\r\n{answer}", answer.len());
        }
    });
    Examined::of(&home).has("failed", "agent-unreachable");
    let examined = Examined::of(&home);
    examined.has("warning", "agent-old");
    examined.has("warning", "port-unusual");
    agent.join().unwrap();
}

#[test]
fn modules_and_tokens() {
    let home = Home::empty();
    Examined::of(&home).has("failed", "no-module");
    let text = home.path("readme.txt");
    fs::write(&text, "not a library").unwrap();
    home.add_settings(&format!(
        "[[modules]]\nname = \"text\"\npath = \"{}\"\n\
         [[modules]]\nname = \"lost\"\npath = \"/nowhere/lost.so\"\n",
        text.display()
    ));
    let examined = Examined::of(&home);
    examined.has("failed", "module-failed");
    examined.has("failed", "module-absent");

    let token = Token::new("Doctor");
    let home = Home::with_token(&token);
    let bank = OpenBank::with(|_| {});
    home.install_profile("mihon", &bank.profile().unwrap());
    let examined = Examined::of(&home);
    examined.has("ok", "token");
    examined.has("warning", "no-certificate");
    let mut wrong = Command::new("pkcs11-tool");
    wrong
        .arg("--module")
        .arg(Token::module())
        .args([
            "--token-label",
            "Doctor",
            "--login",
            "--pin",
            WRONG_PIN,
            "--list-objects",
        ])
        .env("SOFTHSM2_CONF", token.settings());
    let _ = try_run(&mut wrong);
    Examined::of(&home).has("warning", "pin-low");
    let locked = Home::empty();
    let faults = Faults::on(&token, &locked);
    faults.tries(0);
    Examined::of(&locked).has("failed", "pin-locked");
    let tokens = token.files();
    fs::rename(&tokens, tokens.with_extension("away")).unwrap();
    fs::create_dir(&tokens).unwrap();
    Examined::of(&home).has("warning", "no-token");
}

#[test]
fn the_smart_card_service() {
    let mut home = Home::empty();
    home.set("PCSCLITE_CSOCK_NAME", "/nowhere/pcscd.comm");
    Examined::of(&home).has("warning", "no-service");
}

#[test]
fn dialogs() {
    let mut home = Home::empty();
    home.set_pinentry(Path::new("/nowhere/pinentry"));
    Examined::of(&home).has("failed", "pinentry-absent");
    home.set_pinentry(Path::new("/bin/true"));
    Examined::of(&home).has("failed", "pinentry-silent");
    home.set_pinentry(Path::new("pinentry"));
    fs::create_dir(home.path("bin")).unwrap();
    home.set("PATH", home.path("bin"));
    home.set("DISPLAY", ":nowhere");
    let examined = Examined::of(&home);
    examined.has("failed", "no-pinentry");
    examined.has("ok", "display");
}

#[test]
fn the_journal_and_its_folder_when_no_agent_can_start() {
    let home = Home::empty();
    let state = home.path("state/koshin");
    let journal = state.join("journal.sqlite");
    Examined::of(&home).has("ok", "no-journal");
    fs::create_dir(&state).unwrap();
    fs::write(
        &journal,
        "no database, though long enough to be one ".repeat(99),
    )
    .unwrap();
    Examined::of(&home).has("failed", "journal-damaged");

    fs::remove_file(&journal).unwrap();
    drop(Journal::open(&journal, "another PC").unwrap());
    Examined::of(&home).has("failed", "journal-of-another-pc");

    let mut file = fs::read(&journal).unwrap();
    // SQLite's file format: the user version stands at 60, the schema's number here.
    file[60..64].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(&journal, &file).unwrap();
    assert_eq!(home.run(&["status"]).status, Some(1), "no agent starts");
    Examined::of(&home).has("failed", "journal-newer");

    fs::remove_dir_all(&state).unwrap();
    fs::write(&state, "a file").unwrap();
    Examined::of(&home).has("failed", "state-unusable");
}

#[test]
fn a_journal_with_a_damaged_page_or_a_changed_trail() {
    let scene = Scene::new();
    scene.renew(&scene.user());
    let Scene { agent, home, .. } = scene;
    agent.stop();
    let journal = home.path("state/koshin/journal.sqlite");
    let whole = fs::read(&journal).unwrap();
    Examined::of(&home).has("ok", "journal");
    let changed = "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); \
                   d.execute(\"UPDATE trail SET at = 1 WHERE sequence = 3\"); d.commit()";
    programs::run(Command::new("python3").args(["-c", changed]).arg(&journal));
    Examined::of(&home).has("failed", "trail-flawed");

    let mut damaged = whole;
    let page = damaged.len() - 4096;
    damaged[page..page + 2048].fill(0xa5);
    fs::write(&journal, damaged).unwrap();
    Examined::of(&home).has("failed", "journal-damaged");
}

#[test]
fn a_disk_without_room() {
    if !programs::may_mount("doctor::a_disk_without_room") {
        return;
    }
    let home = Home::empty();
    fs::create_dir(home.path("state/koshin")).unwrap();
    let small = "mount -t tmpfs -o size=1m small \"$0\" && exec \"$@\"";
    let koshin = home.koshin(&["doctor", "--json"]);
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "sh", "-c", small])
        .arg(home.path("state/koshin"))
        .arg(koshin.get_program())
        .args(koshin.get_args())
        .env_clear();
    for (name, value) in koshin.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let ran = try_run(&mut command);
    let text = ran.text();
    assert!(text.contains("\"disk-full\""), "{text}{}", ran.stderr);
}

#[test]
fn a_clock_that_was_set_back() {
    let scene = Scene::new();
    scene.renew(&scene.user());
    let Scene { agent, home, .. } = scene;
    agent.stop();
    // The first of January 2025.
    let clock = StandingClock::new(&home, 1_735_689_600);
    let examined = Examined::by(|arguments| {
        let mut koshin = home.koshin(arguments);
        clock.rule(&mut koshin);
        try_run(&mut koshin)
    });
    examined.has("failed", "clock-before-koshin");
    examined.has("warning", "clock-before-journal");
}

#[test]
fn a_proxy_that_takes_everything() {
    let mut home = Home::empty();
    home.set("http_proxy", "http://proxy.example:3128");
    Examined::of(&home).has("warning", "proxy-swallows");
    home.set("no_proxy", "localhost,127.0.0.1");
    Examined::of(&home).has("ok", "proxy-passed-by");
}

/// What the doctor said.
struct Examined {
    ran: Ran,
    japanese: Value,
    english: Value,
}

impl Examined {
    #[track_caller]
    fn of(home: &Home) -> Self {
        Self::by(|arguments| home.run(arguments))
    }

    #[track_caller]
    fn by(koshin: impl Fn(&[&str]) -> Ran) -> Self {
        let run = |language| {
            let ran = koshin(&["doctor", "--json", "--language", language]);
            let json: Value = serde_json::from_str(&ran.text())
                .unwrap_or_else(|error| panic!("{error}: {}{}", ran.text(), ran.stderr));
            assert_eq!(json["version"], 1);
            (ran, json["findings"].clone())
        };
        let (ran, japanese) = run("ja");
        let (_, english) = run("en");
        let failed = japanese
            .as_array()
            .unwrap()
            .iter()
            .any(|finding| finding["verdict"] == "failed");
        assert_eq!(ran.status, Some(i32::from(failed)), "{japanese}");
        Self {
            ran,
            japanese,
            english,
        }
    }

    /// A finding, with its texts in both languages, and a remedy if it is not well.
    #[track_caller]
    fn has(&self, verdict: &str, code: &str) -> &Value {
        let find = |findings: &'_ Value| {
            findings
                .as_array()
                .unwrap()
                .iter()
                .position(|finding| finding["code"] == code)
        };
        let at = find(&self.japanese).unwrap_or_else(|| panic!("no {code}: {}", self.japanese));
        for findings in [&self.japanese, &self.english] {
            let finding = &findings[at];
            assert_eq!(finding["code"], code);
            assert_eq!(finding["verdict"], verdict, "{finding}");
            assert_eq!(finding["remedy"].is_null(), verdict == "ok", "{finding}");
            let said = format!("{} {}", finding["message"], finding["remedy"]);
            assert!(!said.contains("doctor-"), "{said}");
        }
        assert_ne!(self.japanese[at]["message"], self.english[at]["message"]);
        &self.japanese[at]
    }
}

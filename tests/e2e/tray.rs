//! The tray on a real panel: what it shows, and what its menu does.

use std::{
    fs,
    process::{Child, Stdio},
};

use agent::tray::Face;
use rustix::process::{Pid, Signal, kill_process};
use tests::{
    Agent, Home, OpenBank, Token,
    desktop::Desktop,
    scene::{TOKEN, USER},
    watching::Watching,
};

/// `koshin tray`; ended with the value.
struct Tray(Child);

impl Tray {
    fn start(home: &Home) -> Self {
        let mut command = home.koshin(&["tray"]);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Self(command.spawn().unwrap())
    }

    fn ends(&mut self) -> Option<i32> {
        self.0.wait().unwrap().code()
    }
}

impl Drop for Tray {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.0), Signal::TERM);
        let _ = self.0.wait();
    }
}

/// A home on a desktop whose person wants no notices.
fn home(desktop: &Desktop) -> Home {
    let mut home = Home::empty();
    desktop.take(&mut home);
    home.add_settings("[notices]\ndesktop = false\n\n");
    home
}

/// A certificate with so many days left.
fn certify(home: &Home, days: i64) -> (OpenBank, Token) {
    let token = Token::new(TOKEN);
    let bank = OpenBank::with(|_| {});
    let public_key = token.generate("EC:prime256v1", "02", USER);
    let issued = bank.certify(USER, &public_key, days);
    token.write_certificate(&issued.der, "02", USER);
    home.add_module(&token);
    home.install_profile("mihon", &bank.profile().unwrap());
    (bank, token)
}

/// An icon's pixels, as gdbus writes the beginning of them.
fn pixels(face: Face) -> String {
    let icon = face.icon(16);
    let bytes: Vec<_> = icon
        .data
        .iter()
        .map(|byte| format!("0x{byte:02x}"))
        .collect();
    bytes.join(", ")
}

#[test]
fn the_icon_the_tooltip_and_the_menu_follow_the_certificates() {
    let desktop = Desktop::with_panel("ja_JP.UTF-8");
    let home = home(&desktop);
    let mut tray = Tray::start(&home);
    let icon = desktop.icon(tray.0.id());
    let (bank, token) = certify(&home, 20);
    let mut watching = Watching::of(&home);
    watching.until(|view| !view.certificates.is_empty());
    desktop.until(|| icon.property("IconPixmap").contains(&pixels(Face::Due)));
    let tip = icon.property("ToolTip");
    assert!(tip.contains("（あと20日）") && tip.contains(USER), "{tip}");
    let menu = icon.menu();
    assert!(
        menu.contains("keiri-01（みほん信用金庫）：あと20日"),
        "{menu}"
    );
    assert!(icon.property("Status").contains("Active"));

    let page = desktop.opened_after(|| icon.choose("更新する"));
    assert_eq!(page, bank.bank_origin);

    icon.choose("明日まで通知しない");
    watching.until(|view| view.quiet_until.is_some());
    desktop.until(|| icon.property("ToolTip").contains("明日まで"));

    // The certificate goes, and one that is urgent comes.
    let _ = token.tool(&["--delete-object", "--type", "cert", "--id", "02"]);
    let public_key = token.generate("EC:prime256v1", "03", USER);
    let issued = bank.certify(USER, &public_key, 5);
    token.write_certificate(&issued.der, "03", USER);
    watching.look();
    desktop.until(|| icon.property("IconPixmap").contains(&pixels(Face::Urgent)));
    assert!(icon.property("Status").contains("NeedsAttention"));

    icon.choose("終了");
    assert_eq!(tray.ends(), Some(0));
}

#[test]
fn a_tray_attaches_to_the_agent_that_runs_and_outlives_it() {
    let desktop = Desktop::with_panel("en_US.UTF-8");
    let mut home = home(&desktop);
    home.set("LANG", "en_US.UTF-8");
    home.speak("en");
    let _office = certify(&home, 300);
    let agent = Agent::start(&home);
    let tray = Tray::start(&home);
    let icon = desktop.icon(tray.0.id());
    desktop.until(|| icon.property("IconPixmap").contains(&pixels(Face::Well)));
    assert!(icon.menu().contains("300 days left"), "{}", icon.menu());

    // There is one tray; another one says so and ends.
    let second = home.run(&["tray"]);
    assert_eq!(second.status, Some(0), "{}", second.stderr);
    assert!(second.stderr.contains("there already"), "{}", second.stderr);

    let (status, log) = agent.stop();
    assert_eq!(status, Some(0), "{log}");
    desktop.until(|| icon.property("IconPixmap").contains(&pixels(Face::Well)));
    desktop.until(|| {
        home.run(&["status", "--json"])
            .text()
            .contains(&format!("\"pid\":{}", tray.0.id()))
    });
}

#[test]
fn without_a_panel_the_tray_waits_for_one() {
    let mut desktop = Desktop::bare("ja_JP.UTF-8");
    let home = home(&desktop);
    let tray = Tray::start(&home);
    let icon = desktop.icon(tray.0.id());
    assert!(icon.menu().contains("終了"));
    drop(icon);
    desktop.start_panel();
    desktop.until(|| {
        let items = desktop.call(
            "org.kde.StatusNotifierWatcher",
            "/StatusNotifierWatcher",
            "org.freedesktop.DBus.Properties.Get",
            &[
                "org.kde.StatusNotifierWatcher",
                "RegisteredStatusNotifierItems",
            ],
        );
        items.contains("StatusNotifierItem")
    });
}

#[test]
fn without_a_desktop_the_tray_says_so() {
    let home = Home::empty();
    let ran = home.run(&["tray"]);
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.stderr.contains("デスクトップに接続できません"),
        "{}",
        ran.stderr
    );
}

#[test]
fn autostart_is_one_file_that_comes_and_goes() {
    let home = Home::empty();
    let entry = home.path("config/autostart/koshin-tray.desktop");
    assert_eq!(home.run(&["tray", "--autostart", "on"]).status, Some(0));
    let text = fs::read_to_string(&entry).unwrap();
    assert!(
        text.contains("TryExec=") && text.contains(" tray\n"),
        "{text}"
    );
    for _ in 0..2 {
        assert_eq!(home.run(&["tray", "--autostart", "off"]).status, Some(0));
        assert!(!entry.exists());
    }
}

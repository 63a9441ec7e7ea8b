//! `make screens`: pictures of what a person sees, under `target/screens/`, in both languages.
//!
//! The parts are real: a display, a panel, a program that shows notices, a mail server.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use agent::{control::Notices, tray::Face};
use tests::{
    Home, OpenBank, Token,
    desktop::Desktop,
    mailbox::Mailbox,
    programs,
    scene::{ADMINISTRATOR, TOKEN, USER},
    watching::Watching,
};

const LANGUAGES: [(&str, &str); 2] = [("ja", "ja_JP.UTF-8"), ("en", "en_US.UTF-8")];

fn main() {
    let folder = place();
    icons(&folder);
    for (language, locale) in LANGUAGES {
        tray(&folder, language, locale);
        notice(&folder, language, locale);
    }
    println!("written to {}", folder.display());
}

/// Every state of the icon at 16, 22 and 32 pixels on a light and a dark panel, and enlarged.
fn icons(folder: &Path) {
    let mut rows = Vec::new();
    for (side, scale) in [(16, 1), (22, 1), (32, 1), (16, 8)] {
        for panel in ["#f5f5f5", "#2b2b2b"] {
            let mut row = Command::new("convert");
            for face in Face::ALL {
                let pixels = folder.join(format!("{face:?}-{side}.rgba"));
                let icon = face.icon(side);
                let turned = icon.data.chunks(4).flat_map(|argb| {
                    let [a, r, g, b] = [argb[0], argb[1], argb[2], argb[3]];
                    [r, g, b, a]
                });
                fs::write(&pixels, turned.collect::<Vec<u8>>()).expect("the folder can be written");
                row.args(["(", "-size", &format!("{side}x{side}"), "-depth", "8"])
                    .arg(format!("rgba:{}", pixels.display()))
                    .args(["-filter", "point", "-resize", &format!("{}%", scale * 100)])
                    .args(["-background", panel, "-gravity", "center"])
                    .args(["-extent", "140x140", ")"]);
            }
            let path = folder.join(format!("row-{}.png", rows.len()));
            programs::run(row.arg("+append").arg(&path));
            rows.push(path);
        }
    }
    let whole = folder.join("tray-icons.png");
    programs::run(
        Command::new("convert")
            .args(&rows)
            .arg("-append")
            .arg(whole),
    );
    for path in rows {
        fs::remove_file(path).expect("it was written");
    }
    for entry in fs::read_dir(folder).expect("it was made").flatten() {
        if entry.path().extension().is_some_and(|kind| kind == "rgba") {
            fs::remove_file(entry.path()).expect("it was written");
        }
    }
}

/// A home in this language on a desktop, with two IDs' certificates.
fn home(desktop: &Desktop, language: &str, locale: &'static str) -> (Home, OpenBank, Token) {
    let mut home = Home::empty();
    desktop.take(&mut home);
    home.set("LANG", locale);
    home.speak(language);
    let token = Token::new(TOKEN);
    let bank = OpenBank::with(|_| {});
    for (key, user, days) in [("01", ADMINISTRATOR, 200), ("02", USER, 8)] {
        let public_key = token.generate("EC:prime256v1", key, user);
        let issued = bank.certify(user, &public_key, days);
        token.write_certificate(&issued.der, key, user);
    }
    home.add_module(&token);
    let profile = bank.profile().expect("the bank has a profile");
    home.install_profile("mihon", &profile);
    (home, bank, token)
}

fn tray(folder: &Path, language: &str, locale: &'static str) {
    let desktop = Desktop::with_panel(locale);
    let (home, _bank, _token) = home(&desktop, language, locale);
    home.add_settings("[notices]\ndesktop = false\n");
    let mut tray = Tray::start(&home);
    let icon = desktop.icon(tray.0.id());
    desktop.until(|| icon.property("Status").contains("NeedsAttention"));
    desktop.pictured(&folder.join(format!("tray-{language}.png")));
    let before = desktop.windows();
    desktop.point(14, 16);
    desktop.until(|| desktop.windows() > before);
    desktop.pictured(&folder.join(format!("tray-tooltip-{language}.png")));
    desktop.click(3);
    desktop.point(15, 17);
    desktop.until(|| desktop.windows() > before);
    desktop.pictured(&folder.join(format!("tray-menu-{language}.png")));
    tray.end();
}

fn notice(folder: &Path, language: &str, locale: &'static str) {
    let desktop = Desktop::bare(locale);
    let (home, _bank, _token) = home(&desktop, language, locale);
    let mailbox = Mailbox::open();
    home.add_settings(&format!(
        "[mail]\nhost = \"localhost\"\nsecurity = \"none\"\nport = {}\n\
         from = \"koshin@example.co.jp\"\nto = [\"keiri@example.co.jp\"]\n",
        mailbox.port
    ));
    let mut tray = Tray::start(&home);
    desktop.wait_for_name("org.freedesktop.Notifications");
    let _ = desktop.window("xfce4-notifyd");
    desktop.pictured(&folder.join(format!("notice-{language}.png")));
    let mail = mailbox.next();
    let letter = format!("{}\n\n{}", mail.subject, mail.text);
    let mut write = Command::new("convert");
    write
        .args(["-background", "white", "-fill", "black", "-pointsize", "18"])
        .args(["-font", "/usr/share/fonts/opentype/ipafont-gothic/ipag.ttf"]);
    for line in letter.lines() {
        // A picture a line: a long text is too much for one, and an empty one is none.
        if line.is_empty() {
            write.args(["(", "-size", "20x20", "xc:white", ")", "+size"]);
        } else {
            write.arg(format!("label:{}", line.replace('%', "%%")));
        }
    }
    write
        .args(["-append", "-bordercolor", "white", "-border", "24"])
        .arg(folder.join(format!("mail-{language}.png")));
    programs::run(&mut write);
    Watching::of(&home).set_notices(Notices::OffUntilTomorrow);
    tray.end();
}

/// `koshin tray`.
struct Tray(Child);

impl Tray {
    fn start(home: &Home) -> Self {
        let mut command = home.koshin(&["tray"]);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Self(command.spawn().expect("koshin was built"))
    }

    fn end(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `target/screens`, beside the folder of this program.
fn place() -> PathBuf {
    let program = env::current_exe().expect("a running program has a path");
    let target = program
        .ancestors()
        .nth(2)
        .expect("programs are built into target/PROFILE");
    let folder = target.join("screens");
    fs::create_dir_all(&folder).expect("target can be written");
    folder
}

//! A desktop of a test's own: a display, a session bus, a panel that hosts tray icons and a
//! program that shows notices, all of them Debian's; and what a person does and sees there.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use rustix::fs::{CWD, Mode, mkfifoat};
use tempfile::TempDir;

use crate::{Home, programs};

/// Longer than any test waits for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a click may take to be felt before it is made again: a window that has just appeared
/// overlooks one.
const FELT: Duration = Duration::from_secs(2);

/// A panel at the top left with nothing but the tray in it.
const PANEL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="32"/>
      <property name="icon-size" type="uint" value="22"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
      <property name="symbolic-icons" type="bool" value="false"/>
    </property>
  </property>
</channel>
"#;

/// A desktop; its programs end with the value.
pub struct Desktop {
    folder: TempDir,
    display: String,
    bus: String,
    language: &'static str,
    running: Vec<Child>,
    pages: Receiver<String>,
}

impl Desktop {
    /// A display and a bus, without a panel; programs speak this language (a locale).
    ///
    /// # Panics
    /// If a program is missing.
    #[must_use]
    pub fn bare(language: &'static str) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let mut running = Vec::new();
        let mut xvfb = Command::new("Xvfb");
        xvfb.args(["-displayfd", "1", "-screen", "0", "1280x800x24"])
            .args(["-nolisten", "tcp"]);
        let number = start(&mut xvfb, &mut running, "xvfb");
        let display = format!(":{number}");
        let settings = folder
            .path()
            .join("config/xfce4/xfconf/xfce-perchannel-xml");
        fs::create_dir_all(&settings).expect("the folder is new");
        fs::write(settings.join("xfce4-panel.xml"), PANEL).expect("the folder can be written");
        let pipe = folder.path().join("pages");
        mkfifoat(CWD, &pipe, Mode::RUSR | Mode::WUSR).expect("the folder can be written");
        let mut desktop = Self {
            display,
            bus: String::new(),
            language,
            running,
            pages: follow(pipe),
            folder,
        };
        let mut bus = desktop.command("dbus-daemon");
        bus.args(["--session", "--nofork", "--print-address=1"])
            .arg(format!(
                "--address=unix:dir={}",
                desktop.folder.path().display()
            ));
        desktop.bus = start(&mut bus, &mut desktop.running, "dbus-daemon");
        desktop
    }

    /// The same with a panel.
    ///
    /// # Panics
    /// If a program is missing.
    #[must_use]
    pub fn with_panel(language: &'static str) -> Self {
        let mut desktop = Self::bare(language);
        desktop.start_panel();
        desktop
    }

    /// Starts the panel, and waits until it hosts icons.
    ///
    /// # Panics
    /// If it is missing.
    pub fn start_panel(&mut self) {
        let panel = self
            .command("xfce4-panel")
            .arg("--disable-wm-check")
            .spawn();
        self.running
            .push(panel.expect("apt-get install xfce4-panel"));
        self.wait_for_name("org.kde.StatusNotifierWatcher");
    }

    /// Lets a home's programs appear here, and its browser be one that says what it is to open.
    pub fn take(&self, home: &mut Home) {
        let browser = self.folder.path().join("browser");
        let script = format!(
            "#!/bin/sh\necho \"$1\" > '{}'\n",
            self.folder.path().join("pages").display()
        );
        write_program(&browser, &script);
        let entries = home.path(".local/share/applications");
        fs::create_dir_all(&entries).expect("the folder can be written");
        let entry = format!(
            "[Desktop Entry]\nType=Application\nName=Browser\nExec={} %u\n\
             MimeType=x-scheme-handler/https;\n",
            browser.display()
        );
        fs::write(entries.join("browser.desktop"), entry).expect("the folder can be written");
        let chosen = "[Default Applications]\nx-scheme-handler/https=browser.desktop\n";
        fs::write(home.path("config/mimeapps.list"), chosen).expect("the folder can be written");
        home.set("DISPLAY", self.display.clone());
        home.set("DBUS_SESSION_BUS_ADDRESS", self.bus.clone());
        home.set("BROWSER", browser);
    }

    /// The page that the browser was told to open next, if it is soon.
    #[must_use]
    pub fn opened(&self, soon: Duration) -> Option<String> {
        self.pages.recv_timeout(soon).ok()
    }

    /// Does something until the browser is told to open a page.
    ///
    /// # Panics
    /// If it never is.
    #[must_use]
    pub fn opened_after(&self, mut again: impl FnMut()) -> String {
        for _ in 0..20 {
            again();
            if let Some(page) = self.opened(FELT) {
                return page;
            }
        }
        panic!("no page was opened");
    }

    /// Waits until something is so. Each look is a program's run, which is pause enough.
    ///
    /// # Panics
    /// If it does not come to be so.
    #[track_caller]
    pub fn until(&self, is_so: impl Fn() -> bool) {
        let begin = Instant::now();
        while !is_so() {
            assert!(begin.elapsed() < PATIENCE, "it stayed as it is");
        }
    }

    /// Waits until a program on the bus has this name.
    ///
    /// # Panics
    /// If none takes it.
    pub fn wait_for_name(&self, name: &str) {
        let wait = ["wait", "--session", "--timeout", "60", name];
        programs::run(self.command("gdbus").args(wait));
    }

    /// Calls a method over the bus, and gives its answer as gdbus writes it.
    ///
    /// # Panics
    /// If the call fails.
    #[must_use]
    pub fn call(&self, to: &str, path: &str, method: &str, arguments: &[&str]) -> String {
        let call = [
            "call",
            "--session",
            "--dest",
            to,
            "--object-path",
            path,
            "--method",
            method,
            "--",
        ];
        let mut command = self.command("gdbus");
        // It writes question marks for letters that its locale does not have.
        command.env("LC_ALL", "C.UTF-8");
        programs::run(command.args(call).args(arguments)).text()
    }

    /// The icon that a process shows in the tray.
    #[must_use]
    pub fn icon(&self, process: u32) -> TrayIcon<'_> {
        let name = format!("org.kde.StatusNotifierItem-{process}-1");
        self.wait_for_name(&name);
        TrayIcon {
            desktop: self,
            name,
        }
    }

    /// What the first visible window of this name takes of the screen: left, top, width, height.
    ///
    /// # Panics
    /// If none appears.
    #[must_use]
    pub fn window(&self, name: &str) -> [i32; 4] {
        let search = ["search", "--sync", "--onlyvisible", "--name", name];
        let text = self.xdotool(&[&search[..], &["getwindowgeometry", "--shell"]].concat());
        let number = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key));
            line.and_then(|number| number.parse().ok())
                .unwrap_or_else(|| panic!("no {key} in {text}"))
        };
        [
            number("X="),
            number("Y="),
            number("WIDTH="),
            number("HEIGHT="),
        ]
    }

    /// How many windows are on the screen, menus and tooltips included.
    #[must_use]
    pub fn windows(&self) -> usize {
        let mut search = self.command("xdotool");
        search.args(["search", "--onlyvisible", "--name", ""]);
        programs::try_run(&mut search).text().lines().count()
    }

    /// Takes a picture of the screen once two in turn are the same: nothing moves any more.
    ///
    /// # Panics
    /// If ImageMagick is missing.
    pub fn pictured(&self, path: &Path) {
        let before = path.with_extension("before.png");
        self.picture(path);
        self.until(|| {
            fs::rename(path, &before).expect("it was taken");
            self.picture(path);
            let mut compare = self.command("compare");
            compare
                .stderr(Stdio::piped())
                .args(["-metric", "AE"])
                .arg(&before)
                .arg(path)
                .arg("null:");
            programs::try_run(&mut compare).stderr.trim() == "0"
        });
        fs::remove_file(before).expect("it was taken");
    }

    /// Moves the pointer somewhere.
    pub fn point(&self, x: i32, y: i32) {
        self.xdotool(&["mousemove", "--sync", &x.to_string(), &y.to_string()]);
    }

    /// Presses a mouse button where the pointer is.
    pub fn click(&self, button: u8) {
        self.xdotool(&["click", &button.to_string()]);
    }

    /// Takes a picture of the screen.
    ///
    /// # Panics
    /// If ImageMagick is missing.
    pub fn picture(&self, path: &Path) {
        programs::run(self.command("import").args(["-window", "root"]).arg(path));
    }

    /// A program on this desktop.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let folder = self.folder.path();
        command
            .env("DISPLAY", &self.display)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("HOME", folder)
            .env("XDG_CONFIG_HOME", folder.join("config"))
            .env("XDG_CACHE_HOME", folder.join("cache"))
            .env("XDG_RUNTIME_DIR", folder)
            .env("LANG", self.language)
            .env("LC_ALL", self.language)
            .env("NO_AT_BRIDGE", "1")
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn xdotool(&self, arguments: &[&str]) -> String {
        let mut command = self.command("timeout");
        programs::run(command.args(["60", "xdotool"]).args(arguments)).text()
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        // The display last: the others would complain.
        while let Some(mut child) = self.running.pop() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// An icon in the tray, as the panel sees it.
pub struct TrayIcon<'d> {
    desktop: &'d Desktop,
    name: String,
}

impl TrayIcon<'_> {
    /// A property of the item, as gdbus writes it.
    #[must_use]
    pub fn property(&self, name: &str) -> String {
        let arguments = ["org.kde.StatusNotifierItem", name];
        let method = "org.freedesktop.DBus.Properties.Get";
        self.desktop
            .call(&self.name, "/StatusNotifierItem", method, &arguments)
    }

    /// The whole menu, as gdbus writes it.
    #[must_use]
    pub fn menu(&self) -> String {
        let method = "com.canonical.dbusmenu.GetLayout";
        let arguments = ["0", "-1", "[]"];
        self.desktop
            .call(&self.name, "/MenuBar", method, &arguments)
    }

    /// Chooses the entry of the menu whose label has this text.
    ///
    /// # Panics
    /// If there is none.
    pub fn choose(&self, label: &str) {
        let menu = self.menu();
        let at = menu
            .find(label)
            .unwrap_or_else(|| panic!("no {label} in {menu}"));
        let (_, entry) = menu[..at].rsplit_once("<(").expect("an entry has a number");
        let (number, _) = entry.split_once(',').expect("an entry has properties");
        let arguments = [number, "clicked", "<''>", "0"];
        let method = "com.canonical.dbusmenu.Event";
        let _ = self
            .desktop
            .call(&self.name, "/MenuBar", method, &arguments);
    }
}

fn start(command: &mut Command, running: &mut Vec<Child>, package: &str) -> String {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|_| panic!("apt-get install {package} (or: make install)"));
    let output = child.stdout.take().expect("it was asked to be piped");
    running.push(child);
    let mut line = String::new();
    BufReader::new(output)
        .read_line(&mut line)
        .expect("it prints text");
    assert!(!line.is_empty(), "{package} could not start");
    line.trim().to_owned()
}

/// The lines that are written to a pipe, whoever writes them.
fn follow(pipe: PathBuf) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // Opened for writing too, so that it never ends while somebody may write.
        let pipe = fs::OpenOptions::new().read(true).write(true).open(pipe);
        let lines = BufReader::new(pipe.expect("the pipe is there")).lines();
        for line in lines.map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Written by another process: while this one has it open for writing, a test beside this one may
/// fork and so keep it from being run.
fn write_program(path: &Path, script: &str) {
    let mut writer = Command::new("sh");
    writer
        .args(["-c", "cat > \"$0\" && chmod 700 \"$0\""])
        .arg(path);
    let ran = programs::try_run_with_input(&mut writer, script.as_bytes());
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
}

//! Faults of a token or its module, by a module around SoftHSM2's. What can be ordered is in
//! [`faulty_module::order`].

use std::{
    fs,
    path::{Path, PathBuf},
};

use faulty_module::order::Order;
use tempfile::TempDir;

use crate::{Home, Token, programs};

/// What goes wrong, for the module of one token.
pub struct Faults {
    folder: TempDir,
}

impl Faults {
    /// No faults yet, on `token`, seen by nobody yet.
    ///
    /// # Panics
    /// If a folder cannot be written.
    #[must_use]
    pub fn of(token: &Token) -> Self {
        let faults = Self {
            folder: TempDir::new().expect("a temporary folder can be made"),
        };
        let module = Token::module();
        faults.write("module", module.to_str().expect("the path is UTF-8"));
        let tokens = token.files();
        faults.write("tokens", tokens.to_str().expect("the path is UTF-8"));
        faults
    }

    /// No faults yet, on `token` as `home` sees it from now on.
    ///
    /// # Panics
    /// If a folder cannot be written.
    #[must_use]
    pub fn on(token: &Token, home: &Home) -> Self {
        let faults = Self::of(token);
        home.add_settings(&format!(
            "[[modules]]\nname = \"{}\"\npath = \"{}\"\n\
             environment = {{ SOFTHSM2_CONF = \"{}\", FAULTS = \"{}\" }}\n",
            name_in(home),
            programs::faulty_module().display(),
            token.settings().display(),
            faults.folder.path().display()
        ));
        faults
    }

    /// The folder that the module's environment must name.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// From now on this goes wrong, and nothing else; the calls are counted from here.
    ///
    /// # Panics
    /// If there is no such order, or the folder cannot be written.
    pub fn order(&self, orders: &str) {
        Order::parse(orders).expect("the order can be read");
        // A call in between finds no orders, and is not counted.
        self.remove("orders");
        self.remove("counts");
        self.remove("fired");
        self.write("orders", orders);
    }

    /// From now on nothing goes wrong.
    ///
    /// # Panics
    /// If the folder cannot be written.
    pub fn no_more(&self) {
        self.remove("orders");
    }

    /// What has gone wrong since the orders were given, e.g. `C_Sign 2 Hang`.
    #[must_use]
    pub fn fired(&self) -> Vec<String> {
        self.lines("fired")
    }

    /// From now on each call is written down.
    ///
    /// # Panics
    /// If the folder cannot be written.
    pub fn trace(&self) {
        self.remove("counts");
        self.write("trace", "");
    }

    /// The calls that were written down, as process, name and count.
    ///
    /// # Panics
    /// If the module writes something else.
    #[must_use]
    pub fn traced(&self) -> Vec<(u32, String, u64)> {
        let line = |line: &String| -> Option<(u32, String, u64)> {
            let mut words = line.split(' ');
            let process = words.next()?.parse().ok()?;
            let call = words.next()?.to_owned();
            Some((process, call, words.next()?.parse().ok()?))
        };
        let lines = self.lines("trace");
        let calls = lines.iter().map(line);
        calls.map(|call| call.expect("three words")).collect()
    }

    /// From now on the PIN is locked after so many wrong ones.
    ///
    /// # Panics
    /// If the folder cannot be written.
    pub fn tries(&self, left: u32) {
        self.write("tries", &left.to_string());
    }

    /// How many tries are left.
    ///
    /// # Panics
    /// If nobody has said how many there are.
    #[must_use]
    pub fn tries_left(&self) -> u32 {
        let text = fs::read_to_string(self.path("tries"));
        let text = text.expect("the tries are counted");
        text.parse().expect("the module writes a number")
    }

    /// From now on this is what the token says of its PIN, whatever is true: any of `low`,
    /// `final`, `locked` and `expired`.
    ///
    /// # Panics
    /// If the folder cannot be written.
    pub fn says_of_pin(&self, flags: &str) {
        self.write("flags", flags);
    }

    fn lines(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.path(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn write(&self, name: &str, text: &str) {
        let new = self.path(&format!("{name}.new"));
        fs::write(&new, text).expect("the folder can be written");
        // A module that reads it finds the old one or the new one, never half of it.
        fs::rename(new, self.path(name)).expect("the folder can be written");
    }

    fn remove(&self, name: &str) {
        // It may not be there.
        let _ = fs::remove_file(self.path(name));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// `faulty`, and `faulty-2` and so on for the ones after it.
fn name_in(home: &Home) -> String {
    let settings = fs::read_to_string(home.path("config/koshin/config.toml"));
    let settings = settings.expect("a home has settings");
    match settings.matches("[[modules]]").count() {
        0 => "faulty".to_owned(),
        others => format!("faulty-{}", others + 1),
    }
}

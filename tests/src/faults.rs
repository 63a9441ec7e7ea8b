//! Faults of a token or its module, by a module around SoftHSM2's.

use std::fs;

use tempfile::TempDir;

use crate::{Home, Token, programs};

/// What goes wrong, for the module of one token.
pub struct Faults {
    folder: TempDir,
}

impl Faults {
    /// No faults yet, on `token` as `home` sees it from now on.
    ///
    /// # Panics
    /// If a folder cannot be written.
    #[must_use]
    pub fn on(token: &Token, home: &Home) -> Self {
        let faults = Self {
            folder: TempDir::new().expect("a temporary folder can be made"),
        };
        let module = Token::module();
        faults.order("module", module.to_str().expect("the path is UTF-8"));
        home.add_settings(&format!(
            "[[modules]]\nname = \"faulty\"\npath = \"{}\"\n\
             environment = {{ SOFTHSM2_CONF = \"{}\", FAULTS = \"{}\" }}\n",
            programs::faulty_module().display(),
            token.settings().display(),
            faults.folder.path().display()
        ));
        faults
    }

    /// From now on the PIN is locked after so many wrong ones.
    ///
    /// # Panics
    /// If the folder cannot be written.
    pub fn tries(&self, left: u32) {
        self.order("tries", &left.to_string());
    }

    /// How many tries are left.
    ///
    /// # Panics
    /// If nobody has said how many there are.
    #[must_use]
    pub fn tries_left(&self) -> u32 {
        let text = fs::read_to_string(self.folder.path().join("tries"));
        let text = text.expect("the tries are counted");
        text.parse().expect("the module writes a number")
    }

    /// From now on the module's process ends in this call, e.g. `C_Sign`.
    ///
    /// # Panics
    /// If the folder cannot be written.
    pub fn crash_in(&self, call: &str) {
        self.order("crash", call);
    }

    /// From now on nothing crashes.
    ///
    /// # Panics
    /// If the folder cannot be written.
    pub fn no_crash(&self) {
        self.order("crash", "");
    }

    fn order(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).expect("the folder can be written");
    }
}

//! What tests of several modules need, and the end-to-end tests with them.

use std::process::{Command, Stdio};

/// A command that runs `program` as another user of this PC: root becomes one, and anyone else
/// takes an id that the system has set aside for them (`/etc/subuid`).
pub(crate) fn as_another_user(program: &str) -> Command {
    let mut command = if rustix::process::geteuid().is_root() {
        let mut setpriv = Command::new("setpriv");
        setpriv.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        setpriv
    } else {
        assert!(
            std::path::Path::new("/usr/bin/newuidmap").exists(),
            "newuidmap is missing: install it with apt-get install uidmap"
        );
        let mut unshare = Command::new("unshare");
        unshare.args(["--user", "--map-auto", "--setuid=0", "--setgid=0", "--"]);
        unshare
    };
    command.arg(program).stdin(Stdio::null());
    command
}

//! Which pinentry programs to try.

use std::{
    env,
    ffi::OsStr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// The setting that leaves the choice to Koshin.
const ANY: &str = "pinentry";

/// With a display. In the GTK and Qt ones the Return key means いいえ, in GNOME's it means はい,
/// so that one comes after them.
const GRAPHICAL: [&str; 4] = [
    "pinentry-qt",
    "pinentry-gtk-2",
    "pinentry-gnome3",
    "pinentry",
];

const TERMINAL: [&str; 3] = ["pinentry-curses", "pinentry-tty", "pinentry"];

/// Where a dialog can appear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Display,
    Terminal,
    Nowhere,
}

impl Place {
    /// Where this process can show one, given whether the audience has a terminal.
    pub(super) fn of(terminal: bool) -> Self {
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        if terminal {
            Self::Terminal
        } else if set("DISPLAY") || set("WAYLAND_DISPLAY") {
            Self::Display
        } else {
            Self::Nowhere
        }
    }

    /// The Debian package that brings a dialog there.
    pub(super) fn package(self) -> Option<&'static str> {
        match self {
            Self::Display => Some("pinentry-qt"),
            Self::Terminal => Some("pinentry-curses"),
            Self::Nowhere => None,
        }
    }
}

/// The programs to try for that place, best first: the configured one alone, or the usual ones
/// that are in `path` (as in the environment's `PATH`).
pub(super) fn candidates(configured: &Path, place: Place, path: Option<&OsStr>) -> Vec<PathBuf> {
    if configured != Path::new(ANY) {
        return vec![configured.to_owned()];
    }
    let usual: &[&str] = match place {
        Place::Display => &GRAPHICAL,
        Place::Terminal => &TERMINAL,
        Place::Nowhere => &[],
    };
    let folders: Vec<PathBuf> = path.map(env::split_paths).into_iter().flatten().collect();
    usual
        .iter()
        .filter_map(|name| {
            folders
                .iter()
                .map(|folder| folder.join(name))
                .find(|program| is_program(program))
        })
        .collect()
}

fn is_program(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};

    use super::*;

    #[test]
    fn a_configured_program_is_the_only_one() {
        let found = candidates(Path::new("/opt/ask"), Place::Nowhere, None);
        assert_eq!(found, [Path::new("/opt/ask")]);
    }

    #[test]
    fn the_usual_ones_are_tried_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["pinentry-gnome3", "pinentry-gtk-2", "pinentry-curses"] {
            let path = folder.path().join(name);
            fs::write(&path, "").unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        }
        fs::write(folder.path().join("pinentry-qt"), "not a program").unwrap();
        let found = |place| candidates(Path::new(ANY), place, Some(folder.path().as_os_str()));
        assert_eq!(
            found(Place::Display),
            [
                folder.path().join("pinentry-gtk-2"),
                folder.path().join("pinentry-gnome3")
            ]
        );
        assert_eq!(
            found(Place::Terminal),
            [folder.path().join("pinentry-curses")]
        );
        assert!(found(Place::Nowhere).is_empty());
    }
}

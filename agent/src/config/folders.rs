//! Where Koshin's files are, by the XDG base directory specification.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::{Origin, Sourced};

/// The folders of the system's settings, of the user's, and of the agent's state.
#[derive(Clone, Debug)]
pub struct Folders {
    /// What IT installed: `config.toml` and `profiles/`. `$XDG_CONFIG_DIRS/koshin` (its first
    /// folder), else `/etc/xdg/koshin`.
    pub system: Sourced<PathBuf>,
    /// The user's own: `config.toml` and `profiles/`. `$XDG_CONFIG_HOME/koshin`, else
    /// `~/.config/koshin`.
    pub user: Sourced<PathBuf>,
    /// The journal and the locks. `$XDG_STATE_HOME/koshin`, else `~/.local/state/koshin`.
    pub state: Sourced<PathBuf>,
    /// The socket of the CLI. `$XDG_RUNTIME_DIR/koshin/control.sock`, else `control.sock` in the
    /// state folder.
    pub socket: Sourced<PathBuf>,
    /// The user's own p11-kit module files: `pkcs11/modules` beside [`Folders::user`].
    pub user_p11_kit: PathBuf,
}

/// Without a home folder there is nowhere for settings and state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither HOME nor the XDG folders are set")]
pub struct FoldersError;

impl Folders {
    /// The folders that the environment names; `variable` answers an environment variable.
    /// Relative paths in XDG variables do not count, as the specification says.
    ///
    /// # Errors
    /// [`FoldersError`] if a folder would need `HOME` and `HOME` is not an absolute path.
    pub fn find(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, FoldersError> {
        let absolute = |name: &str| {
            variable(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let home = absolute("HOME");
        let or_home = |name: &'static str, default: &str| match absolute(name) {
            Some(path) => Ok(Sourced {
                value: path,
                origin: Origin::Environment(name),
            }),
            None => home
                .as_ref()
                .map(|home| Sourced::default(home.join(default)))
                .ok_or(FoldersError),
        };
        let system = variable("XDG_CONFIG_DIRS")
            .as_ref()
            .and_then(|list| std::env::split_paths(list).find(|path| path.is_absolute()))
            .map_or_else(
                || Sourced::default(PathBuf::from("/etc/xdg")),
                |path| Sourced {
                    value: path,
                    origin: Origin::Environment("XDG_CONFIG_DIRS"),
                },
            );
        let user = or_home("XDG_CONFIG_HOME", ".config")?;
        let state = or_home("XDG_STATE_HOME", ".local/state")?.map(|path| path.join("koshin"));
        let socket = absolute("XDG_RUNTIME_DIR").map_or_else(
            || state.clone().map(|path| path.join("control.sock")),
            |path| Sourced {
                value: path.join("koshin/control.sock"),
                origin: Origin::Environment("XDG_RUNTIME_DIR"),
            },
        );
        Ok(Self {
            system: system.map(|path| path.join("koshin")),
            user_p11_kit: user.value.join("pkcs11/modules"),
            user: user.map(|path| path.join("koshin")),
            state,
            socket,
        })
    }

    /// The system's settings file.
    #[must_use]
    pub fn system_file(&self) -> PathBuf {
        self.system.value.join("config.toml")
    }

    /// The user's settings file.
    #[must_use]
    pub fn user_file(&self) -> PathBuf {
        self.user.value.join("config.toml")
    }

    /// The folder of the installed profiles.
    #[must_use]
    pub fn system_profiles(&self) -> PathBuf {
        self.system.value.join("profiles")
    }

    /// The folder of the user's own profiles.
    #[must_use]
    pub fn user_profiles(&self) -> PathBuf {
        self.user.value.join("profiles")
    }

    /// Where p11-kit's module files are, as p11-kit ranks them (pkcs11.conf(5)): the user's, the
    /// administrator's, the packages'.
    #[must_use]
    pub fn p11_kit(&self) -> Vec<PathBuf> {
        vec![
            self.user_p11_kit.clone(),
            Path::new("/etc/pkcs11/modules").to_owned(),
            Path::new("/usr/share/p11-kit/modules").to_owned(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(variables: &[(&str, &str)]) -> Result<Folders, FoldersError> {
        Folders::find(|name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn home_gives_the_defaults() {
        let folders = folders(&[("HOME", "/home/keiri")]).unwrap();
        assert_eq!(folders.system.value, Path::new("/etc/xdg/koshin"));
        assert_eq!(
            folders.user_file(),
            Path::new("/home/keiri/.config/koshin/config.toml")
        );
        assert_eq!(
            folders.socket.value,
            Path::new("/home/keiri/.local/state/koshin/control.sock")
        );
        assert_eq!(folders.socket.origin, Origin::Default);
    }

    #[test]
    fn xdg_variables_win_and_relative_ones_do_not_count() {
        let folders = folders(&[
            ("HOME", "/home/keiri"),
            ("XDG_CONFIG_HOME", "relative"),
            ("XDG_CONFIG_DIRS", "relative:/opt/etc:/etc/xdg"),
            ("XDG_RUNTIME_DIR", "/run/user/1000"),
        ])
        .unwrap();
        assert_eq!(folders.user.value, Path::new("/home/keiri/.config/koshin"));
        assert_eq!(folders.system.value, Path::new("/opt/etc/koshin"));
        assert_eq!(
            folders.socket,
            Sourced {
                value: PathBuf::from("/run/user/1000/koshin/control.sock"),
                origin: Origin::Environment("XDG_RUNTIME_DIR"),
            }
        );
    }

    #[test]
    fn a_users_own_module_file_ranks_before_the_administrators_and_the_packages() {
        let folders = folders(&[("HOME", "/home/keiri")]).unwrap();
        let ranked = [
            "/home/keiri/.config/pkcs11/modules",
            "/etc/pkcs11/modules",
            "/usr/share/p11-kit/modules",
        ];
        assert_eq!(folders.p11_kit(), ranked.map(PathBuf::from));
    }

    #[test]
    fn no_home_at_all_is_an_error() {
        assert_eq!(folders(&[]).unwrap_err(), FoldersError);
    }
}

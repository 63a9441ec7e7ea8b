//! The control socket as a file: whose it is, and where.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use thiserror::Error;
use tokio::net::{UnixListener, UnixStream};

use super::AgentLock;
use crate::os::{
    folders::{FolderError, make_private},
    peer::{self, User},
};

/// The agent's end of the control socket. Its file goes when it is dropped.
#[derive(Debug)]
pub struct Socket {
    pub(super) listener: UnixListener,
    path: PathBuf,
    /// Device and inode of the file that this process made.
    file: (u64, u64),
}

/// Why there is no control socket.
#[derive(Debug, Error)]
pub enum SocketError {
    /// The path does not fit into a socket's address.
    #[error(
        "the control socket's path has {} bytes, and {LONGEST_PATH} is the most: {}",
        path.as_os_str().len(),
        path.display()
    )]
    PathTooLong {
        /// The path.
        path: PathBuf,
    },
    /// Its folder cannot be made the owner's alone.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Something that is no socket lies where the socket should be.
    #[error("{} is in the way of the control socket", path.display())]
    InTheWay {
        /// What lies there.
        path: PathBuf,
    },
    /// The system refused.
    #[error("could not make the control socket {}", path.display())]
    System {
        /// The socket or its folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The longest path of a socket, in bytes: `sun_path` has 108 with the final zero (unix(7)).
pub(super) const LONGEST_PATH: usize = 107;

impl Socket {
    /// Listens on `path`, in a folder that only its owner may enter. What a dead agent left
    /// there is replaced; the lock proves that it is dead.
    ///
    /// # Errors
    /// [`SocketError`]
    pub fn bind(path: &Path, _lock: &AgentLock) -> Result<Self, SocketError> {
        check_length(path)?;
        let failed = |source| SocketError::System {
            path: path.to_owned(),
            source,
        };
        let folder = path.parent().unwrap_or(Path::new("/"));
        make_private(folder)?;
        match fs::symlink_metadata(path) {
            Ok(left) if left.file_type().is_socket() => fs::remove_file(path).map_err(failed)?,
            Ok(_) => {
                return Err(SocketError::InTheWay {
                    path: path.to_owned(),
                });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let listener = UnixListener::bind(path).map_err(failed)?;
        // Nobody else can have come in between: the folder is closed to others.
        fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(failed)?;
        let made = fs::symlink_metadata(path).map_err(failed)?;
        Ok(Self {
            listener,
            path: path.to_owned(),
            file: (made.dev(), made.ino()),
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let mine = fs::symlink_metadata(&self.path)
            .is_ok_and(|there| (there.dev(), there.ino()) == self.file);
        if mine {
            // The next agent replaces what could not be removed.
            let _ = fs::remove_file(&self.path);
        }
    }
}

pub(super) fn check_length(path: &Path) -> Result<(), SocketError> {
    if path.as_os_str().len() > LONGEST_PATH {
        return Err(SocketError::PathTooLong {
            path: path.to_owned(),
        });
    }
    Ok(())
}

/// Whether the kernel says that the peer is this user.
pub(super) fn is_owner(stream: &UnixStream) -> bool {
    peer::of_unix(stream).is_ok_and(|peer| peer == User::own())
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener as StdListener;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().mode() & 0o777
    }

    #[tokio::test]
    async fn socket_and_folder_are_the_owner_s_alone() {
        let folder = tempfile::tempdir().unwrap();
        let lock = AgentLock::take(folder.path()).unwrap();
        let path = folder.path().join("run/koshin/control.sock");
        let socket = Socket::bind(&path, &lock).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        drop(socket);
        assert!(!path.exists());

        fs::set_permissions(path.parent().unwrap(), Permissions::from_mode(0o755)).unwrap();
        let _socket = Socket::bind(&path, &lock).unwrap();
        assert_eq!(mode(path.parent().unwrap()), 0o700);
    }

    #[tokio::test]
    async fn a_dead_agent_s_socket_is_replaced_and_other_files_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let lock = AgentLock::take(folder.path()).unwrap();
        let path = folder.path().join("control.sock");
        drop(StdListener::bind(&path).unwrap());
        assert!(path.exists());
        drop(Socket::bind(&path, &lock).unwrap());

        fs::write(&path, "precious").unwrap();
        let error = Socket::bind(&path, &lock).unwrap_err();
        assert!(matches!(error, SocketError::InTheWay { .. }));
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }

    #[tokio::test]
    async fn a_later_agent_s_socket_outlives_this_one() {
        let folder = tempfile::tempdir().unwrap();
        let lock = AgentLock::take(folder.path()).unwrap();
        let path = folder.path().join("control.sock");
        let earlier = Socket::bind(&path, &lock).unwrap();
        let _later = Socket::bind(&path, &lock).unwrap();
        drop(earlier);
        assert!(path.exists());
    }

    #[tokio::test]
    async fn a_path_too_long_for_a_socket_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let lock = AgentLock::take(folder.path()).unwrap();
        let room = LONGEST_PATH - folder.path().as_os_str().len() - 1;
        let longest = folder.path().join("x".repeat(room));
        drop(Socket::bind(&longest, &lock).unwrap());
        let error = Socket::bind(&folder.path().join("x".repeat(room + 1)), &lock).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("has 108 bytes, and 107 is the most")
        );
    }
}

//! Folders for the agent's own files: for their owner alone, and on this PC's own disk.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use thiserror::Error;

/// Why a folder cannot be used.
#[derive(Debug, Error)]
pub enum FolderError {
    /// It could not be made or looked at.
    #[error("could not use the folder {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is something of that name which is not a folder.
    #[error("{} is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// Another user owns it.
    #[error("the folder {} belongs to another user (uid {owner})", path.display())]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// Its owner.
        owner: u32,
    },
    /// It lies on another machine's disk, where neither locks nor the journal are safe.
    #[error("the folder {} is on a network file system ({kind})", path.display())]
    Network {
        /// The folder.
        path: PathBuf,
        /// The kind of file system, e.g. `nfs`.
        kind: String,
    },
}

/// Makes a folder, with those above it that are missing, for its owner alone (0700); takes the
/// rights of others away from one that is there.
///
/// # Errors
///
/// When it can't be made, isn't a folder or belongs to another user.
pub fn make_private(path: &Path) -> Result<(), FolderError> {
    let failed = |source| FolderError::Folder {
        path: path.to_owned(),
        source,
    };
    match DirBuilder::new().recursive(true).mode(0o700).create(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(FolderError::NotAFolder(path.to_owned()));
        }
        Err(error) => return Err(failed(error)),
    }
    refuse_others(path)?;
    let found = fs::metadata(path).map_err(failed)?;
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}

/// Makes a file that only its owner may read, where there is none.
///
/// # Errors
///
/// [`io::ErrorKind::AlreadyExists`], or when it can't be made.
pub fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Refuses what is no folder, or another user's.
///
/// # Errors
///
/// [`FolderError::NotAFolder`], [`FolderError::NotOurs`], or when it can't be looked at.
pub fn refuse_others(path: &Path) -> Result<(), FolderError> {
    let found = fs::metadata(path).map_err(|source| FolderError::Folder {
        path: path.to_owned(),
        source,
    })?;
    if !found.is_dir() {
        return Err(FolderError::NotAFolder(path.to_owned()));
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(FolderError::NotOurs {
            path: path.to_owned(),
            owner: found.uid(),
        });
    }
    Ok(())
}

/// How many bytes this user may still write to the folder's file system.
///
/// # Errors
///
/// When the file system can't be asked.
pub fn room(path: &Path) -> io::Result<u64> {
    let system = rustix::fs::statvfs(path)?;
    Ok(system.f_bavail.saturating_mul(system.f_frsize))
}

/// Refuses a folder that lies on another machine's disk: SQLite's log and lock files need one
/// kernel that sees all who use them.
///
/// # Errors
///
/// [`FolderError::Network`], or when the folder can't be looked at.
pub fn refuse_network(path: &Path) -> Result<(), FolderError> {
    let failed = |source: io::Error| FolderError::Folder {
        path: path.to_owned(),
        source,
    };
    let magic = rustix::fs::statfs(path)
        .map_err(|error| failed(error.into()))?
        .f_type;
    // Some architectures sign the magic number; only its 32 bits mean something.
    #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)]
    let magic = magic as u32;
    let kind = if magic == FUSE {
        let device = fs::metadata(path).map_err(failed)?.dev();
        let mounts = fs::read_to_string("/proc/self/mountinfo").map_err(failed)?;
        let kind = mount_type(&mounts, device).unwrap_or("fuse");
        (!LOCAL_FUSE.contains(&kind)).then(|| kind.to_owned())
    } else {
        REMOTE
            .iter()
            .find(|(remote, _)| *remote == magic)
            .map(|(_, name)| (*name).to_owned())
    };
    match kind {
        None => Ok(()),
        Some(kind) => Err(FolderError::Network {
            path: path.to_owned(),
            kind,
        }),
    }
}

/// File systems of other machines, or of a virtual machine's host (statfs(2), linux/magic.h).
const REMOTE: [(u32, &str); 13] = [
    (0x0000_6969, "nfs"),
    (0x0000_517b, "smb"),
    (0xff53_4d42, "cifs"),
    (0xfe53_4d42, "smb2"),
    (0x0000_564c, "ncp"),
    (0x7375_7245, "coda"),
    (0x5346_414f, "afs"),
    (0x6b41_4653, "afs"),
    (0x0102_1997, "9p"),
    (0x00c3_6400, "ceph"),
    (0x0bd0_0bd0, "lustre"),
    (0x0116_1970, "gfs2"),
    (0x7461_636f, "ocfs2"),
];

const FUSE: u32 = 0x6573_5546;

/// Programs behind FUSE that keep their files on this PC; any other may reach over a network.
const LOCAL_FUSE: [&str; 7] = [
    "fuseblk",
    "fuse.bindfs",
    "fuse.cryfs",
    "fuse.encfs",
    "fuse.fuse-overlayfs",
    "fuse.gocryptfs",
    "fuse.mergerfs",
];

/// The type of the mounted file system with that device number, from proc_pid_mountinfo(5).
fn mount_type(mounts: &str, device: u64) -> Option<&str> {
    let wanted = format!(
        "{}:{}",
        rustix::fs::major(device),
        rustix::fs::minor(device)
    );
    mounts.lines().find_map(|line| {
        let (mount, file_system) = line.split_once(" - ")?;
        (mount.split(' ').nth(2)? == wanted).then(|| file_system.split(' ').next())?
    })
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader},
        process::Stdio,
    };

    use super::*;
    use crate::testing::as_another_user;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn a_new_folder_and_those_above_it_are_for_the_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/koshin");
        make_private(&path).unwrap();
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&folder.path().join("state")), 0o700);
    }

    #[test]
    fn a_folder_that_others_can_read_is_closed_to_them() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        make_private(folder.path()).unwrap();
        assert_eq!(mode(folder.path()), 0o700);
    }

    #[test]
    fn a_file_in_its_place_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("koshin");
        fs::write(&path, "").unwrap();
        assert!(matches!(
            make_private(&path),
            Err(FolderError::NotAFolder(_))
        ));
    }

    #[test]
    fn another_users_folder_is_refused() {
        // The folder is gone with the other user's process, which waits for its input to end.
        let mut theirs = as_another_user("sh")
            .args([
                "-c",
                "folder=$(mktemp -d) && echo $folder && read -r _; rmdir $folder",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut folder = String::new();
        let mut told = BufReader::new(theirs.stdout.take().unwrap());
        told.read_line(&mut folder).unwrap();
        let refused = make_private(Path::new(folder.trim()));
        drop(theirs.stdin.take());
        theirs.wait().unwrap();
        assert!(
            matches!(refused, Err(FolderError::NotOurs { .. })),
            "{folder}: {refused:?}"
        );
    }

    #[test]
    fn this_pcs_own_disk_is_accepted() {
        let folder = tempfile::tempdir().unwrap();
        refuse_network(folder.path()).unwrap();
    }

    #[test]
    fn what_is_behind_fuse_is_found_by_its_device() {
        let mounts = "30 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
            41 30 0:52 / /home/keiri/net rw,nosuid shared:9 - fuse.sshfs bank@host:/ rw\n";
        let device = rustix::fs::makedev(0, 52);
        assert_eq!(mount_type(mounts, device), Some("fuse.sshfs"));
        assert_eq!(mount_type(mounts, rustix::fs::makedev(0, 53)), None);
    }
}

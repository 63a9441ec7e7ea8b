//! One holder at a time: a lock file that says who holds it.

use std::{
    fmt,
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process,
};

use thiserror::Error;

/// The lock, held until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    // Closing the file releases the lock.
    _file: File,
}

/// Who holds a lock, as its file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The holder's process id, if the file could be read.
    pub process: Option<u32>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.process {
            Some(process) => write!(f, "process {process}"),
            None => f.write_str("another process"),
        }
    }
}

/// Why a lock was not taken.
#[derive(Debug, Error)]
pub enum LockError {
    /// Somebody has it.
    #[error("{} is held by {holder}", path.display())]
    Held {
        /// The lock file.
        path: PathBuf,
        /// Who has it.
        holder: Holder,
    },
    /// The file could not be opened, locked or written.
    #[error("could not lock {}", path.display())]
    File {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Lock {
    /// Takes the lock at `path` without waiting, and writes this process's id into the file.
    ///
    /// The file is made for its owner alone, and stays when the lock goes: removing it would let
    /// two processes lock two files of the same name.
    ///
    /// # Errors
    ///
    /// [`LockError::Held`] when another process, or this one, has it.
    pub fn take(path: &Path) -> Result<Self, LockError> {
        let failed = failed(path);
        let mut file = open(path).map_err(&failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held {
                    path: path.to_owned(),
                    holder: holder(&mut file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        sign(&mut file).map_err(failed)?;
        Ok(Self { _file: file })
    }

    /// Takes the lock as [`Lock::take`] does, but blocks until whoever has it lets go.
    ///
    /// # Errors
    ///
    /// [`LockError::File`].
    pub fn wait(path: &Path) -> Result<Self, LockError> {
        let failed = failed(path);
        let mut file = open(path).map_err(&failed)?;
        file.lock().map_err(&failed)?;
        sign(&mut file).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

fn failed(path: &Path) -> impl Fn(io::Error) -> LockError {
    move |source| LockError::File {
        path: path.to_owned(),
        source,
    }
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", process::id())
}

fn holder(file: &mut File) -> Holder {
    let mut text = String::new();
    // The holder may be writing just now; without its id the answer is less helpful, not wrong.
    let _ = file.take(32).read_to_string(&mut text);
    Holder {
        process: text.trim().parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_second_is_told_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("koshin.lock");
        let first = Lock::take(&path).unwrap();
        let Err(LockError::Held { holder, .. }) = Lock::take(&path) else {
            panic!("two took the same lock");
        };
        assert_eq!(holder.process, Some(process::id()));
        drop(first);
        Lock::take(&path).unwrap();
    }

    #[test]
    fn a_shorter_process_id_leaves_no_digits_of_the_last_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("koshin.lock");
        std::fs::write(&path, "4294967295 and more\n").unwrap();
        let _lock = Lock::take(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, format!("{}\n", process::id()));
    }

    #[test]
    fn the_file_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("koshin.lock");
        let _lock = Lock::take(&path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

//! Files that change, told by the system.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io,
    mem::MaybeUninit,
    os::{fd::OwnedFd, unix::ffi::OsStrExt as _},
    path::{Path, PathBuf},
};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use tokio::io::unix::AsyncFd;

use super::ready;

/// Tells when something in folders changes. A folder that is not there is waited for.
#[derive(Debug)]
pub struct Changes {
    notices: AsyncFd<OwnedFd>,
    folders: Vec<PathBuf>,
    /// What is watched: for a missing folder's sake, the name that must appear.
    watched: BTreeMap<i32, Option<OsString>>,
}

impl Changes {
    /// Watches these folders, whether they are there or not.
    ///
    /// # Errors
    /// When the system has no descriptor left.
    pub fn of(folders: Vec<PathBuf>) -> io::Result<Self> {
        let flags = CreateFlags::CLOEXEC | CreateFlags::NONBLOCK;
        let mut changes = Self {
            notices: ready::wait_for(inotify::init(flags)?)?,
            folders,
            watched: BTreeMap::new(),
        };
        changes.arm();
        Ok(changes)
    }

    /// Waits until something in one of the folders changes: a file written to its end, moved,
    /// or removed.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn next(&mut self) -> io::Result<()> {
        loop {
            let mut ready = self.notices.readable().await?;
            let (seen, end) = read(self.notices.get_ref(), &self.watched);
            if end {
                ready.clear_ready();
            }
            drop(ready);
            if seen {
                self.arm();
                return Ok(());
            }
        }
    }

    fn arm(&mut self) {
        for folder in &self.folders {
            if let Ok(watch) = inotify::add_watch(&self.notices, folder, INSIDE) {
                self.watched.insert(watch, None);
                continue;
            }
            let missing = folder.ancestors().zip(folder.ancestors().skip(1));
            for (child, parent) in missing.filter(|(_, parent)| *parent != Path::new("")) {
                if let Ok(watch) = inotify::add_watch(&self.notices, parent, APPEARS) {
                    let name = child.file_name().map(OsString::from);
                    self.watched.entry(watch).or_insert(name);
                    break;
                }
            }
        }
    }
}

const INSIDE: WatchFlags = WatchFlags::CLOSE_WRITE
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::CREATE)
    .union(WatchFlags::ONLYDIR);

const APPEARS: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::MOVED_TO)
    .union(WatchFlags::ONLYDIR)
    .union(WatchFlags::MASK_ADD);

/// Whether anything that counts was told of, and whether all was read.
fn read(notices: &OwnedFd, watched: &BTreeMap<i32, Option<OsString>>) -> (bool, bool) {
    let mut room = [MaybeUninit::uninit(); 4096];
    let mut reader = inotify::Reader::new(notices, &mut room);
    let mut seen = false;
    loop {
        let Ok(event) = reader.next() else {
            return (seen, true);
        };
        let name = event.file_name().map(std::ffi::CStr::to_bytes);
        let counts = match watched.get(&event.wd()) {
            Some(Some(awaited)) => name == Some(awaited.as_bytes()),
            Some(None) => {
                // A file that has just been made is told of again once it has been written.
                let hidden = name.is_some_and(|name| name.starts_with(b"."));
                let made_file = event.events().contains(ReadFlags::CREATE)
                    && !event.events().contains(ReadFlags::ISDIR);
                !hidden && !made_file
            }
            None => false,
        };
        seen |= counts || event.events().contains(ReadFlags::QUEUE_OVERFLOW);
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use super::*;

    async fn told(changes: &mut Changes) -> bool {
        let wait = tokio::time::timeout(Duration::from_millis(50), changes.next());
        wait.await.is_ok()
    }

    #[tokio::test]
    async fn a_file_that_is_written_moved_or_removed_is_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let mut changes = Changes::of(vec![folder.path().to_owned()]).unwrap();
        assert!(!told(&mut changes).await);
        let file = folder.path().join("config.toml");
        fs::write(&file, "x").unwrap();
        changes.next().await.unwrap();
        fs::rename(&file, folder.path().join("other.toml")).unwrap();
        changes.next().await.unwrap();
        fs::remove_file(folder.path().join("other.toml")).unwrap();
        changes.next().await.unwrap();
    }

    #[tokio::test]
    async fn a_folder_that_is_made_later_is_watched_from_then_on() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("koshin/profiles");
        let mut changes = Changes::of(vec![folder.clone()]).unwrap();
        fs::write(root.path().join("other"), "x").unwrap();
        assert!(!told(&mut changes).await, "a neighbour does not count");
        fs::create_dir(root.path().join("koshin")).unwrap();
        changes.next().await.unwrap();
        fs::create_dir(&folder).unwrap();
        changes.next().await.unwrap();
        fs::write(folder.join("bank.toml"), "x").unwrap();
        changes.next().await.unwrap();
    }
}

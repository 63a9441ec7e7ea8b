//! Where the measuring takes place.

use std::{env, fs};

use rustix::fs::statfs;

/// statfs(2)'s number for a file system in memory.
const TMPFS: u64 = 0x0102_1994;

/// Sees to it that temporary folders are on a disk: a commit to memory costs nothing.
///
/// # Panics
/// If they are not.
pub(crate) fn check() {
    let folder = env::temp_dir();
    let kind = statfs(&folder)
        .expect("the temporary folder is there")
        .f_type;
    assert_ne!(
        u64::try_from(kind),
        Ok(TMPFS),
        "{} is in memory\nhint: let TMPDIR name a folder on a disk",
        folder.display()
    );
}

/// How busy the machine is: the averages of 1, 5 and 15 minutes.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

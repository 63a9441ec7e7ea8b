//! The folder through which a test and the module talk, across all processes that load it.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io::Write as _,
    os::unix::fs::FileExt as _,
    path::PathBuf,
    process,
};

use crate::table::NAMES;

/// The folder that the environment names.
pub(crate) struct Folder(PathBuf);

/// Which call this is, since the orders were given and in all processes together, from 1.
#[derive(Clone, Copy)]
pub(crate) struct Count {
    /// Among the calls of its name.
    pub(crate) of_its_name: u64,
    /// Among all.
    pub(crate) of_all: u64,
}

impl Folder {
    pub(crate) fn of_environment() -> Option<Self> {
        Some(Self(env::var_os("FAULTS")?.into()))
    }

    /// A small file as text, without the white space around it; `None` where it is not there.
    pub(crate) fn read(&self, name: &str) -> Option<String> {
        let text = fs::read_to_string(self.path(name)).ok()?;
        Some(text.trim().to_owned())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a small file, or ends the process: a test that went on without would prove nothing.
    pub(crate) fn write(&self, name: &str, text: &str) {
        if let Err(error) = fs::write(self.path(name), text) {
            give_up(&format!("{name}: {error}"));
        }
    }

    /// Adds a line to a file, whole even where other processes add to it.
    pub(crate) fn add(&self, name: &str, line: &str) {
        let added = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path(name))
            .and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
        if let Err(error) = added {
            give_up(&format!("{name}: {error}"));
        }
    }

    /// Counts a call, under a lock, since a renewal takes several processes.
    pub(crate) fn count(&self, call: &str) -> Count {
        match self.try_count(call) {
            Ok(count) => count,
            Err(error) => give_up(&format!("counts: {error}")),
        }
    }

    fn try_count(&self, call: &str) -> std::io::Result<Count> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(self.path("counts"))?;
        file.lock()?;
        let place = NAMES.iter().position(|name| *name == call).unwrap_or(0);
        let place = u64::try_from(place).expect("the table is short");
        // The first number is that of all calls; closing the file unlocks it.
        Ok(Count {
            of_its_name: increment(&file, 8 * (place + 1))?,
            of_all: increment(&file, 0)?,
        })
    }
}

/// Ends the process, which then fails every test.
pub(crate) fn give_up(why: &str) -> ! {
    eprintln!("faulty-module: {why}");
    process::abort()
}

fn increment(file: &File, at: u64) -> std::io::Result<u64> {
    let mut bytes = [0; 8];
    // A file that is still short has zeros there.
    let _ = file.read_at(&mut bytes, at)?;
    let number = u64::from_le_bytes(bytes) + 1;
    file.write_all_at(&number.to_le_bytes(), at)?;
    Ok(number)
}

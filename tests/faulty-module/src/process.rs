//! Faults that the whole process suffers.

use std::{
    ffi::c_int,
    fs,
    hint::black_box,
    io,
    os::unix::process::parent_id,
    process, thread,
    time::{Duration, Instant},
};

use crate::{
    folder::{Folder, give_up},
    order::Fault,
};

/// Carries out a fault that has nothing to do with the call's answer.
pub(crate) fn suffer(folder: &Folder, fault: &Fault) {
    match fault {
        Fault::Delay(time) => delay(Duration::from_millis(*time)),
        Fault::Hang => loop {
            thread::park();
        },
        Fault::Wait(name) => {
            // Reads to the end: until whoever opened the pipe for writing has closed it.
            if let Err(error) = fs::read(folder.path(name)) {
                give_up(&format!("{name}: {error}"));
            }
        }
        Fault::Abort => process::abort(),
        Fault::Segv => signal(process::id(), SIGSEGV),
        Fault::Exit => process::exit(0),
        Fault::KillSelf => signal(process::id(), SIGKILL),
        Fault::KillParent => signal(parent_id(), SIGKILL),
        Fault::KillBoth => {
            signal(parent_id(), SIGKILL);
            signal(process::id(), SIGKILL);
        }
        Fault::Flood(bytes) => pour(io::stderr().lock(), *bytes),
        Fault::Print(bytes) => pour(io::stdout().lock(), *bytes),
        Fault::Leak(bytes) => {
            // Asked for and never touched: a test costs the PC nothing.
            black_box(Box::leak(vec![0_u8; *bytes].into_boxed_slice()));
        }
        Fault::Remove => remove(folder),
        Fault::Fill => folder.write("full", ""),
        Fault::KillLater(time) => {
            let time = Duration::from_micros(*time);
            thread::spawn(move || {
                delay(time);
                signal(process::id(), SIGKILL);
            });
        }
        Fault::Fail(_)
        | Fault::Shorten
        | Fault::Lengthen
        | Fault::Empty
        | Fault::Garble
        | Fault::Without(_)
        | Fault::Vanish
        | Fault::Endless => {}
    }
}

fn delay(time: Duration) {
    let until = Instant::now() + time;
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        thread::park_timeout(left);
    }
}

fn pour(mut stream: impl io::Write, bytes: usize) {
    let line = [b"all work and no play makes a dull module ".as_slice(); 100].concat();
    let mut left = bytes;
    while left > 0 {
        let part = left.min(line.len());
        // Nobody may be listening.
        if stream.write_all(&line[..part]).is_err() {
            return;
        }
        left -= part;
    }
    let _ = stream.write_all(b"\n").and_then(|()| stream.flush());
}

fn remove(folder: &Folder) {
    let tokens = folder.read("tokens").unwrap_or_default();
    // SoftHSM2 does not start without the folder; an empty one is a reader without a card.
    let removed = fs::rename(&tokens, format!("{tokens}.pulled"));
    if let Err(error) = removed.and_then(|()| fs::create_dir(&tokens)) {
        give_up(&format!("{tokens}: {error}"));
    }
}

fn signal(process: u32, signal: c_int) {
    let process = c_int::try_from(process).unwrap_or_default();
    // What would go to every process of a session is no order of ours.
    if process > 1 {
        // SAFETY: this call takes two numbers.
        unsafe { kill(process, signal) };
    }
}

const SIGKILL: c_int = 9;
const SIGSEGV: c_int = 11;

unsafe extern "C" {
    fn kill(process: c_int, signal: c_int) -> c_int;
}

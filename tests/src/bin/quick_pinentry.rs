//! A pinentry whose person agrees at once and knows the PIN: for `make bench`.
//!
//! Its folder is that of the link by which it is called. In the folder, `pin` is the PIN, and
//! `took` gets a line for each dialog: when the program began and when it ended, nanoseconds of
//! Unix time.

use std::{
    env,
    error::Error,
    fs::{self, OpenOptions},
    io::{self, BufRead as _, Write as _},
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

fn main() -> Result<(), Box<dyn Error>> {
    let begin = now()?;
    let called = env::args_os().next().ok_or("called by no name")?;
    let folder = Path::new(&called).parent().ok_or("called from nowhere")?;
    let mut out = io::stdout().lock();
    writeln!(out, "OK at your service")?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        if line == "GETPIN" {
            writeln!(out, "D {}", fs::read_to_string(folder.join("pin"))?)?;
        }
        writeln!(out, "OK")?;
        out.flush()?;
        if line == "BYE" {
            break;
        }
    }
    let mut took = OpenOptions::new()
        .append(true)
        .create(true)
        .open(folder.join("took"))?;
    writeln!(took, "{begin} {}", now()?)?;
    Ok(())
}

fn now() -> Result<u128, Box<dyn Error>> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos())
}

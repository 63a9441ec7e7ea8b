//! A pinentry whose person agrees at once and knows the PIN: for `make bench` and `make crash`.
//!
//! Its folder is that of the link by which it is called. In the folder, `pin` is the PIN, `code`
//! is the bank's one-time code, typed where a dialog asks for one, and `took` gets a line for each dialog: when the program began and when it ended, nanoseconds of
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
    let mut wanted = "pin";
    for line in io::stdin().lock().lines() {
        let line = line?;
        if line.starts_with("SETPROMPT") {
            wanted = if line.contains("ワンタイムコード") {
                "code"
            } else {
                "pin"
            };
        }
        if line == "GETPIN" {
            writeln!(out, "D {}", fs::read_to_string(folder.join(wanted))?)?;
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

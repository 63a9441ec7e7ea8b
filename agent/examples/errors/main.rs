//! Prints docs/ERRORS.md from the catalogue.

mod document;

use std::io::{self, Write as _};

fn main() -> io::Result<()> {
    io::stdout().write_all(document::errors().as_bytes())
}

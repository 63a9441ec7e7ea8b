//! Prints the OpenAPI document of the loopback API.

use std::io::{self, Write as _};

fn main() -> io::Result<()> {
    io::stdout().write_all(protocol::bridge::openapi().as_bytes())
}

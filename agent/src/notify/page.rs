//! Opening a bank's site in the person's browser.

use std::{io, process::Stdio};

use tokio::process::Command;
use tracing::{info, warn};

/// Opens the page in the browser that this desktop prefers. The address comes from a profile.
///
/// # Errors
/// When there is no `xdg-open`.
pub fn open(address: &str) -> io::Result<()> {
    let mut opener = Command::new("xdg-open")
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    info!("bank's page opened");
    tokio::spawn(async move {
        match opener.wait().await {
            Ok(status) if !status.success() => warn!(%status, "the bank's page was not opened"),
            Ok(_) => {}
            Err(error) => warn!(%error, "could not wait for xdg-open"),
        }
    });
    Ok(())
}

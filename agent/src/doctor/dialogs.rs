//! What dialogs and notices need: a place to appear, a pinentry that answers, the session bus.

use std::{
    ffi::OsString,
    io::{Read as _, Write as _},
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr, UnixStream},
    },
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
    time,
};

use super::{Finding, Group::Dialogs};
use crate::{config::Config, prompt};

/// How long a program may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn look(config: &Config, variable: fn(&str) -> Option<OsString>) -> Vec<Finding> {
    let set = |name| variable(name).is_some_and(|value| !value.is_empty());
    let display = set("DISPLAY") || set("WAYLAND_DISPLAY");
    let mut findings = Vec::new();
    findings.push(if display {
        Finding::ok(Dialogs, "doctor-display")
    } else {
        Finding::warning(Dialogs, "doctor-no-display")
    });
    findings.push(pinentry(&config.prompt.pinentry.value, display, variable("PATH")).await);
    let address = variable("DBUS_SESSION_BUS_ADDRESS").and_then(|text| text.into_string().ok());
    let folder = variable("XDG_RUNTIME_DIR").map(PathBuf::from);
    findings.push(bus(address.as_deref(), folder.as_deref()).await);
    findings
}

/// The first pinentry that would be asked must greet.
async fn pinentry(configured: &Path, display: bool, path: Option<OsString>) -> Finding {
    let programs = prompt::programs(configured, !display, path.as_deref());
    let Some(program) = programs.first() else {
        return Finding::failed(Dialogs, "doctor-no-pinentry");
    };
    let about = |finding: Finding| finding.with("program", program.display());
    match time::timeout(PATIENCE, greeting(program)).await {
        Ok(Ok(line)) if line.starts_with("OK") => about(Finding::ok(Dialogs, "doctor-pinentry")),
        Ok(Ok(line)) => about(Finding::failed(Dialogs, "doctor-pinentry-silent")).because(line),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            about(Finding::failed(Dialogs, "doctor-pinentry-absent"))
        }
        Ok(Err(error)) => about(Finding::failed(Dialogs, "doctor-pinentry-silent")).because(error),
        Err(_) => about(Finding::failed(Dialogs, "doctor-pinentry-silent")),
    }
}

/// The first line that the program says (Assuan), after which it is ended.
async fn greeting(program: &Path) -> std::io::Result<String> {
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut line).await?;
    }
    Ok(line.trim().to_owned())
}

/// The session bus, by which desktop notices go and a tray's icon comes.
async fn bus(address: Option<&str>, folder: Option<&Path>) -> Finding {
    let usual = folder.map(|folder| format!("unix:path={}", folder.join("bus").display()));
    let Some(addresses) = address.map(str::to_owned).or(usual) else {
        return Finding::warning(Dialogs, "doctor-no-bus");
    };
    let tried = addresses.clone();
    let greeted = tokio::task::spawn_blocking(move || tried.split(';').any(greets)).await;
    let id = if greeted.unwrap_or_default() {
        return Finding::ok(Dialogs, "doctor-bus");
    } else {
        "doctor-no-bus"
    };
    Finding::warning(Dialogs, id).because(addresses)
}

/// Whether a bus at this address (D-Bus specification, "Server Addresses") begins to authenticate.
fn greets(address: &str) -> bool {
    let Some(parameters) = address.strip_prefix("unix:") else {
        return false;
    };
    let stream = parameters.split(',').find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        let address = match key {
            "path" => SocketAddr::from_pathname(value),
            "abstract" => SocketAddr::from_abstract_name(value),
            _ => return None,
        };
        UnixStream::connect_addr(&address.ok()?).ok()
    });
    let Some(mut stream) = stream else {
        return false;
    };
    let mut answer = [0; 8];
    let asked = stream
        .set_read_timeout(Some(PATIENCE))
        .and_then(|()| stream.write_all(b"\0AUTH\r\n"))
        .and_then(|()| stream.read_exact(&mut answer));
    asked.is_ok() && answer == *b"REJECTED"
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, Permissions},
        os::unix::{fs::PermissionsExt as _, net::UnixListener},
        thread,
    };

    use super::*;

    async fn asked(script: &str) -> &'static str {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("pinentry");
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        pinentry(&program, true, None).await.id
    }

    #[tokio::test]
    async fn a_pinentry_must_greet() {
        assert_eq!(
            asked("#!/bin/sh\necho OK Pleased to meet you\ncat\n").await,
            "doctor-pinentry"
        );
        assert_eq!(
            asked("#!/bin/sh\necho no display\n").await,
            "doctor-pinentry-silent"
        );
        assert_eq!(asked("#!/bin/sh\n").await, "doctor-pinentry-silent");
        let nowhere = Path::new("/nowhere/pinentry");
        assert_eq!(
            pinentry(nowhere, true, None).await.id,
            "doctor-pinentry-absent"
        );
        let usual = Path::new("pinentry");
        assert_eq!(
            pinentry(usual, true, Some("/nowhere".into())).await.id,
            "doctor-no-pinentry"
        );
    }

    #[tokio::test]
    async fn a_bus_must_be_one() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(bus(None, None).await.id, "doctor-no-bus");
        assert_eq!(bus(None, Some(folder.path())).await.id, "doctor-no-bus");
        assert_eq!(
            bus(Some("tcp:host=127.0.0.1"), None).await.id,
            "doctor-no-bus"
        );

        let speaks = |answer: &'static [u8]| {
            let path = folder.path().join("bus");
            let _ = fs::remove_file(&path);
            let listener = UnixListener::bind(&path).unwrap();
            thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut asked = [0; 7];
                stream.read_exact(&mut asked).unwrap();
                stream.write_all(answer).unwrap();
            })
        };
        let server = speaks(b"REJECTED EXTERNAL\r\n");
        assert_eq!(bus(None, Some(folder.path())).await.id, "doctor-bus");
        server.join().unwrap();
        let server = speaks(b"220 mail ready\r\n");
        assert_eq!(bus(None, Some(folder.path())).await.id, "doctor-no-bus");
        server.join().unwrap();
    }
}

//! The tray at the beginning of each desktop session (the Desktop Application Autostart
//! Specification).

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The file that starts the tray, in the user's settings folder (`$XDG_CONFIG_HOME`).
#[must_use]
pub fn file(settings: &Path) -> PathBuf {
    settings.join("autostart/koshin-tray.desktop")
}

/// Has `program` start as the tray with each session. The entry does nothing once the program is
/// gone.
///
/// # Errors
/// When the file cannot be written.
pub fn switch_on(settings: &Path, program: &Path) -> io::Result<()> {
    let file = file(settings);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let program = program.display();
    let entry = format!(
        "[Desktop Entry]\nType=Application\nName=Koshin\nName[ja]=電子証明書の更新（Koshin）\n\
         TryExec={program}\nExec=\"{program}\" tray\nNoDisplay=true\nX-GNOME-Autostart-enabled=true\n"
    );
    fs::write(file, entry)
}

/// Leaves nothing of that; says whether there was anything.
///
/// # Errors
/// When the file cannot be removed.
pub fn switch_off(settings: &Path) -> io::Result<bool> {
    match fs::remove_file(file(settings)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

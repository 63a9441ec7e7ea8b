//! Where an agent keeps its state: the folder, the journal, the control socket.

use std::{fs, os::unix::fs::PermissionsExt as _};

use agent::journal::Journal;
use tests::{Agent, Home, programs};

use super::{FAULT, SETTINGS, Words, refused, refused_by, through};

/// What runs an agent: itself, and a command that starts one.
const STARTS: [&[&str]; 2] = [&["run"], &["status"]];

const FOLDER: Words<'_> = [
    ("ja", &["状態のフォルダーを使えません", "XDG_STATE_HOME"]),
    ("en", &["the state folder cannot be used", "XDG_STATE_HOME"]),
];

#[test]
fn a_place_where_no_folder_can_be_made() {
    let mut home = Home::empty();
    home.set("XDG_STATE_HOME", "/sys");
    for start in STARTS {
        refused(&home, start, SETTINGS, FOLDER);
    }
}

#[test]
fn a_state_folder_without_the_right_to_write() {
    let home = Home::empty();
    let folder = home.path("state/koshin");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
    // Root may write everywhere unless it gives that up.
    let is_root = rustix::process::geteuid().is_root();
    let giving_up = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];
    for start in STARTS {
        refused_by(start, SETTINGS, FOLDER, |arguments| {
            let koshin = home.koshin(arguments);
            through(if is_root { &giving_up } else { &["env"] }, &koshin)
        });
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    Agent::start(&home).stop();
}

#[test]
fn a_state_folder_of_another_user() {
    let home = Home::empty();
    let folder = home.path("state/koshin");
    let shared = |mode| {
        let mode = fs::Permissions::from_mode(mode);
        fs::set_permissions(home.path("state"), mode).unwrap();
    };
    shared(0o777);
    let mut mkdir = programs::as_another_user("mkdir");
    let made = programs::try_run(mkdir.arg(&folder));
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    shared(0o755);
    for start in STARTS {
        refused(&home, start, SETTINGS, FOLDER);
    }
}

#[test]
fn a_journal_that_cannot_be_opened_is_left_alone() {
    let home = Home::empty();
    let journal = home.path("state/koshin/journal.sqlite");
    fs::create_dir(home.path("state/koshin")).unwrap();
    fs::create_dir(&journal).unwrap();
    let words: Words<'_> = [
        (
            "ja",
            &[
                "更新の記録を使えません",
                "削除しないでください",
                "journal.sqlite",
            ],
        ),
        (
            "en",
            &[
                "journal of renewals cannot be used",
                "don't delete",
                "journal.sqlite",
            ],
        ),
    ];
    for start in STARTS {
        refused(&home, start, FAULT, words);
    }
    fs::remove_dir(&journal).unwrap();
    Agent::start(&home).stop();
}

#[test]
fn a_journal_of_another_pc() {
    let home = Home::empty();
    fs::create_dir(home.path("state/koshin")).unwrap();
    drop(Journal::open(&home.path("state/koshin/journal.sqlite"), "another PC").unwrap());
    let words: Words<'_> = [
        (
            "ja",
            &["更新の記録が別のパソコンのものです", "XDG_STATE_HOME"],
        ),
        (
            "en",
            &["journal of renewals is another PC's", "XDG_STATE_HOME"],
        ),
    ];
    for start in STARTS {
        refused(&home, start, SETTINGS, words);
    }
}

#[test]
fn a_journal_of_a_newer_koshin() {
    let home = Home::empty();
    fs::create_dir(home.path("state/koshin")).unwrap();
    let journal = home.path("state/koshin/journal.sqlite");
    drop(Journal::open(&journal, "any PC").unwrap());
    let mut file = fs::read(&journal).unwrap();
    // SQLite's file format: the user version stands at 60, the schema's number here.
    file[60..64].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(&journal, &file).unwrap();
    let words: Words<'_> = [
        ("ja", &["より新しい Koshin", "更新してください"]),
        ("en", &["a newer Koshin", "update Koshin"]),
    ];
    for start in STARTS {
        refused(&home, start, super::REFUSED, words);
    }
    assert_eq!(fs::read(&journal).unwrap(), file);
}

#[test]
fn a_control_socket_with_too_long_a_path() {
    let mut home = Home::empty();
    home.set("XDG_RUNTIME_DIR", home.path(&"x".repeat(100)));
    let words: Words<'_> = [
        (
            "ja",
            &["制御用ソケットのパスが長すぎます", "XDG_RUNTIME_DIR"],
        ),
        (
            "en",
            &["path of the control socket is too long", "XDG_RUNTIME_DIR"],
        ),
    ];
    for start in STARTS {
        refused(&home, start, SETTINGS, words);
    }
}

#[test]
fn something_in_the_place_of_the_control_socket() {
    let home = Home::empty();
    fs::create_dir(home.path("run/koshin")).unwrap();
    fs::write(home.path("run/koshin/control.sock"), "precious").unwrap();
    let words: Words<'_> = [
        ("ja", &["制御用ソケットを作成できません", "control.sock"]),
        ("en", &["the control socket cannot be made", "control.sock"]),
    ];
    for start in STARTS {
        refused(&home, start, SETTINGS, words);
    }
    let left = fs::read_to_string(home.path("run/koshin/control.sock")).unwrap();
    assert_eq!(left, "precious");
}

//! What a terminal shows beside the data: that work goes on, and colours unless NO_COLOR says no.

use std::{path::Path, process::Command};

use tests::{Home, programs};

/// What a terminal would get of `koshin doctor`, whose look at pinentry takes its time.
fn shown(arguments: &str, variables: &[(&str, &str)]) -> String {
    let home = Home::empty();
    // It reads, and never says a word.
    home.set_pinentry(Path::new("/bin/cat"));
    let koshin = home.koshin::<&str>(&[]);
    let mut script = Command::new("script");
    let program = koshin.get_program().to_str().unwrap();
    script
        .args(["--quiet", "--return", "--command"])
        .args([&format!("{program} doctor {arguments}"), "/dev/null"])
        .env_clear()
        .env("TERM", "xterm");
    for (name, value) in koshin.get_envs() {
        script.env(name, value.unwrap_or_default());
    }
    script.envs(variables.iter().copied());
    let ran = programs::try_run(&mut script);
    assert_eq!(ran.status, Some(1), "{}{}", ran.text(), ran.stderr);
    ran.text()
}

#[test]
fn long_work_shows_that_it_goes_on_and_findings_have_colours() {
    let text = shown("", &[]);
    assert!(
        text.contains("\r| このパソコンを調べています 0 s"),
        "{text}"
    );
    assert!(text.contains("\u{1b}[1;31m異常\u{1b}[0m"), "{text}");
    let before = text.find("\r\u{1b}[K").unwrap();
    assert!(
        before < text.find("設定とプロファイル").unwrap(),
        "gone before the data"
    );
}

#[test]
fn no_color_and_programs_get_text_alone() {
    let text = shown("", &[("NO_COLOR", "1")]);
    assert!(!text.contains("\u{1b}[1;31m"), "{text}");
    let json = shown("--json", &[]);
    assert!(!json.contains('\u{1b}'), "{json}");
    assert!(!shown("--quiet", &[("NO_COLOR", "1")]).contains('\u{1b}'));
}

//! Completions, in the shells that take them; and the man pages, by the program that shows them.

use std::{fs, process::Command};

use tests::{
    Home,
    programs::{self, try_run_with_input},
};

/// Every command that a person can type.
fn commands() -> Vec<String> {
    let help = Home::empty().run(&["help", "--language", "en"]).text();
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    list.lines()
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect()
}

fn script(home: &Home, shell: &str) -> String {
    let made = home.run(&["completions", shell]);
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    let path = home.path(shell);
    fs::write(&path, &made.stdout).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn bash_completes_commands_and_options() {
    let home = Home::empty();
    let file = script(&home, "bash");
    let complete = |words: &[&str], current: &str, before: &str| {
        let line = format!(
            "source {file}; COMP_WORDS=({} {current:?}); COMP_CWORD={}; \
             _koshin koshin {current:?} {before}; echo \"${{COMPREPLY[*]}}\"",
            words.join(" "),
            words.len(),
        );
        programs::run(Command::new("bash").args(["-c", &line])).text()
    };
    let offered = complete(&["koshin"], "", "koshin");
    let offered: Vec<&str> = offered.split_whitespace().collect();
    for command in commands() {
        assert!(
            offered.contains(&command.as_str()),
            "{command}: {offered:?}"
        );
    }
    assert!(!offered.contains(&"worker"), "{offered:?}");
    assert_eq!(complete(&["koshin"], "pro", "koshin").trim(), "profile");
    assert_eq!(
        complete(&["koshin", "profile"], "ad", "profile").trim(),
        "add"
    );
    assert_eq!(
        complete(&["koshin", "renew"], "--rec", "renew").trim(),
        "--receipt-out"
    );
}

#[test]
fn zsh_takes_the_script() {
    let home = Home::empty();
    let file = script(&home, "zsh");
    let line =
        format!("autoload -Uz compinit && compinit -u -D && source {file} && whence -w _koshin");
    let told = programs::run(Command::new("zsh").args(["-fc", &line]));
    assert_eq!(told.text().trim(), "_koshin: function");
    // With the person's own language beside each command.
    let text = fs::read_to_string(file).unwrap();
    for command in commands() {
        assert!(text.contains(&format!("'{command}:")), "{command}");
    }
    assert!(text.contains("'audit:すべての更新の監査記録"), "{text}");
}

#[test]
fn fish_completes_commands_with_what_they_do() {
    let home = Home::empty();
    let file = script(&home, "fish");
    let complete = |line: &str| {
        let line = format!("source {file}; complete -C {line:?}");
        programs::run(Command::new("fish").args(["--no-config", "-c", &line])).text()
    };
    assert_eq!(complete("koshin pro"), "profile\t銀行のプロファイル\n");
    assert!(complete("koshin profile ").contains("add\t"));
    assert!(complete("koshin renew --rec").starts_with("--receipt-out\t"));
}

#[test]
fn powershell_s_script_has_every_command() {
    let made = Home::empty().run(&["completions", "powershell"]).text();
    assert!(
        made.contains("Register-ArgumentCompleter -Native -CommandName 'koshin'"),
        "{made}"
    );
    for command in commands() {
        assert!(
            made.contains(&format!("CompletionResult]::new('{command}'")),
            "{command}"
        );
    }
}

#[test]
fn man_shows_a_page_for_every_command_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    programs::run(Command::new(programs::built("examples/man")).arg(folder.path()));
    for (place, headings) in [
        ("man1", ["NAME", "SYNOPSIS", "EXAMPLES"]),
        ("ja/man1", ["名前", "書式", "使用例"]),
    ] {
        for command in commands() {
            let page = fs::read(
                folder
                    .path()
                    .join(place)
                    .join(format!("koshin-{command}.1")),
            )
            .unwrap();
            // groff says what it does not understand; preconv (-k) reads UTF-8.
            let shown = try_run_with_input(
                Command::new("groff").args([
                    "-k", "-Kutf8", "-man", "-Tutf8", "-ww", "-Wbreak", "-P-cbou",
                ]),
                &page,
            );
            assert_eq!(
                (shown.status, shown.stderr.as_str()),
                (Some(0), ""),
                "{command}"
            );
            let text = shown.text();
            assert!(
                text.contains(headings[0]) && text.contains(headings[1]),
                "{text}"
            );
            let below = ["profile", "config"].contains(&command.as_str());
            assert_eq!(text.contains(headings[2]), !below, "{text}");
            assert!(!text.contains("EXTRA"), "{text}");
        }
    }
}

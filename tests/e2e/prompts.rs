//! The agent's dialogs: a real pinentry on a display of its own with a person's keys, and the
//! scripted one that stands in for both elsewhere.

mod screen;
pub(crate) mod terminal;

use std::{fs, path::PathBuf, time::Duration};

use agent::{
    language::Language,
    prompt::{
        Answer, Asker, Audience, Consent, ConsentStep, Message, Notice, PinAnswer, PinPurpose,
        PinQuestion, PinTries, Prompter, Terminal,
    },
};
use screen::{Screen, pictures};
use terminal::Console;
use tests::{Person, pinentry};
use tokio_util::sync::CancellationToken;

const CONSENT: &str = "Web アクセスの確認";
const PIN: &str = "暗証番号の入力";
const HELP: &str = "暗証番号がわからないとき";

#[tokio::test]
async fn return_means_no_and_yes_takes_a_step() {
    type Check = fn(&Answer) -> bool;
    let cases: [(&[&str], Check); 3] = [
        (&["Return"], |answer| matches!(answer, Answer::No)),
        (&["Escape"], |answer| matches!(answer, Answer::No)),
        (&["Tab", "Return"], |answer| matches!(answer, Answer::Yes)),
    ];
    for (keys, is_right) in cases {
        let answer = at_the_screen(|screen| screen.press(CONSENT, keys), consent).await;
        assert!(is_right(&answer), "{keys:?}: {answer:?}");
    }
}

#[tokio::test]
async fn a_closed_window_is_not_a_no() {
    let answer = at_the_screen(|screen| screen.close(CONSENT), consent).await;
    assert!(matches!(answer, Answer::Cancelled), "{answer:?}");
}

#[tokio::test]
async fn a_typed_pin_is_taken() {
    let answer = at_the_screen(|screen| screen.enter(PIN, "12%34"), pin).await;
    assert!(matches!(answer, PinAnswer::Pin(_)));
}

#[tokio::test]
async fn who_does_not_know_the_pin_gets_help_and_can_go_back() {
    let answer = at_the_screen(
        |screen| {
            screen.press(PIN, &["Escape"]);
            screen.press(HELP, &["Tab", "Tab", "Return"]); // 入力に戻る
            screen.press(PIN, &["Escape"]);
            screen.press(HELP, &["Tab", "Return"]); // わからない
        },
        pin,
    )
    .await;
    assert!(matches!(answer, PinAnswer::Forgotten));
}

#[tokio::test]
async fn a_withdrawn_dialog_leaves_the_screen() {
    let screen = Screen::start();
    let prompter = real(&screen, Duration::from_secs(60));
    let withdrawn = CancellationToken::new();
    let token = withdrawn.clone();
    let asked = tokio::spawn(async move {
        prompter
            .consent(&question(Language::Japanese, ConsentStep::MakeKey), token)
            .await
    });
    let screen = blocking(screen, |screen| screen.wait_for(CONSENT)).await;
    withdrawn.cancel();
    assert!(matches!(asked.await.unwrap(), Answer::Cancelled));
    assert!(!blocking_value(screen, |screen| screen.shows(CONSENT)).await);
}

#[tokio::test]
async fn a_dialog_that_nobody_answers_ends_by_itself() {
    let screen = Screen::start();
    let answer = consent(real(&screen, Duration::from_secs(1))).await;
    assert!(matches!(answer, Answer::TimedOut), "{answer:?}");
}

#[tokio::test]
async fn a_graphical_pinentry_without_display_is_unavailable() {
    let screen = Screen::start();
    let program = screen.program("pinentry", "env -u DISPLAY pinentry-gtk-2", &[]);
    let answer = consent(Prompter::new(program, Duration::from_secs(60))).await;
    assert!(matches!(answer, Answer::Unavailable(_)), "{answer:?}");
}

#[tokio::test]
async fn a_command_without_a_display_asks_on_its_terminal() {
    // After the last line that a dialog shows come its buttons.
    let last = "7K3M9XQ2";
    let on_terminal = |language, name: &str| Audience {
        language,
        terminal: Some(Terminal {
            name: name.to_owned(),
            kind: "xterm".to_owned(),
        }),
    };
    // This one alone: another would hide that it cannot show a dialog.
    let prompter = Prompter::new("pinentry-curses".into(), Duration::from_secs(60));

    for language in Language::ALL {
        let mut console = Console::open();
        let mut install = question(
            language,
            ConsentStep::Install {
                expires: 1_828_623_599,
                serial: "f".repeat(40),
                removes: Vec::new(),
            },
        );
        install.audience = on_terminal(language, console.name());
        let mut ask = pin_question(language);
        ask.audience = on_terminal(language, console.name());
        ask.tries = PinTries::Last;
        let person = tokio::task::spawn_blocking(move || {
            console.answer(last, "\t\r");
            console.answer(last, "\t\t\r"); // わからない
            console.answer(last, "\r"); // 入力に戻る
            console.answer(last, "12%34\r");
            console
        });
        let answer = prompter.consent(&install, CancellationToken::new()).await;
        assert!(matches!(answer, Answer::No), "{answer:?}");
        let answer = prompter.pin(&ask, CancellationToken::new()).await;
        assert!(matches!(answer, PinAnswer::Pin(_)), "{language:?}");
        drop(person.await.unwrap());
    }
}

#[tokio::test]
async fn a_scripted_person_answers_everything() {
    let folder = tempfile::tempdir().unwrap();
    let person = Person::new(folder.path());
    let prompter = Prompter::new(person.program(), Duration::from_secs(60));
    use pinentry::Answer as Script;
    person.answers(&[
        Script::Yes,
        Script::No,
        Script::Cancel,
        Script::TimeOut,
        Script::Pin("12%34"),
        Script::Forgotten,
        Script::Cancel,
    ]);
    assert!(matches!(consent(prompter.clone()).await, Answer::Yes));
    assert!(matches!(consent(prompter.clone()).await, Answer::No));
    assert!(matches!(consent(prompter.clone()).await, Answer::Cancelled));
    assert!(matches!(consent(prompter.clone()).await, Answer::TimedOut));
    assert!(matches!(pin(prompter.clone()).await, PinAnswer::Pin(_)));
    assert!(matches!(pin(prompter.clone()).await, PinAnswer::Forgotten));
    assert!(matches!(pin(prompter.clone()).await, PinAnswer::Cancelled));
    // Nothing is left of the script: the window is closed.
    assert!(matches!(consent(prompter).await, Answer::Cancelled));

    let asked = person.asked();
    let commands: Vec<_> = asked.iter().map(|asked| asked.command.as_str()).collect();
    assert_eq!(
        commands,
        [
            "CONFIRM", "CONFIRM", "CONFIRM", "CONFIRM", "GETPIN", "GETPIN", "CONFIRM", "GETPIN",
            "CONFIRM"
        ]
    );
    assert!(
        asked[0]
            .description
            .starts_with("https://ca.shinkin.example:8444\n")
    );
    let log = fs::read_to_string(folder.path().join("asked")).unwrap();
    assert!(!log.contains("12%34"), "the PIN is in the log");
}

#[tokio::test]
async fn a_scripted_person_notices_that_a_dialog_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let person = Person::new(folder.path());
    person.answers(&[pinentry::Answer::Hang]);
    let prompter = Prompter::new(person.program(), Duration::from_secs(1));
    assert!(matches!(consent(prompter).await, Answer::TimedOut));
    assert!(person.asked()[1].gone.is_some());
}

#[tokio::test]
async fn every_dialog_has_its_picture() {
    for (language, name) in [(Language::Japanese, "ja"), (Language::English, "en")] {
        let screen = Screen::start();
        let folder = tempfile::tempdir().unwrap();
        let person = Person::new(folder.path());
        let shots = pictures().join(name);
        let _ = fs::remove_dir_all(&shots);
        let program = screen.program(
            "pinentry",
            &format!("'{}'", person.program().display()),
            &[
                ("KOSHIN_PINENTRY_SHOW", "/usr/bin/pinentry-gtk-2"),
                ("KOSHIN_PINENTRY_SHOTS", shots.to_str().unwrap()),
            ],
        );
        use pinentry::Answer as Script;
        person.answers(&[
            Script::Yes,
            Script::Yes,
            Script::Forgotten,
            Script::Pin("1234"),
        ]);
        let prompter = Prompter::new(program, Duration::from_secs(60));
        let install = ConsentStep::Install {
            expires: 1_828_623_599,
            serial: "4f3ac0129b7d5e88".to_owned(),
            removes: Vec::new(),
        };
        for step in [ConsentStep::MakeKey, install] {
            let question = question(language, step);
            let answer = prompter.consent(&question, CancellationToken::new()).await;
            assert!(matches!(answer, Answer::Yes), "{answer:?}");
        }
        let mut ask = pin_question(language);
        let answer = prompter.pin(&ask, CancellationToken::new()).await;
        assert!(matches!(answer, PinAnswer::Forgotten));
        ask.refused = true;
        ask.tries = PinTries::Last;
        let answer = prompter.pin(&ask, CancellationToken::new()).await;
        assert!(matches!(answer, PinAnswer::Pin(_)));
        let answer = prompter
            .tell(&notice(language), CancellationToken::new())
            .await;
        assert!(matches!(answer, Answer::Yes), "{answer:?}");
        for picture in [
            "01-confirm",
            "02-confirm",
            "03-getpin",
            "04-confirm",
            "05-getpin",
            "06-message",
        ] {
            let path = shots.join(format!("dialog-{picture}.png"));
            assert!(
                path.metadata().is_ok_and(|file| file.len() > 2000),
                "{path:?}"
            );
        }
    }
}

/// A real dialog, and what a person does at it.
async fn at_the_screen<T, F>(
    person: impl FnOnce(&Screen) + Send + 'static,
    ask: fn(Prompter) -> F,
) -> T
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let screen = Screen::start();
    let asked = tokio::spawn(ask(real(&screen, Duration::from_secs(60))));
    let _screen = blocking(screen, person).await;
    asked.await.unwrap()
}

async fn blocking(screen: Screen, person: impl FnOnce(&Screen) + Send + 'static) -> Screen {
    tokio::task::spawn_blocking(move || {
        person(&screen);
        screen
    })
    .await
    .unwrap()
}

async fn blocking_value<T: Send + 'static>(
    screen: Screen,
    look: impl FnOnce(&Screen) -> T + Send + 'static,
) -> T {
    tokio::task::spawn_blocking(move || look(&screen))
        .await
        .unwrap()
}

fn real(screen: &Screen, limit: Duration) -> Prompter {
    let program: PathBuf = screen.program("pinentry", "pinentry-gtk-2", &[]);
    Prompter::new(program, limit)
}

async fn consent(prompter: Prompter) -> Answer {
    prompter
        .consent(
            &question(Language::Japanese, ConsentStep::MakeKey),
            CancellationToken::new(),
        )
        .await
}

async fn pin(prompter: Prompter) -> PinAnswer {
    prompter
        .pin(&pin_question(Language::Japanese), CancellationToken::new())
        .await
}

fn audience(language: Language) -> Audience {
    Audience {
        language,
        terminal: None,
    }
}

fn question(language: Language, step: ConsentStep) -> Consent {
    Consent {
        audience: audience(language),
        asker: Asker::Site {
            origin: "https://ca.shinkin.example:8444".to_owned(),
        },
        bank: said(language, "しんきんデモ銀行", "Shinkin Demo Bank"),
        step,
        certificate: "keiri-01".to_owned(),
        expires: Some(1_797_087_599),
        token: "Shinkin-Demo".to_owned(),
        reference: "7K3M9XQ2".to_owned(),
    }
}

fn pin_question(language: Language) -> PinQuestion {
    PinQuestion {
        audience: audience(language),
        purpose: PinPurpose::Renew,
        bank: "みほん信用金庫".to_owned(),
        certificate: "keiri-01".to_owned(),
        token: "Shinkin-Demo".to_owned(),
        pin_word: said(language, "証明書の暗証番号", "certificate PIN"),
        tries: PinTries::Enough,
        refused: false,
        help_desk: said(
            language,
            "0120-000-000（平日 9:00–17:00）",
            "0120-000-000 (weekdays 9:00–17:00)",
        ),
        reference: "7K3M9XQ2".to_owned(),
    }
}

fn notice(language: Language) -> Notice {
    Notice {
        audience: audience(language),
        message: Message::EnterPinOnReader {
            certificate: "keiri-01".to_owned(),
            token: "Shinkin-Demo".to_owned(),
            pin_word: said(language, "証明書の暗証番号", "certificate PIN"),
            help_desk: "0120-000-000".to_owned(),
            reference: "7K3M9XQ2".to_owned(),
        },
    }
}

fn said(language: Language, japanese: &str, english: &str) -> String {
    match language {
        Language::Japanese => japanese,
        Language::English => english,
    }
    .to_owned()
}

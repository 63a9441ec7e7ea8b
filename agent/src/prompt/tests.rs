//! Against pinentry programs written as shell scripts for each case; real pinentries and a
//! display are in the end-to-end tests.

use std::{
    fs,
    io::{Read, Write},
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use super::*;
use crate::language::Language;

const OK: &str = "echo OK";
const CANCELLED: &str = "echo 'ERR 83886179 Operation cancelled <Pinentry>'";
const NOT_CONFIRMED: &str = "echo 'ERR 83886194 Not confirmed <Pinentry>'";
const TIMED_OUT: &str = "echo 'ERR 83886142 Timeout <Pinentry>'";
const CLOSED: &str =
    "echo 'S BUTTON_INFO close'; echo 'ERR 83886179 Operation cancelled <Pinentry>'";
const PIN: &str = "echo 'D 12%2534'; echo OK";

/// A pinentry that answers its first question by the first of some shell commands, and so on.
struct Pinentry {
    folder: TempDir,
}

impl Pinentry {
    fn answering(answers: &[&str]) -> Self {
        let pinentry = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let mut script = format!(
            "#!/bin/sh\ncd '{}' || exit 1\necho 'OK at your service'\n\
             while read -r line; do\nprintf '%s\\n' \"$line\" >> told\ncase $line in\n\
             CONFIRM | GETPIN | MESSAGE)\n\
             case $(grep -cE '^(CONFIRM|GETPIN|MESSAGE)$' told) in\n",
            pinentry.folder.path().display()
        );
        for (number, answer) in (1..).zip(answers) {
            script.push_str(&format!("{number}) {answer} ;;\n"));
        }
        script.push_str("esac ;;\n*) echo OK ;;\nesac\ndone\n");
        pinentry.install(&script);
        pinentry
    }

    /// Written by another process: while this one has the file open for writing, a test beside
    /// this one may fork and so keep it from being run.
    fn install(&self, script: &str) {
        let mut writer = Command::new("sh")
            .args(["-c", "cat > \"$0\" && chmod 700 \"$0\""])
            .arg(self.program())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = writer.stdin.take().unwrap();
        input.write_all(script.as_bytes()).unwrap();
        drop(input);
        assert!(writer.wait().unwrap().success());
    }

    fn program(&self) -> PathBuf {
        self.folder.path().join("pinentry")
    }

    fn prompter(&self) -> Prompter {
        Prompter::new(self.program(), Duration::from_secs(60))
    }

    /// Everything that it was told.
    fn told(&self) -> String {
        fs::read_to_string(self.folder.path().join("told")).unwrap()
    }

    /// A named pipe in its folder.
    fn pipe(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        let made = Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        path
    }
}

fn audience() -> Audience {
    Audience {
        language: Language::Japanese,
        terminal: None,
    }
}

fn make_key() -> Consent {
    Consent {
        audience: audience(),
        asker: Asker::Site {
            origin: "https://ca.example:8443".to_owned(),
        },
        bank: "しんきんデモ銀行".to_owned(),
        step: ConsentStep::MakeKey,
        certificate: "keiri-01".to_owned(),
        expires: Some(1_795_359_599),
        token: "Shinkin-Demo".to_owned(),
        reference: "ABCD1234".to_owned(),
    }
}

fn pin_question() -> PinQuestion {
    PinQuestion {
        audience: audience(),
        purpose: PinPurpose::Renew,
        bank: "見本信用金庫".to_owned(),
        certificate: "keiri-01".to_owned(),
        token: "Shinkin-Demo".to_owned(),
        pin_word: "証明書の暗証番号".to_owned(),
        tries: PinTries::Enough,
        refused: false,
        help_desk: "0120-000-000（平日 9:00–17:00）".to_owned(),
        reference: "ABCD1234".to_owned(),
    }
}

async fn consent(answer: &str) -> Answer {
    let pinentry = Pinentry::answering(&[answer]);
    let prompter = pinentry.prompter();
    prompter
        .consent(&make_key(), CancellationToken::new())
        .await
}

async fn pin(pinentry: &Pinentry) -> PinAnswer {
    let prompter = pinentry.prompter();
    prompter
        .pin(&pin_question(), CancellationToken::new())
        .await
}

/// Waits until somebody has written into the pipe.
async fn heard(pipe: PathBuf) -> String {
    tokio::task::spawn_blocking(move || fs::read_to_string(pipe).unwrap())
        .await
        .unwrap()
}

fn exists(process: &str) -> bool {
    Path::new("/proc").join(process.trim()).exists()
}

#[tokio::test]
async fn answers_are_told_apart() {
    assert!(matches!(consent(OK).await, Answer::Yes));
    assert!(matches!(consent(CANCELLED).await, Answer::No));
    assert!(matches!(consent(NOT_CONFIRMED).await, Answer::No));
    assert!(matches!(consent(CLOSED).await, Answer::Cancelled));
    assert!(matches!(consent(TIMED_OUT).await, Answer::TimedOut));
    for broken in [
        "echo 'ERR 83918950 Inappropriate ioctl for device <Pinentry>'",
        "echo rubbish",
        "exit 1",
        "kill -9 $$",
    ] {
        let answer = consent(broken).await;
        assert!(matches!(answer, Answer::Unavailable(_)), "{broken}");
    }
}

#[tokio::test]
async fn a_program_that_is_not_there_is_a_problem_with_a_remedy() {
    let prompter = Prompter::new("/nonexistent/pinentry".into(), Duration::from_secs(60));
    let answer = prompter
        .consent(&make_key(), CancellationToken::new())
        .await;
    let Answer::Unavailable(error) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(
        error.to_string(),
        "/nonexistent/pinentry could not be started: No such file or directory (os error 2)"
    );
    let failure = Failure::from(error);
    assert_eq!(failure.code, ProblemCode::PromptUnavailable);
}

#[tokio::test]
async fn a_pinentry_that_never_answers_is_ended() {
    let pinentry = Pinentry::answering(&["exec sleep 1000"]);
    let prompter = Prompter::new(pinentry.program(), Duration::from_secs(1));
    let answer = prompter
        .consent(&make_key(), CancellationToken::new())
        .await;
    assert!(matches!(answer, Answer::TimedOut));
}

#[tokio::test]
async fn the_question_names_the_exact_origin_first() {
    let pinentry = Pinentry::answering(&[OK]);
    pinentry
        .prompter()
        .consent(&make_key(), CancellationToken::new())
        .await;
    let told = pinentry.told();
    assert!(told.contains("\nSETTITLE Web アクセスの確認\n"), "{told}");
    assert!(
        told.contains("\nSETDESC https://ca.example:8443%0A（しんきんデモ銀行）%0A"),
        "{told}"
    );
    assert!(told.contains("［1/2］"), "{told}");
    assert!(told.contains("2026年11月22日"), "{told}");
    assert!(
        told.contains("\nSETOK はい\nSETCANCEL いいえ\nSETTIMEOUT 60\nCONFIRM\n"),
        "{told}"
    );
    assert!(told.contains("OPTION no-grab\n"), "{told}");
    assert!(!told.contains("external-password-cache"), "{told}");
}

#[tokio::test]
async fn the_longest_values_still_leave_the_question_readable() {
    let pinentry = Pinentry::answering(&[OK, OK]);
    for language in Language::ALL {
        let mut question = make_key();
        question.audience.language = language;
        question.bank = "銀".repeat(200);
        question.certificate = "経理\n".repeat(100);
        question.token = "札".repeat(32);
        question.step = ConsentStep::Install {
            expires: 1_795_359_599,
            serial: "f".repeat(40),
            removes: Vec::new(),
        };
        pinentry
            .prompter()
            .consent(&question, CancellationToken::new())
            .await;
    }
    let told = pinentry.told();
    let descriptions: Vec<_> = told
        .lines()
        .filter(|line| line.starts_with("SETDESC"))
        .collect();
    assert_eq!(descriptions.len(), 2);
    for description in descriptions {
        assert!(description.len() < assuan::LINE, "{}", description.len());
        assert!(description.ends_with("ABCD1234"), "cut: {description}");
        assert!(
            description.contains("FFFF FFFF"),
            "in groups: {description}"
        );
    }
}

#[tokio::test]
async fn a_new_profile_is_asked_about_with_all_its_origins_first() {
    let pinentry = Pinentry::answering(&[OK, OK]);
    for language in Language::ALL {
        let origin = |number| format!("https://{}{number}.example", "a".repeat(72));
        let mut question = AddProfile {
            audience: audience(),
            origins: (0..4).map(origin).collect(),
            bank: "銀".repeat(200),
        };
        question.audience.language = language;
        assert!(question.origins.concat().len() <= ORIGINS_SHOWN);
        pinentry
            .prompter()
            .add_profile(&question, CancellationToken::new())
            .await;
    }
    let told = pinentry.told();
    let descriptions: Vec<_> = told
        .lines()
        .filter(|line| line.starts_with("SETDESC"))
        .collect();
    assert_eq!(descriptions.len(), 2);
    for description in descriptions {
        assert!(
            description.starts_with("SETDESC https://aaa"),
            "{description}"
        );
        assert!(description.contains("a3.example"), "{description}");
        assert!(description.len() < assuan::LINE, "{}", description.len());
        let end = description.ends_with("。") || description.ends_with('.');
        assert!(end, "cut: {description}");
    }
}

#[tokio::test]
async fn a_withdrawn_dialog_is_gone() {
    let pinentry = Pinentry::answering(&["echo $$ > shown; exec sleep 1000"]);
    let shown = pinentry.pipe("shown");
    let withdrawn = CancellationToken::new();
    let (prompter, token) = (pinentry.prompter(), withdrawn.clone());
    let asked = tokio::spawn(async move { prompter.consent(&make_key(), token).await });
    let process = heard(shown).await;
    assert!(exists(&process));
    withdrawn.cancel();
    assert!(matches!(asked.await.unwrap(), Answer::Cancelled));
    assert!(!exists(&process));
}

#[tokio::test]
async fn a_dialog_whose_renewal_is_dropped_is_gone() {
    let pinentry =
        Pinentry::answering(&["trap '' TERM; exec 3> shown; echo here >&3; exec sleep 1000"]);
    let shown = pinentry.pipe("shown");
    let prompter = pinentry.prompter();
    let asked = tokio::spawn(async move {
        prompter
            .consent(&make_key(), CancellationToken::new())
            .await
    });
    let (here, is_here) = tokio::sync::oneshot::channel();
    let gone = tokio::task::spawn_blocking(move || {
        let mut pipe = fs::File::open(shown).unwrap();
        let mut word = [0; 5];
        pipe.read_exact(&mut word).unwrap();
        here.send(()).unwrap();
        // The pipe ends when the process that writes into it does.
        pipe.read_to_end(&mut Vec::new()).unwrap();
    });
    is_here.await.unwrap();
    asked.abort();
    gone.await.unwrap();
}

#[tokio::test]
async fn one_dialog_is_shown_at_a_time() {
    let pinentry = Pinentry::answering(&[]);
    let folder = pinentry.folder.path().display().to_string();
    pinentry.install(&format!(
        "#!/bin/sh\ncd '{folder}'\nmkdir shown || echo overlap >> overlaps\necho OK\n\
         while read -r line; do echo OK; done\nrmdir shown\n"
    ));
    let prompter = pinentry.prompter();
    let asked: Vec<_> = (0..5)
        .map(|_| {
            let prompter = prompter.clone();
            tokio::spawn(async move {
                prompter
                    .consent(&make_key(), CancellationToken::new())
                    .await
            })
        })
        .collect();
    for answer in asked {
        assert!(matches!(answer.await.unwrap(), Answer::Yes));
    }
    assert!(!pinentry.folder.path().join("overlaps").exists());
}

#[tokio::test]
async fn a_question_can_be_withdrawn_while_it_waits_for_its_turn() {
    let pinentry = Pinentry::answering(&["echo > shown; cat answer; echo OK"]);
    let (shown, answer) = (pinentry.pipe("shown"), pinentry.pipe("answer"));
    let prompter = pinentry.prompter();
    let first = {
        let prompter = prompter.clone();
        tokio::spawn(async move {
            prompter
                .consent(&make_key(), CancellationToken::new())
                .await
        })
    };
    heard(shown).await;
    let withdrawn = CancellationToken::new();
    withdrawn.cancel();
    let second = prompter.consent(&make_key(), withdrawn).await;
    assert!(matches!(second, Answer::Cancelled));
    tokio::task::spawn_blocking(|| fs::write(answer, "").unwrap())
        .await
        .unwrap();
    assert!(matches!(first.await.unwrap(), Answer::Yes));
}

#[tokio::test]
async fn what_is_typed_arrives_decoded() {
    let pinentry = Pinentry::answering(&[PIN]);
    let face = wording::pin(&pin_question(), false);
    let end = dialog::show(
        &pinentry.program(),
        &audience(),
        &face,
        Ask::Pin,
        Duration::from_secs(60),
        &CancellationToken::new(),
    )
    .await;
    let Ok(End::Ok(typed)) = end else {
        panic!("nothing typed");
    };
    assert_eq!(typed.as_str(), "12%34");
}

#[tokio::test]
async fn what_cannot_be_a_pin_is_refused() {
    let long = format!("echo 'D {}'", "1".repeat(900));
    for wrong in [
        "echo 'D %zz'; echo OK",
        "echo 'D %ff%fe'; echo OK",
        &format!("{long}; {long}; echo OK"),
    ] {
        let answer = pin(&Pinentry::answering(&[wrong])).await;
        assert!(matches!(answer, PinAnswer::Unavailable(_)), "{wrong}");
    }
}

#[tokio::test]
async fn pin_answers_are_told_apart() {
    type Check = fn(&PinAnswer) -> bool;
    let cases: [(&[&str], Check); 8] = [
        (&[PIN], |answer| matches!(answer, PinAnswer::Pin(_))),
        (&[CLOSED], |answer| matches!(answer, PinAnswer::Cancelled)),
        (&[TIMED_OUT], |answer| matches!(answer, PinAnswer::TimedOut)),
        (&[CANCELLED, NOT_CONFIRMED], |answer| {
            matches!(answer, PinAnswer::Forgotten)
        }),
        (&[CANCELLED, CANCELLED], |answer| {
            matches!(answer, PinAnswer::Cancelled)
        }),
        (&[CANCELLED, TIMED_OUT], |answer| {
            matches!(answer, PinAnswer::TimedOut)
        }),
        (&[CANCELLED, OK, PIN], |answer| {
            matches!(answer, PinAnswer::Pin(_))
        }),
        (&[OK, PIN], |answer| matches!(answer, PinAnswer::Pin(_))),
    ];
    for (answers, is_right) in cases {
        let pinentry = Pinentry::answering(answers);
        assert!(is_right(&pin(&pinentry).await), "{answers:?}");
    }
}

#[tokio::test]
async fn who_does_not_know_the_pin_sees_the_help_desk() {
    let pinentry = Pinentry::answering(&[CANCELLED, NOT_CONFIRMED]);
    pin(&pinentry).await;
    let told = pinentry.told();
    let (entry, help) = told.split_once("GETPIN\n").unwrap();
    assert!(entry.contains("SETCANCEL わからない・やめる\n"), "{entry}");
    assert!(
        entry.contains("ログインのパスワードではありません"),
        "{entry}"
    );
    assert!(help.contains("0120-000-000"), "{help}");
    assert!(help.contains("SETNOTOK わからない\n"), "{help}");
}

#[tokio::test]
async fn an_empty_entry_is_asked_again_and_said_so() {
    let pinentry = Pinentry::answering(&[OK, PIN]);
    pin(&pinentry).await;
    let told = pinentry.told();
    let (first, second) = told.split_once("GETPIN\n").unwrap();
    assert!(!first.contains("SETERROR"), "{first}");
    assert!(
        second.contains("SETERROR 証明書の暗証番号が入力されていません。\n"),
        "{second}"
    );
}

#[test]
fn the_last_try_is_announced() {
    let mut question = pin_question();
    question.refused = true;
    question.tries = PinTries::Last;
    let face = wording::pin(&question, false);
    assert_eq!(
        face.error,
        "証明書の暗証番号が違います。もう一度入力してください。\n\
         あと1回間違えるとロックされ、使えなくなります。"
    );
}

#[tokio::test]
async fn a_typed_pin_leaves_nothing_in_memory() {
    // Masked and in two pieces, so that neither this test's own constant is found nor its source
    // text, which another test reads.
    let masked: Vec<u8> = [b"kagi-7391".as_slice(), b"-de-hiraku"]
        .into_iter()
        .flatten()
        .map(|byte| byte ^ 0x5a)
        .collect();
    // As %XX, so that the script in this process's memory doesn't have it either.
    let encoded: String = masked
        .iter()
        .map(|byte| format!("%{:02X}", byte ^ 0x5a))
        .collect();
    let pinentry = Pinentry::answering(&[&format!("echo 'D {encoded}'; echo OK")]);
    let answer = pin(&pinentry).await;
    assert_eq!(copies(&masked), 1, "only the PIN itself has it");
    drop(answer);
    assert_eq!(copies(&masked), 0);
}

/// How often a text (masked) is in this process's writable memory, leaving out the one buffer
/// that the search itself reads into.
fn copies(masked: &[u8]) -> usize {
    use std::os::unix::fs::FileExt;
    let memory = fs::File::open("/proc/self/mem").unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut buffer = vec![0; 1 << 16];
    let own = buffer.as_ptr_range();
    let own = own.start as u64..own.end as u64;
    let mut found = 0;
    for map in maps.lines().filter(|map| map.contains(" rw")) {
        let (start, rest) = map.split_once('-').unwrap();
        let end = rest.split(' ').next().unwrap();
        let mut at = u64::from_str_radix(start, 16).unwrap();
        let end = u64::from_str_radix(end, 16).unwrap();
        while at < end {
            if own.contains(&at) {
                at = own.end;
                continue;
            }
            let stop = if at < own.start {
                own.start.min(end)
            } else {
                end
            };
            let length = buffer.len().min((stop - at) as usize);
            // A map that went meanwhile, or the kernel's own, can't be read.
            let Ok(read) = memory.read_at(&mut buffer[..length], at) else {
                break;
            };
            for byte in &mut buffer[..read] {
                *byte ^= 0x5a;
            }
            let windows = buffer[..read].windows(masked.len());
            found += windows.filter(|window| *window == masked).count();
            // The next read overlaps this one by a text's length, less one byte.
            let last = read < masked.len() || at + read as u64 == stop;
            at += if last {
                read.max(1)
            } else {
                read - masked.len() + 1
            } as u64;
        }
    }
    found
}

//! Sets a scene up for the demo and the browser tests, and holds it while its stdin is open:
//! a token with two IDs' certificates, the reference bank, the agent.
//!
//! The agent's dialogs are answered by the script that `answers` gives, or, with
//! `--pinentry PROGRAM`, by the person at the display. `--days N` is how long the certificates last,
//! `--grace N` the bank's days of grace, and with `--approval SECONDS` an officer of the CA approves
//! each renewal.
//!
//! It prints one line of JSON once everything is there, and then answers each line of JSON on
//! stdin with one on stdout.

use std::{
    env,
    io::{self, BufRead as _, Write as _},
    path::Path,
    process::ExitCode,
};

use protocol::bridge::{RenewalView, State};
use reference_bank::{DEMO_PASSWORD, Misbehaviour, Policy};
use serde::Deserialize;
use serde_json::{Value, json};
use tests::{
    Answer, Customer, Scene, Token,
    pinentry::Gate,
    scene::{ADMINISTRATOR, USER},
    token,
};

/// Days that the certificates have left unless told otherwise.
const DAYS_LEFT: i64 = 20;

/// The gates of held answers.
const GATES: &[&str] = &["first", "second", "third", "fourth", "fifth"];

/// A line of stdin.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
enum Order {
    /// The bank's TLS log.
    Log,
    /// What the scripted pinentry answers to the dialogs to come: `yes`, `no`, `pin`, `wrong-pin`,
    /// `forgotten`, `cancel`, `hang`, or `type` and what is typed. When `held`, each waits for the gate at its place; the
    /// answer has the gates' pipes.
    Answers {
        answers: Vec<String>,
        #[serde(default)]
        held: bool,
    },
    /// The dialogs so far: their titles.
    Asked,
    /// From now on the CA issues for another key; or, `false`, behaves again.
    WrongKey { on: bool },
    /// The CA answers so many times that it answers in so many seconds.
    Later { answers: u32, seconds: u64 },
    /// The officer approves the renewal of an ID that waits for it, or refuses it.
    Decide { user: String, approve: bool },
    /// The bank's clock goes on by so many seconds; or, negative, back.
    Advance { seconds: i64 },
    /// The agent is killed and another one started.
    Restart,
    /// What is on the token.
    Objects,
    /// The dashboard's address, good once and for half a minute.
    Dashboard,
    /// A whole renewal of an ID's certificate, with a willing person.
    Renew { user: String },
    /// A renewal whose first dialog nobody answers.
    Begin { user: String },
    /// A one-time code for an ID, as the bank's counter gives it.
    Code { user: String },
}

fn main() -> ExitCode {
    let mut pinentry = None;
    let mut days = DAYS_LEFT;
    let mut policy = Policy::default();
    let mut arguments = env::args().skip(1);
    while let (Some(name), Some(value)) = (arguments.next(), arguments.next()) {
        let number = || value.parse().expect("the argument is a number");
        match name.as_str() {
            "--pinentry" => pinentry = Some(value),
            "--days" => days = number(),
            "--grace" => policy.grace_days = number(),
            "--approval" => policy.approval = u64::try_from(number()).ok(),
            other => panic!("no argument is named {other}"),
        }
    }
    let mut scene = Scene::at_display(pinentry.as_deref().map(Path::new), policy);
    let gates: Vec<Gate> = GATES
        .iter()
        .map(|gate| scene.home.person.gate(gate))
        .collect();
    let customers = [ADMINISTRATOR, USER].map(|id| scene.customer(id, "EC:prime256v1", days));
    let mut out = io::stdout().lock();
    let mut say = |value: &Value| writeln!(out, "{value}").and_then(|()| out.flush());
    if say(&describe(&scene, &customers)).is_err() {
        return ExitCode::FAILURE;
    }
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        let answer = match serde_json::from_str(&line) {
            Ok(order) => carry_out(&mut scene, &gates, &customers, order),
            Err(error) => json!({ "error": error.to_string() }),
        };
        if say(&answer).is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}

fn describe(scene: &Scene, customers: &[Customer]) -> Value {
    let customers: Vec<_> = customers
        .iter()
        .map(|customer| json!({ "id": customer.id, "serial": customer.old.serial }))
        .collect();
    json!({
        "bank": scene.bank.bank_origin,
        "ca": scene.bank.ca_origin,
        "address": scene.bank.bank_address.ip(),
        "authority": scene.bank.server_ca,
        "module": Token::module(),
        "settings": scene.token.settings(),
        "token": scene.token.label,
        "pin": token::PIN,
        "password": DEMO_PASSWORD,
        "customers": customers,
    })
}

/// Does something with the certificate of an ID.
fn with(customers: &[Customer], user: &str, work: impl FnOnce(&Customer)) -> Value {
    match customers.iter().find(|customer| customer.id == user) {
        Some(customer) => {
            work(customer);
            json!({})
        }
        None => json!({ "error": "no such ID" }),
    }
}

fn carry_out(scene: &mut Scene, gates: &[Gate], customers: &[Customer], order: Order) -> Value {
    match order {
        Order::Log => scene.bank.tls_log().map_or_else(
            |error| json!({ "error": error.to_string() }),
            |log| json!(log),
        ),
        Order::Answers { answers, held } => {
            let known: Option<Vec<&Answer>> = answers.iter().map(|word| answer(word)).collect();
            match known {
                Some(answers) => {
                    let gates = if held { gates } else { &[] };
                    let answers: Vec<Answer> = answers
                        .into_iter()
                        .enumerate()
                        .map(|(index, answer)| match GATES.get(index).filter(|_| held) {
                            Some(gate) => Answer::When(gate, answer),
                            None => *answer,
                        })
                        .collect();
                    scene.home.person.answers(&answers);
                    let pipes: Vec<_> = gates.iter().map(Gate::pipe).collect();
                    json!(pipes)
                }
                None => json!({ "error": "unknown answer" }),
            }
        }
        Order::Asked => {
            let titles: Vec<_> = scene
                .home
                .person
                .asked()
                .into_iter()
                .filter(|dialog| dialog.gone.is_none())
                .map(|dialog| dialog.title)
                .collect();
            json!(titles)
        }
        Order::Code { user } => scene.bank.code(&user).map_or_else(
            |error| json!({ "error": error.to_string() }),
            |code| json!({ "code": code.text.as_str() }),
        ),
        Order::WrongKey { on } => {
            scene.bank.misbehave(on.then_some(Misbehaviour::WrongKey));
            json!({})
        }
        Order::Later { answers, seconds } => {
            scene.bank.misbehave(Some(Misbehaviour::Pending {
                answers,
                retry_after: seconds,
            }));
            json!({})
        }
        Order::Decide { user, approve } => match scene.bank.decide(&user, approve) {
            Ok(()) => json!({}),
            Err(error) => json!({ "error": error.to_string() }),
        },
        Order::Dashboard => {
            let ran = scene.home.run(&["open", "--print", "--json"]);
            serde_json::from_slice(&ran.stdout).unwrap_or_else(|_| json!({ "error": ran.stderr }))
        }
        Order::Renew { user } => with(customers, &user, |customer| {
            scene.renew(customer);
        }),
        Order::Begin { user } => with(customers, &user, |customer| {
            scene.home.person.answers(&[Answer::Hang]);
            let nonce = "A".repeat(43);
            let begun: RenewalView = scene
                .loopback()
                .begin(&customer.old.sha256, &nonce)
                .json(201);
            scene
                .loopback()
                .until(&begun.id, |state| state == State::Consent);
        }),
        Order::Advance { seconds } => {
            scene.bank.clock().advance(seconds);
            json!({})
        }
        Order::Restart => {
            scene.restart();
            json!({})
        }
        Order::Objects => {
            let objects = scene.token.objects();
            json!(
                objects
                    .iter()
                    .map(|object| &object.class)
                    .collect::<Vec<_>>()
            )
        }
    }
}

fn answer(word: &str) -> Option<&'static Answer> {
    Some(match word {
        "yes" => &Answer::Yes,
        "no" => &Answer::No,
        "pin" => &Answer::Pin(token::PIN),
        "wrong-pin" => &Answer::Pin(token::WRONG_PIN),
        "forgotten" => &Answer::Forgotten,
        "cancel" => &Answer::Cancel,
        "hang" => &Answer::Hang,
        // The script is read once, and what it types stays as long as the scene.
        typed => {
            let typed = typed.strip_prefix("type ")?.to_owned();
            Box::leak(Box::new(Answer::Pin(typed.leak())))
        }
    })
}

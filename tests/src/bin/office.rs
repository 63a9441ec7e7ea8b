//! Sets two banks up for a browser test, and holds them while its stdin is open: a token with an
//! ID of each, the agent. The agent's dialogs are answered by the script that `answers` gives.
//!
//! It prints one line of JSON once everything is there, and then answers each line of JSON on
//! stdin with one on stdout.

use std::{
    io::{self, BufRead as _, Write as _},
    process::ExitCode,
};

use reference_bank::DEMO_PASSWORD;
use serde::Deserialize;
use serde_json::{Value, json};
use tests::{Answer, Home, Member, Office, Sharing, Token, course::WILLING, pinentry::Gate, token};

/// The gate of the first dialog.
const GATE: &str = "first";

/// A line of stdin.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
enum Order {
    /// A person who agrees to two renewals. The first dialog waits for a gate; the answer has its
    /// pipe.
    Answers,
    /// The dialogs so far: their texts.
    Asked,
    /// Each member's certificates at its bank, newest first: serial number and status.
    Issued,
}

fn main() -> ExitCode {
    let office = Office::in_home(Home::at_display(None), Sharing::Ca, 1);
    let gate = office.home.person.gate(GATE);
    // A browser that goes by NSS shows only one of two that have one label and other subjects.
    let members = [
        office.member(0, 0, "admin-01", "01"),
        office.member(1, 0, "keiri-01", "02"),
    ];
    let mut out = io::stdout().lock();
    let mut say = |value: &Value| writeln!(out, "{value}").and_then(|()| out.flush());
    if say(&describe(&office, &members)).is_err() {
        return ExitCode::FAILURE;
    }
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        let answer = match serde_json::from_str(&line) {
            Ok(order) => carry_out(&office, &members, &gate, &order),
            Err(error) => json!({ "error": error.to_string() }),
        };
        if say(&answer).is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}

fn describe(office: &Office, members: &[Member]) -> Value {
    let banks: Vec<_> = members
        .iter()
        .map(|member| {
            let bank = &office.banks[member.bank];
            json!({
                "bank": bank.bank_origin,
                "ca": bank.ca_origin,
                "address": bank.bank_address.ip(),
                "id": member.id,
                "serial": member.old.serial,
            })
        })
        .collect();
    json!({
        "banks": banks,
        "authority": office.banks[0].server_ca,
        "module": Token::module(),
        "settings": office.tokens[0].settings(),
        "pin": token::PIN,
        "password": DEMO_PASSWORD,
    })
}

fn carry_out(office: &Office, members: &[Member], gate: &Gate, order: &Order) -> Value {
    match order {
        Order::Answers => {
            let mut answers = vec![Answer::When(GATE, &Answer::Yes)];
            answers.extend(&WILLING[1..]);
            answers.extend(WILLING);
            office.home.person.answers(&answers);
            json!([gate.pipe()])
        }
        Order::Asked => {
            let asked = office.home.person.asked();
            json!(
                asked
                    .iter()
                    .map(|dialog| &dialog.description)
                    .collect::<Vec<_>>()
            )
        }
        Order::Issued => {
            let issued = members.iter().map(|member| {
                let list = office.banks[member.bank].certificates_of(member.id);
                list.unwrap_or_default()
                    .iter()
                    .map(|one| json!({ "serial": one.serial, "status": one.status.as_str() }))
                    .collect::<Vec<_>>()
            });
            json!(issued.collect::<Vec<_>>())
        }
    }
}

//! `koshin list --json`, cold, beside `pkcs11-tool` and a bare program on the same token.

use std::{
    fs::File,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tests::{Home, Token, programs};

use crate::{
    measure::{Measure, median, ms},
    supply,
};

/// How many certificates, and how often each program runs.
const SIZES: &[(usize, usize)] = &[(10, 31), (100, 15), (1000, 11), (5000, 7)];

/// What the programs took in the middle, in milliseconds.
struct Times {
    koshin: f64,
    tool: f64,
    bare: f64,
}

pub(crate) fn measure() -> Vec<Measure> {
    let mut measures = Vec::new();
    let mut thousand = None;
    for &(count, rounds) in SIZES {
        let times = listed(&supply::stocked(count, 0), count, rounds);
        measures.extend(compared(count, "without keys", &times));
        if count == 5000 {
            let text = format!("{:.1} ms / {:.1} ms", times.koshin, times.bare);
            measures.push(Measure::at_most(
                1.15,
                "list of 5000 without keys: koshin / bare program",
                times.koshin / times.bare,
                text,
            ));
            if let Some(thousand) = thousand {
                measures.push(Measure::at_most(
                    5.5,
                    "list: 5000 / 1000 without keys",
                    times.koshin / thousand,
                    format!("{:.1} ms / {thousand:.1} ms", times.koshin),
                ));
            }
        }
        thousand = (count == 1000).then_some(times.koshin);
    }
    for &(count, rounds) in SIZES {
        let pairs = count / 10;
        let times = listed(&supply::stocked(count, pairs), count + pairs, rounds);
        measures.extend(compared(count, "and a tenth of it with key pairs", &times));
        let times = listed(&supply::stocked(0, pairs), pairs, rounds);
        // The harder reading: a token with nothing but the pairs.
        measures.extend(compared(
            count,
            "only a tenth of it, with key pairs",
            &times,
        ));
    }
    measures
}

fn compared(count: usize, what: &str, times: &Times) -> Vec<Measure> {
    let Times { koshin, tool, bare } = times;
    let from = format!("koshin {koshin:.1} ms, pkcs11-tool {tool:.1} ms, bare {bare:.1} ms");
    let ratio = format!("list, N = {count} ({what}): koshin / pkcs11-tool");
    let more = format!("list, N = {count} ({what}): koshin - pkcs11-tool, ms");
    match count {
        10 => vec![Measure::at_most(8.0, &more, koshin - tool, from)],
        1000.. => vec![Measure::at_most(0.5, &ratio, koshin / tool, from)],
        _ => vec![Measure::figure(&ratio, koshin / tool, from)],
    }
}

/// Runs the programs in turn, so that they share whatever else the machine does.
fn listed(token: &Token, count: usize, rounds: usize) -> Times {
    let home = Home::with_token(token);
    let koshin = home.run(&["list", "--json"]);
    let listing: Value = serde_json::from_slice(&koshin.stdout).expect("koshin prints JSON");
    let found = listing["certificates"].as_array().map(Vec::len);
    assert_eq!(found, Some(count), "{}", koshin.stderr);
    let tool = programs::run(&mut pkcs11_tool(token)).text();
    assert_eq!(tool.matches("Certificate Object").count(), count);
    let bare = programs::run(&mut bare_list(token)).text();
    assert_eq!(bare.lines().count(), count);

    let mut times = [const { Vec::new() }; 3];
    for _ in 0..rounds {
        alone(&home);
        times[0].push(ms(timed(&mut home.koshin(&["list", "--json"]))));
        alone(&home);
        times[1].push(ms(timed(&mut pkcs11_tool(token))));
        times[2].push(ms(timed(&mut bare_list(token))));
    }
    let [koshin, tool, bare] = times.map(|times| median(&times));
    Times { koshin, tool, bare }
}

/// Waits until the agent that a command started has gone.
pub(crate) fn alone(home: &Home) {
    let lock = File::open(home.path("state/koshin/agent.lock")).expect("an agent was there");
    lock.lock().expect("a file can be locked");
}

/// How long a program takes from its start to its end.
pub(crate) fn timed(command: &mut Command) -> Duration {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let begin = Instant::now();
    let status = command.status().expect("the program is there");
    let took = begin.elapsed();
    assert!(status.success(), "{command:?}: {status}");
    took
}

fn pkcs11_tool(token: &Token) -> Command {
    let mut command = Command::new("pkcs11-tool");
    command
        .arg("--module")
        .arg(Token::module())
        .args(["--token-label", &token.label, "-O", "--type", "cert"])
        .env("SOFTHSM2_CONF", token.settings());
    command
}

fn bare_list(token: &Token) -> Command {
    let mut command = Command::new(programs::built("examples/bare-list"));
    command
        .arg(Token::module())
        .env("SOFTHSM2_CONF", token.settings());
    command
}

//! Tokens with as much on them as a measurement wants.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use reference_bank::ca::{Blueprint, Issuer, Key, Usage, name};
use tests::{Token, programs, token::PIN};

/// Bare PKCS#11 calls on a token, in a process that has logged in.
pub(crate) struct Calls {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Calls {
    /// Opens a token.
    pub(crate) fn on(token: &Token) -> Self {
        let mut child = Command::new(programs::built("examples/token-calls"))
            .arg(Token::module())
            .arg(&token.label)
            .env("SOFTHSM2_CONF", token.settings())
            .env("TOKEN_PIN", PIN)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it was built");
        let input = child.stdin.take().expect("it was asked to be piped");
        let output = child.stdout.take().expect("it was asked to be piped");
        Self {
            child,
            input,
            output: BufReader::new(output),
        }
    }

    /// Makes a P-256 pair: its SPKI.
    pub(crate) fn pair(&mut self, id: &str, label: &str) -> Vec<u8> {
        let answer = self.ask(&format!("pair {id} {label}"));
        answer
            .as_bytes()
            .chunks(2)
            .map(|digits| {
                let digits = str::from_utf8(digits).expect("digits are ASCII");
                u8::from_str_radix(digits, 16).expect("the answer is hexadecimal")
            })
            .collect()
    }

    /// Stores a certificate.
    pub(crate) fn certificate(&mut self, id: &str, label: &str, der: &[u8]) {
        let answer = self.ask(&format!("certificate {id} {label} {}", hex(der)));
        assert_eq!(answer, "done");
    }

    /// Times what a renewal cannot do without.
    pub(crate) fn time(&mut self, id: &str, der: &[u8]) -> Duration {
        let answer = self.ask(&format!("time {id} {}", hex(der)));
        Duration::from_nanos(answer.parse().expect("the answer is a number"))
    }

    /// Removes everything.
    pub(crate) fn clear(&mut self) {
        assert_eq!(self.ask("clear"), "done");
    }

    fn ask(&mut self, line: &str) -> String {
        writeln!(self.input, "{line}").expect("the program reads");
        let mut answer = String::new();
        self.output
            .read_line(&mut answer)
            .expect("the program writes");
        assert!(!answer.is_empty(), "no answer to {line}");
        answer.trim_end().to_owned()
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A token with `certificates` that have no keys here, and `pairs` with their certificates.
pub(crate) fn stocked(certificates: usize, pairs: usize) -> Token {
    let token = Token::new("Koshin-Bench");
    stock(&token, certificates, pairs);
    token
}

/// Puts as much on a token as [`stocked`] does.
pub(crate) fn stock(token: &Token, certificates: usize, pairs: usize) {
    let authority = Authority::new();
    let mut calls = Calls::on(token);
    for number in 0..certificates {
        let key = Key::generate().expect("a key can be made");
        let der = authority.certify(key.spki(), &format!("others-{number:05}"));
        calls.certificate(&format!("aa{number:06x}"), "others", &der);
    }
    for number in 0..pairs {
        let id = format!("bb{number:06x}");
        let spki = calls.pair(&id, "others");
        let der = authority.certify(&spki, &format!("others-{number:05}"));
        calls.certificate(&id, "others", &der);
    }
}

/// A CA that no profile knows.
struct Authority {
    issuer: Issuer,
    now: i64,
}

impl Authority {
    fn new() -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("the clock is right");
        let now = i64::try_from(now.as_secs()).expect("the clock is right");
        let issuer = Issuer::root("みほん認証局", "Bench CA", now);
        Self {
            issuer: issuer.expect("a CA can be made"),
            now,
        }
    }

    fn certify(&self, spki: &[u8], common_name: &str) -> Vec<u8> {
        let subject = name("株式会社みほん商事", Some("EB-0001"), common_name);
        let blueprint = Blueprint {
            subject: subject.expect("the name is short"),
            san: None,
            spki: spki.to_vec(),
            not_before: self.now - 300,
            not_after: self.now + 365 * 86_400,
            usage: Usage::Client,
        };
        let issued = self.issuer.issue(&blueprint);
        issued.expect("the blueprint is whole")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

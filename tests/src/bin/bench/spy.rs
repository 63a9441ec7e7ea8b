//! How often a renewal calls the module, by OpenSC's spy between the two.

use std::{fs, path::Path, path::PathBuf};

use tests::Token;

use crate::{
    measure::Measure,
    office::{self, Agent, Office},
    rest::without_helpers,
    supply::{self, Calls},
};

/// Key pairs with certificates that are on the fuller token besides.
const OTHERS: usize = 100;

pub(crate) fn measure() -> Vec<Measure> {
    let few = counted(0);
    let many = counted(OTHERS);
    let difference = many.outside.abs_diff(few.outside);
    vec![
        Measure::at_most(
            120.0,
            "renewal P-256: PKCS#11 calls",
            number(few.all),
            format!(
                "{} of them in {} inventories",
                few.all - few.outside,
                few.scans
            ),
        ),
        Measure::at_most(
            0.0,
            "renewal P-256: more calls with 100 other pairs, inventories apart",
            number(difference),
            format!(
                "{} and {} calls, {} and {} searches of a whole class",
                few.outside, many.outside, few.scans, many.scans
            ),
        ),
    ]
}

struct Count {
    all: usize,
    /// Those that read no inventory.
    outside: usize,
    /// The searches of a whole class.
    scans: usize,
}

fn counted(others: usize) -> Count {
    let office = Office::new(|token| {
        let environment = format!(
            ", PKCS11SPY = \"{}\", PKCS11SPY_OUTPUT = \"{}\"",
            Token::module().display(),
            log(token).display()
        );
        office::settings(&spy(), token, &environment)
    });
    supply::stock(&office.token, 0, others);
    let agent = Agent::start(&office);
    let old = office.customer(&mut Calls::on(&office.token));
    office.renew(&old);
    // To its last call.
    without_helpers(agent.child.id());
    let bytes = fs::read(log(&office.token)).expect("the spy writes");
    count(&String::from_utf8_lossy(&bytes))
}

/// Counts the calls. An inventory is a search for a class as a whole, with the readings that
/// follow it.
fn count(log: &str) -> Count {
    let mut count = Count {
        all: 0,
        outside: 0,
        scans: 0,
    };
    let mut calls = log.split("\n\n").filter_map(|paragraph| {
        let call = paragraph.lines().find_map(|line| {
            let (number, call) = line.split_once(": C_")?;
            number.parse::<u32>().is_ok().then_some(call)
        })?;
        Some((call.trim().to_owned(), paragraph))
    });
    let mut scanning = false;
    for (call, paragraph) in &mut calls {
        count.all += 1;
        scanning = match call.as_str() {
            "FindObjectsInit" => {
                let whole = paragraph.contains("CKA_CLASS")
                    && paragraph
                        .lines()
                        .filter(|line| line.trim_start().starts_with("CKA_"))
                        .count()
                        == 2;
                count.scans += usize::from(whole);
                whole
            }
            "FindObjects" | "FindObjectsFinal" | "GetAttributeValue" => scanning,
            _ => false,
        };
        count.outside += usize::from(!scanning);
    }
    count
}

fn log(token: &Token) -> PathBuf {
    token.settings().with_file_name("spy.log")
}

/// OpenSC's spy.
///
/// # Panics
/// If it is not installed.
fn spy() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").expect("there are libraries");
    folders
        .filter_map(|entry| Some(entry.ok()?.path().join("pkcs11/pkcs11-spy.so")))
        .chain([Path::new("/usr/lib64/pkcs11/pkcs11-spy.so").to_owned()])
        .find(|path| path.exists())
        .expect("pkcs11-spy is missing\nhint: apt-get install opensc (or: make install)")
}

fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

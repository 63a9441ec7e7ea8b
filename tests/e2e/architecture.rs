//! The design's rules, held by tests: which way dependencies point, what each crate never names,
//! where `unsafe` may stand, how long a file may be. Every rule is first shown a sample that
//! breaks it, so that a rule that finds nothing is a rule that can.

mod tree;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use tree::{Source, cdylib_folders, npm_packages, root, tree, without_comment, workspace_crates};

/// Rust's crates that may depend on each other, by package name.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("protocol", &[]),
    ("pkcs11-bridge", &[]),
    ("agent", &["pkcs11-bridge", "protocol"]),
    ("reference-bank", &["protocol"]),
    ("faulty-module", &[]),
    ("full-disk", &[]),
    ("parsers", &["agent", "pkcs11-bridge", "protocol"]),
    (
        "tests",
        &[
            "agent",
            "faulty-module",
            "pkcs11-bridge",
            "protocol",
            "reference-bank",
        ],
    ),
];

/// What a crate's code (comments and test modules apart) never names, by folder.
const NEVER: &[(&str, &[&str])] = &[
    (
        "protocol/src/",
        &[
            "std::fs",
            "std::net",
            "std::process",
            "std::thread",
            "std::env",
            "std::io",
            "SystemTime",
            "Instant",
            "Timestamp::now",
            "SystemRandom",
            "getrandom",
            "tokio",
            "cryptoki",
            "pcsc",
            "println!",
            "eprintln!",
        ],
    ),
    (
        "pkcs11-bridge/src/",
        &[
            "TcpListener",
            "TcpStream",
            "UdpSocket",
            "hyper",
            "axum",
            "println!",
            "eprintln!",
            "pinentry",
        ],
    ),
    (
        "agent/src/",
        &[
            "cryptoki",
            "pcsc",
            "CKR_",
            "CKA_",
            "CKM_",
            "CKF_",
            "UNSPECIFIED",
            "0.0.0.0",
        ],
    ),
    ("tests/bank/src/", &["cryptoki", "pcsc", "pkcs11_bridge"]),
];

/// Where `unsafe` may stand; test libraries that are C modules themselves (cdylib) come on top.
const UNSAFE_ALLOWED: &[&str] = &[
    "pkcs11-bridge/src/module.rs",
    "pkcs11-bridge/src/module/",
    "agent/src/os/",
];

/// Packages that only pkcs11-bridge may name, and the tests' module on the other side of it.
const TOKEN_PACKAGES: &[&str] = &["cryptoki", "cryptoki-sys", "pcsc", "pcsc-sys"];

const LONGEST_FILE: usize = 600;

#[test]
fn dependencies_point_the_way_of_the_design() {
    let crates = workspace_crates();
    assert_none(wrong_directions(&crates));

    let mut bad = crates.clone();
    bad.insert("protocol".into(), BTreeSet::from(["pkcs11-bridge".into()]));
    assert_eq!(wrong_directions(&bad).len(), 1, "a rule that cannot fail");
    bad.insert("newcomer".into(), BTreeSet::new());
    assert_eq!(wrong_directions(&bad).len(), 2, "an unlisted crate");
}

#[test]
fn only_the_bridge_depends_on_pkcs11_and_pcsc() {
    let crates = workspace_crates();
    assert_none(foreign_token_packages(&crates));

    let mut bad = crates.clone();
    bad.get_mut("agent")
        .expect("agent is a member")
        .insert("pcsc".into());
    assert_eq!(foreign_token_packages(&bad).len(), 1);
}

#[test]
fn no_crate_names_what_it_never_does() {
    assert_none(forbidden_names(&tree()));

    let bad = [
        Source::new(
            "protocol/src/x.rs",
            "fn now() { std::time::SystemTime::now(); }",
        ),
        Source::new(
            "agent/src/driver/x.rs",
            "const X: &str = \"CKR_PIN_INCORRECT\";",
        ),
        Source::new("pkcs11-bridge/src/x.rs", "println!(\"slot\");"),
    ];
    assert_eq!(forbidden_names(&bad).len(), 3);
    let good = [
        Source::new("protocol/src/x.rs", "// never std::fs\nfn x() {}\n"),
        Source::new(
            "protocol/src/y.rs",
            "#[cfg(test)]\nmod tests { use std::fs; }\n",
        ),
        Source::new("protocol/src/z.rs", "struct Instantly;\n"),
    ];
    assert_none(forbidden_names(&good));
}

#[test]
fn every_crate_says_at_its_head_what_it_never_does() {
    let heads: Vec<Source> = tree()
        .into_iter()
        .filter(|source| {
            ["protocol", "pkcs11-bridge", "agent"]
                .iter()
                .any(|name| source.path == format!("{name}/src/lib.rs"))
        })
        .collect();
    assert_eq!(heads.len(), 3, "three crates are shipped");
    assert_none(silent_heads(&heads));

    let bad = [Source::new(
        "agent/src/lib.rs",
        "//! The agent.\nfn never() {}\n",
    )];
    assert_eq!(silent_heads(&bad).len(), 1);
}

#[test]
fn unsafe_stands_only_where_the_design_allows_it() {
    let mut allowed: Vec<String> = UNSAFE_ALLOWED.iter().map(ToString::to_string).collect();
    allowed.extend(cdylib_folders());
    assert_none(misplaced_unsafe(&tree(), &allowed));

    let bad = [Source::new(
        "agent/src/driver/x.rs",
        "fn f() { unsafe { g() } }",
    )];
    assert_eq!(misplaced_unsafe(&bad, &allowed).len(), 1);
    let good = [
        Source::new("agent/src/os/x.rs", "fn f() { unsafe { g() } }"),
        Source::new(
            "agent/src/x.rs",
            "#![forbid(unsafe_code)]\n// unsafe is for others\n",
        ),
    ];
    assert_none(misplaced_unsafe(&good, &allowed));
}

#[test]
fn no_file_is_too_long() {
    assert_none(long_files(&tree()));

    let bad = [Source::new(
        "agent/src/x.rs",
        &"\n".repeat(LONGEST_FILE + 1),
    )];
    assert_eq!(long_files(&bad).len(), 1);
}

#[test]
fn nothing_is_named_after_no_duty() {
    assert_none(vague_names(&tree()));

    let bad = [
        Source::new("agent/src/utils.rs", ""),
        Source::new("agent/src/utils/mod.rs", ""),
        Source::new("agent/src/x.rs", "pub struct TokenManager;"),
        Source::new("protocol/js/x.js", "class SessionManager {}"),
    ];
    assert_eq!(vague_names(&bad).len(), 4);
}

#[test]
fn tests_neither_sleep_nor_hide() {
    assert_none(idle_tests(&tree()));

    let bad = [
        Source::new("tests/e2e/x.rs", concat!("#[ig", "nore]\nfn x() {}")),
        Source::new(
            "agent/src/x.rs",
            concat!("#[cfg(test)]\nmod tests { std::thread::sl", "eep(second) }"),
        ),
        Source::new(
            "tests/browser/x.mjs",
            concat!("await new Promise(r => setTime", "out(r, 9))"),
        ),
        Source::new("tests/browser/y.mjs", concat!("test.sk", "ip('later')")),
    ];
    assert_eq!(idle_tests(&bad).len(), 4);
    let good = [Source::new(
        "agent/src/x.rs",
        concat!("async fn wait() { tokio::time::sl", "eep(until).await }"),
    )];
    assert_none(idle_tests(&good));
}

#[test]
fn every_dependency_has_its_reason_in_the_architecture() {
    let text = fs::read_to_string(root().join("docs/ARCHITECTURE.md"))
        .expect("docs/ARCHITECTURE.md is part of the project");
    let mut names: BTreeSet<String> = workspace_crates().into_values().flatten().collect();
    for (member, _) in DIRECTIONS {
        names.remove(*member);
    }
    names.extend(npm_packages());
    assert_none(unexplained(&names, &text));

    let bad = "| `tokio` | |\n| `clap` | reads the command line |\nserde is used too\n";
    let names = ["tokio", "clap", "serde"].map(String::from).into();
    assert_eq!(unexplained(&names, bad).len(), 2, "no reason, no row");
}

fn wrong_directions(crates: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, dependencies) in crates {
        let Some((_, allowed)) = DIRECTIONS.iter().find(|(listed, _)| listed == name) else {
            found.push(format!("crate {name} has no place in DIRECTIONS"));
            continue;
        };
        for dependency in dependencies {
            let is_member = DIRECTIONS.iter().any(|(member, _)| member == dependency);
            if is_member && !allowed.contains(&dependency.as_str()) {
                found.push(format!("{name} depends on {dependency}"));
            }
        }
    }
    found
}

fn foreign_token_packages(crates: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    crates
        .iter()
        .filter(|(name, _)| !["pkcs11-bridge", "faulty-module"].contains(&name.as_str()))
        .flat_map(|(name, dependencies)| {
            dependencies
                .iter()
                .filter(|dependency| TOKEN_PACKAGES.contains(&dependency.as_str()))
                .map(move |dependency| format!("{name} depends on {dependency}"))
        })
        .collect()
}

fn forbidden_names(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.extension() == "rs") {
        for (_, names) in NEVER
            .iter()
            .filter(|(folder, _)| source.path.starts_with(folder))
        {
            for (number, line) in source.shipped_lines() {
                for name in names.iter().filter(|name| contains_word(line, name)) {
                    found.push(format!("{}:{number} names {name}", source.path));
                }
            }
        }
    }
    found
}

fn silent_heads(sources: &[Source]) -> Vec<String> {
    sources
        .iter()
        .filter(|source| {
            !source
                .text
                .lines()
                .take_while(|line| line.starts_with("//!"))
                .any(|line| contains_word(line, "never"))
        })
        .map(|source| format!("{} does not say what the crate never does", source.path))
        .collect()
}

fn misplaced_unsafe(sources: &[Source], allowed: &[String]) -> Vec<String> {
    sources
        .iter()
        .filter(|source| source.extension() == "rs")
        .filter(|source| !allowed.iter().any(|place| source.path.starts_with(place)))
        // This file names the word in its samples.
        .filter(|source| source.path != "tests/e2e/architecture.rs")
        .flat_map(|source| {
            source
                .text
                .lines()
                .enumerate()
                .filter(|(_, line)| is_unsafe(without_comment(line)))
                .map(|(index, _)| format!("{}:{} has unsafe code", source.path, index + 1))
        })
        .collect()
}

/// Whether a line has the keyword: a text that names it has a quotation mark or a comma behind.
fn is_unsafe(line: &str) -> bool {
    ["unsafe ", "unsafe{", "unsafe("]
        .iter()
        .any(|word| contains_word(line, word))
}

fn long_files(sources: &[Source]) -> Vec<String> {
    sources
        .iter()
        .map(|source| (source, source.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(source, lines)| format!("{} has {lines} lines", source.path))
        .collect()
}

fn vague_names(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        if source.path.split(['/', '.']).any(|part| part == "utils") {
            found.push(format!("{} is called utils", source.path));
        }
        for line in source.text.lines() {
            let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            while let Some(word) = words.next() {
                let declares = ["struct", "enum", "trait", "class", "interface"].contains(&word);
                if declares && words.next().is_some_and(|name| name.ends_with("Manager")) {
                    if source.path != "tests/e2e/architecture.rs" {
                        found.push(format!("{}: {}", source.path, line.trim()));
                    }
                    break;
                }
            }
        }
    }
    found
}

fn idle_tests(sources: &[Source]) -> Vec<String> {
    let rust = [
        concat!("#[ig", "nore"),
        concat!("thread::sl", "eep"),
        concat!("time::sl", "eep"),
    ];
    let script = [
        concat!("setTime", "out("),
        concat!(".sk", "ip("),
        concat!(".to", "do("),
    ];
    let mut found = Vec::new();
    for source in sources {
        let words: &[&str] = match source.extension() {
            "rs" => &rust,
            "js" | "mjs" | "ts" => &script,
            _ => continue,
        };
        for word in words
            .iter()
            .filter(|word| source.test_part().contains(**word))
        {
            found.push(format!("{} has {word}", source.path));
        }
    }
    found
}

/// The names that have no table row ``| `NAME` | reason |`` with something in the reason.
fn unexplained(names: &BTreeSet<String>, text: &str) -> Vec<String> {
    let explained: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .filter_map(|row| row.split_once(" | "))
        .filter(|(_, reason)| !reason.trim_matches(['|', ' ']).is_empty())
        .flat_map(|(cell, _)| cell.split(", "))
        .map(|name| name.trim_matches('`'))
        .collect();
    names
        .iter()
        .filter(|name| !explained.contains(name.as_str()))
        .map(|name| format!("docs/ARCHITECTURE.md has no reason for {name}"))
        .collect()
}

/// Whether `line` has `word` with no letter, digit, `_` or `-` on either side.
fn contains_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let open_ended = word.ends_with(['_', '!', ' ', '{', '(']);
        !before.is_some_and(is_part) && (open_ended || !after.is_some_and(is_part))
    })
}

#[track_caller]
fn assert_none(found: Vec<String>) {
    assert!(found.is_empty(), "\n  {}\n", found.join("\n  "));
}

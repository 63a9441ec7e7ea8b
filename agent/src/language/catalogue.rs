//! The catalogue's files, inside the program.

use super::Language;

/// A file of the catalogue: its area and its text.
pub(super) type Area = (&'static str, &'static str);

/// The files of a language.
pub(super) fn areas(language: Language) -> &'static [Area] {
    match language {
        Language::Japanese => JAPANESE,
        Language::English => ENGLISH,
    }
}

macro_rules! catalogue {
    ($($area:literal),* $(,)?) => {
        const JAPANESE: &[Area] = &[$(
            ($area, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/i18n/ja/", $area, ".ftl"))),
        )*];
        const ENGLISH: &[Area] = &[$(
            ($area, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/i18n/en/", $area, ".ftl"))),
        )*];
    };
}

catalogue![
    "cli", //
    "config",
    "dashboard",
    "doctor",
    "help",
    "notify",
    "problem",
    "prompt",
    "support",
    "trail",
    "tray",
];

#[cfg(test)]
pub(crate) mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        fs,
        path::Path,
    };

    use protocol::bridge::ProblemCode;

    use super::*;

    /// Each message and attribute (`id`, `id.attribute`) of a language with its variables.
    pub(crate) fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (area, text) in areas(language) {
            let mut message = String::new();
            let mut current = String::new();
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                if let Some((name, _)) = line.split_once(" =").filter(|(name, _)| is_id(name)) {
                    assert!(
                        name.starts_with(&format!("{area}-")),
                        "{name} is in {area}.ftl"
                    );
                    name.clone_into(&mut message);
                    message.clone_into(&mut current);
                    let twice = found.insert(current.clone(), BTreeSet::new());
                    assert!(twice.is_none(), "{current} is there twice");
                } else if let Some((attribute, _)) = line
                    .trim_start()
                    .strip_prefix('.')
                    .and_then(|rest| rest.split_once(" =").filter(|(name, _)| is_id(name)))
                {
                    current = format!("{message}.{attribute}");
                    found.insert(current.clone(), BTreeSet::new());
                }
                for part in line.split('$').skip(1) {
                    let end = part
                        .find(|c: char| !is_id_character(c))
                        .unwrap_or(part.len());
                    found
                        .entry(current.clone())
                        .or_default()
                        .insert(part[..end].to_owned());
                }
            }
        }
        found
    }

    /// Each message and attribute of a language with its text.
    fn texts(language: Language) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        let mut message = String::new();
        for (_, text) in areas(language) {
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                let named = line.split_once(" =");
                match named.map(|(name, text)| (name.trim_start(), text)) {
                    Some((name, text)) if is_id(name) && !line.starts_with(' ') => {
                        name.clone_into(&mut message);
                        found.push((message.clone(), text.to_owned()));
                    }
                    Some((name, text)) if name.strip_prefix('.').is_some_and(is_id) => {
                        found.push((format!("{message}{name}"), text.to_owned()));
                    }
                    _ => {
                        if let Some((_, last)) = found.last_mut() {
                            last.push('\n');
                            last.push_str(line);
                        }
                    }
                }
            }
        }
        found
    }

    fn is_id(text: &str) -> bool {
        !text.is_empty() && text.chars().all(is_id_character)
    }

    fn is_id_character(c: char) -> bool {
        c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
    }

    /// The program's text without its unit tests.
    fn program(folder: &Path) -> String {
        let mut text = String::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                text.push_str(&program(&path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(&path).unwrap();
                text.push_str(source.split("#[cfg(test)]").next().unwrap());
            }
        }
        text
    }

    #[test]
    fn both_languages_have_the_same_messages_with_the_same_variables() {
        let japanese = messages(Language::Japanese);
        let english = messages(Language::English);
        for (id, variables) in &japanese {
            assert_eq!(
                Some(variables),
                english.get(id),
                "{id} (Japanese, then English)"
            );
        }
        let only_english: Vec<_> = english
            .keys()
            .filter(|id| !japanese.contains_key(*id))
            .collect();
        assert!(only_english.is_empty(), "not in Japanese: {only_english:?}");
    }

    #[test]
    fn every_problem_has_its_four_texts_and_no_other_is_there() {
        let english = messages(Language::English);
        let mut expected = BTreeSet::new();
        for code in ProblemCode::ALL {
            let id = format!("problem-{}", code.as_str());
            expected.insert(id.clone());
            for attribute in ["cause", "remedy", "desk"] {
                expected.insert(format!("{id}.{attribute}"));
            }
        }
        for text in &expected {
            assert!(english.contains_key(text), "{text} is missing");
        }
        let all: String = areas(Language::English)
            .iter()
            .map(|(_, text)| *text)
            .collect();
        for id in english.keys().filter(|id| id.starts_with("problem-")) {
            let used = expected.contains(id) || all.contains(&format!("{{ {id} }}"));
            assert!(used, "{id} belongs to no problem");
        }
    }

    #[test]
    fn every_step_that_the_journal_is_given_has_its_text_and_no_other_is_there() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/driver/event.rs");
        let text = fs::read_to_string(source).unwrap();
        let (_, names) = text.split_once("fn name(").unwrap();
        let (names, _) = names.split_once("\n}\n").unwrap();
        let mut steps: BTreeSet<String> = names
            .split("=> \"")
            .skip(1)
            .map(|rest| format!("trail-{}", rest.split('"').next().unwrap()))
            .collect();
        steps.insert("trail-begun".to_owned());
        let there: BTreeSet<String> = messages(Language::English)
            .into_keys()
            .filter(|id| id.starts_with("trail-"))
            .collect();
        assert_eq!(there, steps);
    }

    #[test]
    fn every_message_is_used_and_every_used_message_is_there() {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let program = program(&package.join("src")) + &program(&package.join("examples"));
        let english = messages(Language::English);
        let all: String = areas(Language::English)
            .iter()
            .map(|(_, text)| *text)
            .collect();
        // The texts of problems, of findings in files and of steps go by their codes, and are held
        // elsewhere.
        let by_code = |id: &&String| {
            ["problem-", "config-", "trail-", "help-"]
                .iter()
                .any(|area| id.starts_with(area))
        };
        for id in english.keys().filter(|id| !by_code(id)) {
            let id = id.split('.').next().unwrap();
            let used =
                program.contains(&format!("\"{id}\"")) || all.contains(&format!("{{ {id} }}"));
            assert!(used, "nothing says {id}");
        }
        // Whatever in the program looks like a message's id is one, wherever it is said.
        for id in program.split('"') {
            let area = areas(Language::English).iter().any(|(area, _)| {
                id.strip_prefix(area)
                    .is_some_and(|rest| rest.starts_with('-'))
            });
            let like_one = id.chars().all(|c| is_id_character(c) || c == '.');
            // A variable of problems has a name that looks like one.
            if area && like_one && !id.ends_with(['-', '.']) && id != "help-desk" {
                assert!(english.contains_key(id), "the catalogue has no {id}");
            }
        }
    }

    #[test]
    fn a_clerk_is_shown_no_jargon() {
        // Files that IT writes, and options that help desks type, have to name formats; so does
        // what the bank's own desk does about a problem.
        let expert = |id: &str| {
            id.starts_with("config-") || id.starts_with("help-") || id.ends_with(".desk")
        };
        let jargon = [
            "CKR", "CSR", "DER", "PKCS", "CMS", "PEM", "ASN", "SPKI", "JWS", "OID", "PKI", "APDU",
        ];
        for language in Language::ALL {
            for (id, text) in texts(language).iter().filter(|(id, _)| !expert(id)) {
                let words = text
                    .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                    // An option's name is what is typed.
                    .filter(|word| !word.starts_with("--"))
                    .flat_map(|word| word.split('-'));
                for word in words {
                    assert!(!jargon.contains(&word), "{language} {id}: {text}");
                }
            }
        }
    }
}

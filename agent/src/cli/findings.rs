//! Findings in settings and profiles, as people and programs read them.

use serde_json::{Value, json};

use crate::{config::Finding, language::Texts};

use super::Exit;

/// A finding's text and its hint.
pub(super) fn explain(texts: &Texts, finding: &Finding) -> (String, String) {
    let (code, arguments) = finding.reason.message();
    let arguments: Vec<(&str, &str)> = arguments
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    (
        texts.say(&format!("config-{code}"), &arguments),
        texts.say(&format!("config-{code}.hint"), &arguments),
    )
}

/// What people read of findings, a hint below each.
pub(super) fn finding_lines(texts: &Texts, findings: &[Finding]) -> Vec<String> {
    if findings.is_empty() {
        return vec![texts.say("cli-no-mistakes", &[])];
    }
    let line = |finding: &Finding| {
        let (what, hint) = explain(texts, finding);
        let label = texts.say("cli-hint", &[]);
        [
            format!("{}: {what}", finding.place),
            format!("  {label} {hint}"),
        ]
    };
    findings.iter().flat_map(line).collect()
}

/// What programs read of findings.
pub(super) fn finding_members(texts: &Texts, findings: &[Finding]) -> Vec<Value> {
    let member = |finding: &Finding| {
        let (message, hint) = explain(texts, finding);
        json!({
            "file": finding.place.file.display().to_string(),
            "line": finding.place.line,
            "severity": if finding.is_warning() { "warning" } else { "error" },
            "code": finding.reason.message().0,
            "message": message,
            "hint": hint,
        })
    };
    findings.iter().map(member).collect()
}

/// Mistakes are for the person to mend, warnings only to know.
pub(super) fn verdict(findings: &[Finding]) -> Exit {
    if findings.iter().all(Finding::is_warning) {
        Exit::Done
    } else {
        Exit::Usage
    }
}

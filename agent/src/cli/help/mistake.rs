//! Mistakes on the command line, as people read them.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::language::Texts;

use super::super::{CliError, Exit};

/// A command that there is not.
pub(super) fn unknown_command(texts: &Texts, name: &str) -> CliError {
    CliError::new(texts, Exit::Usage, "cli-no-command", &[("value", name)])
}

/// What clap found.
pub(super) fn explain(texts: &Texts, error: &clap::Error) -> CliError {
    let get = |kind| error.get(kind).map(text);
    let argument = get(ContextKind::InvalidArg).unwrap_or_default();
    let value = get(ContextKind::InvalidValue).unwrap_or_default();
    let valid = get(ContextKind::ValidValue)
        .or_else(|| get(ContextKind::ValidSubcommand))
        .filter(|values| !values.is_empty());
    let (id, value) = match error.kind() {
        ErrorKind::InvalidSubcommand => (
            "cli-no-command",
            get(ContextKind::InvalidSubcommand).unwrap_or_default(),
        ),
        ErrorKind::MissingSubcommand => ("cli-command-missing", value),
        ErrorKind::UnknownArgument => ("cli-no-argument", value),
        ErrorKind::InvalidValue if value.is_empty() => ("cli-no-value", value),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => ("cli-bad-value", value),
        ErrorKind::ArgumentConflict => (
            "cli-arguments-conflict",
            get(ContextKind::PriorArg).unwrap_or_else(|| argument.clone()),
        ),
        ErrorKind::MissingRequiredArgument => ("cli-arguments-missing", value),
        _ => ("cli-bad-arguments", value),
    };
    let arguments = [("argument", argument.as_str()), ("value", &value)];
    let mut explained = CliError::new(texts, Exit::Usage, id, &arguments);
    if let Some(source) = std::error::Error::source(error) {
        explained = explained.because(source);
    } else if id == "cli-bad-arguments" {
        explained = explained.because(error.kind());
    }
    let suggested = [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ]
    .into_iter()
    .find_map(get);
    let hint = match (suggested, valid) {
        (Some(nearest), _) => Some(texts.say("cli-did-you-mean", &[("nearest", &nearest)])),
        (None, Some(values)) => Some(texts.say("cli-takes-one-of", &[("values", &values)])),
        (None, None) => None,
    };
    explained.hints.splice(0..0, hint);
    explained
}

fn text(value: &ContextValue) -> String {
    match value {
        ContextValue::None => String::new(),
        ContextValue::Bool(value) => value.to_string(),
        ContextValue::String(value) => value.clone(),
        ContextValue::Strings(values) => values.join(", "),
        ContextValue::Number(value) => value.to_string(),
        other => other.to_string(),
    }
}

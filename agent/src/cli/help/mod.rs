//! The help of every command in the person's language: the texts are in the catalogue under
//! `help-COMMAND`, an argument's as the attribute `arg-NAME`, examples as `examples`.

mod mistake;

use std::{
    env,
    ffi::OsString,
    io::{self, Write as _},
    mem,
    process::ExitCode,
};

use clap::{Arg, ArgAction, Args, CommandFactory as _, error::ErrorKind};

use crate::{
    config::{Config, Flags, Folders, LanguageSetting},
    language::{Language, Texts},
};

use super::{
    CliError, Exit,
    arguments::Arguments as CommandLine,
    printer::{Colour, Format, Printer},
    session,
};

#[derive(Clone, Debug, Args)]
pub(super) struct Arguments {
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

/// Every command as it helps in that language; hidden ones are among them.
#[must_use]
pub fn command(language: Language) -> clap::Command {
    let texts = Texts::of(language);
    let command = CommandLine::command()
        .disable_version_flag(true)
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(ArgAction::Help)
                .global(true),
        )
        .arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version),
        );
    let mut command = localised(command, "help-koshin", texts);
    command.build();
    with_usage(command, texts)
}

/// `koshin help`: of all commands, or of one.
pub(super) fn help(
    printer: &Printer,
    texts: &Texts,
    arguments: &Arguments,
) -> Result<Exit, Box<CliError>> {
    let root = command(texts.language());
    let mut shown = &root;
    for name in &arguments.command {
        shown = shown
            .find_subcommand(name)
            .filter(|command| !command.is_hide_set())
            .ok_or_else(|| mistake::unknown_command(texts, name))?;
    }
    let mut shown = shown.clone();
    printer.lines(
        rendered(&shown.render_help(), printer.colour_of_data())
            .lines()
            .map(str::to_owned),
    );
    Ok(Exit::Done)
}

/// What a person gets who asked for help, or whose arguments are not right: by a second look at
/// the command line, so that one that is right pays nothing for the catalogue.
pub(super) fn answer() -> ExitCode {
    let line: Vec<OsString> = env::args_os().collect();
    let words: Vec<&str> = line.iter().filter_map(|word| word.to_str()).collect();
    let texts = Texts::of(language());
    let Err(error) = command(texts.language()).try_get_matches_from(&line) else {
        // Not reached: the same arguments were refused a moment ago.
        return Exit::Fault.into();
    };
    let colour = colour(&words);
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let wanted = colour.wanted(&io::stdout());
            let _ = write!(io::stdout(), "{}", rendered(&error.render(), wanted));
            Exit::Done.into()
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let wanted = colour.wanted(&io::stderr());
            let _ = write!(io::stderr(), "{}", rendered(&error.render(), wanted));
            Exit::Usage.into()
        }
        _ => {
            let format = if words.contains(&"--json") {
                Format::Json
            } else {
                Format::Human
            };
            let printer = Printer::new(format, false, colour);
            printer.error(texts, &mistake::explain(texts, &error));
            Exit::Usage.into()
        }
    }
}

fn rendered(text: &clap::builder::StyledStr, colour: bool) -> String {
    if colour {
        text.ansi().to_string()
    } else {
        text.to_string()
    }
}

/// The language that the command line asks for, whether or not it makes sense; else that of the
/// settings, else the environment's.
pub(super) fn language() -> Language {
    let line: Vec<String> = env::args_os()
        .filter_map(|word| word.into_string().ok())
        .collect();
    let words: Vec<&str> = line.iter().map(String::as_str).collect();
    let asked = value_of(&words, "--language").and_then(|word| {
        let mut known = LanguageSetting::WORDS.iter();
        known
            .find(|(known, _)| *known == word)
            .map(|(_, setting)| *setting)
    });
    let flags = Flags { language: asked };
    let config = Folders::find(|name| env::var_os(name))
        .ok()
        .and_then(|folders| Config::load(folders, flags).ok());
    match config {
        Some(config) => session::language(config.language.value),
        None => session::language_before_settings(flags),
    }
}

fn colour(words: &[&str]) -> Colour {
    match value_of(words, "--color") {
        Some("always") => Colour::Always,
        Some("never") => Colour::Never,
        _ => Colour::Auto,
    }
}

/// The value of an option in words that as a whole may make no sense.
fn value_of<'w>(words: &[&'w str], option: &str) -> Option<&'w str> {
    words.iter().enumerate().find_map(|(at, word)| {
        let rest = word.strip_prefix(option)?;
        match rest.strip_prefix('=') {
            Some(value) => Some(value),
            None if rest.is_empty() => words.get(at + 1).copied(),
            None => None,
        }
    })
}

/// A command and those below it with the texts of the catalogue.
fn localised(command: clap::Command, id: &str, texts: &Texts) -> clap::Command {
    let say = |id: &str| texts.say(id, &[]);
    let examples = texts.find(&format!("{id}.examples")).map(|examples| {
        let lines: String = examples.lines().map(|line| format!("\n  {line}")).collect();
        format!("{}{lines}", say("cli-help-examples"))
    });
    let notes = texts.find(&format!("{id}.notes"));
    let after: Vec<String> = examples.into_iter().chain(notes).collect();
    let style = command.get_styles().get_usage();
    let template = format!(
        "{{about-with-newline}}\n{style}{}{style:#} {{usage}}\n\n{{all-args}}{{after-help}}",
        say("cli-help-usage"),
    );
    let mut command = command
        .about(say(id))
        .after_help(after.join("\n\n"))
        .help_template(template)
        .subcommand_help_heading(say("cli-help-commands"))
        .subcommand_value_name(say("cli-help-command-value"))
        .disable_help_flag(true)
        .mut_args(|arg| argument(arg, id, texts));
    let below: Vec<String> = command
        .get_subcommands()
        .filter(|below| !below.is_hide_set())
        .map(|below| below.get_name().to_owned())
        .collect();
    for name in below {
        let id = match id {
            "help-koshin" => format!("help-{name}"),
            id => format!("{id}-{name}"),
        };
        command = command.mut_subcommand(name, |below| localised(below, &id, texts));
    }
    command
}

fn argument(arg: Arg, id: &str, texts: &Texts) -> Arg {
    if arg.is_hide_set() {
        return arg;
    }
    let name = arg.get_id().as_str().replace('_', "-");
    let mut help = texts.say(&format!("{id}.arg-{name}"), &[]);
    let heading = if arg.is_positional() {
        "cli-help-arguments"
    } else if arg.is_global_set() || id == "help-koshin" {
        "cli-help-options-everywhere"
    } else {
        "cli-help-options"
    };
    if arg.get_action().takes_values() {
        // clap says both in English, behind the help.
        let values = names(arg.get_possible_values().iter().filter_map(|value| {
            let name = value.get_name();
            (!value.is_hide_set()).then(|| name.to_owned())
        }));
        if !values.is_empty() {
            help += &texts.say("cli-help-values", &[("values", &values)]);
        }
        let defaults = arg.get_default_values().iter();
        let default = names(defaults.map(|value| value.to_string_lossy().into_owned()));
        if !default.is_empty() {
            help += &texts.say("cli-help-default", &[("value", &default)]);
        }
    }
    let takes_values = arg.get_action().takes_values();
    arg.help(help)
        .help_heading(texts.say(heading, &[]))
        .hide_default_value(takes_values)
        .hide_possible_values(takes_values)
}

fn names(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// With the placeholders of clap's own in the usage of every command replaced.
fn with_usage(mut command: clap::Command, texts: &Texts) -> clap::Command {
    for below in command.get_subcommands_mut() {
        *below = with_usage(mem::take(below), texts);
    }
    let usage = command.render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    let options = texts.say("cli-help-options-value", &[]);
    command.override_usage(usage.trim_end().replace("[OPTIONS]", &options))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::language::catalogue::tests::messages;

    fn ids(command: &clap::Command, id: &str, found: &mut BTreeSet<String>) {
        found.insert(id.to_owned());
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            let name = arg.get_id().as_str().replace('_', "-");
            found.insert(format!("{id}.arg-{name}"));
        }
        for below in command
            .get_subcommands()
            .filter(|below| !below.is_hide_set())
        {
            let id = match id {
                "help-koshin" => format!("help-{}", below.get_name()),
                id => format!("{id}-{}", below.get_name()),
            };
            ids(below, &id, found);
        }
    }

    #[test]
    fn every_command_and_argument_has_its_text_and_every_command_examples() {
        let mut expected = BTreeSet::new();
        ids(&CommandLine::command(), "help-koshin", &mut expected);
        expected.extend(["help-koshin.arg-help", "help-koshin.arg-version"].map(str::to_owned));
        let commands: Vec<String> = expected
            .iter()
            .filter(|id| !id.contains('.'))
            .cloned()
            .collect();
        for id in commands {
            let has_more = ["help-koshin", "help-profile", "help-config"].contains(&id.as_str());
            if !has_more {
                expected.insert(format!("{id}.examples"));
            }
        }
        expected.insert("help-koshin.notes".to_owned());
        expected.insert("help-run.notes".to_owned());
        expected.insert("help-tray.notes".to_owned());
        for language in Language::ALL {
            let there: BTreeSet<String> = messages(language)
                .into_keys()
                .filter(|id| id.starts_with("help-"))
                .collect();
            assert_eq!(there, expected, "{language}");
        }
    }

    #[test]
    fn nothing_of_clap_s_own_english_is_left_in_japanese() {
        fn look(command: &mut clap::Command) {
            let text = command.render_long_help().to_string();
            for english in [
                "Usage:",
                "Options:",
                "Commands:",
                "Arguments:",
                "[OPTIONS]",
                "<COMMAND>",
                "[default",
                "[possible",
                "Print ",
                "Examples:",
            ] {
                assert!(!text.contains(english), "{english}: {text}");
            }
            command
                .get_subcommands_mut()
                .filter(|below| !below.is_hide_set())
                .for_each(look);
        }
        look(&mut command(Language::Japanese));
    }

    #[test]
    fn the_language_is_found_in_words_that_make_no_sense() {
        let words = ["koshin", "lsit", "--language=ja", "--color", "never"];
        assert_eq!(value_of(&words, "--language"), Some("ja"));
        assert_eq!(value_of(&words, "--color"), Some("never"));
        assert_eq!(value_of(&["koshin", "--language"], "--language"), None);
        assert_eq!(value_of(&["--languages", "ja"], "--language"), None);
    }
}

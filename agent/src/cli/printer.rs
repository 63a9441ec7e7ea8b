//! What a command says: data on stdout, talk on stderr; for people, or as JSON.

use std::{
    env,
    io::{self, IsTerminal, Write},
};

use serde::Serialize;
use serde_json::json;

use crate::language::Texts;

use super::{CliError, progress, table::visible};

/// The version of every JSON document that the commands print. It counts up when a member goes
/// or changes its meaning; new members don't change it.
const JSON_VERSION: u32 = 1;

/// How a command talks.
pub(super) struct Printer {
    format: Format,
    quiet: bool,
    when: Colour,
}

/// For whom the data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// A person.
    Human,
    /// A program.
    Json,
}

/// When there are colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Colour {
    /// Whether a stream gets colours.
    pub(super) fn wanted(self, stream: &impl IsTerminal) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                let dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
                !refused && !dumb && stream.is_terminal()
            }
        }
    }
}

/// What a colour says; never the only thing that says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Good,
    Doubtful,
    Bad,
    Hint,
    Heading,
}

impl Paint {
    /// The parameters of Select Graphic Rendition (ECMA-48).
    fn code(self) -> &'static str {
        match self {
            Self::Good => "32",
            Self::Doubtful => "1;33",
            Self::Bad => "1;31",
            Self::Hint => "1;36",
            Self::Heading => "1",
        }
    }
}

impl Printer {
    /// A printer for stdout and stderr.
    pub(super) fn new(format: Format, quiet: bool, when: Colour) -> Self {
        Self {
            format,
            quiet,
            when,
        }
    }

    /// For whom the data is.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// Whether stderr gets colours.
    pub(super) fn colour(&self) -> bool {
        self.when.wanted(&io::stderr())
    }

    /// Whether stdout gets colours.
    pub(super) fn colour_of_data(&self) -> bool {
        self.when.wanted(&io::stdout())
    }

    /// A text of the data, painted where stdout gets colours.
    pub(super) fn painted_data(&self, text: &str, paint: Paint) -> String {
        painted(text, paint, self.colour_of_data())
    }

    /// A command's result on stdout: an object for programs, lines for people.
    pub(super) fn result(&self, members: impl Serialize, lines: impl IntoIterator<Item = String>) {
        match self.format {
            Format::Json => write_line(io::stdout(), &document(members)),
            Format::Human => {
                for line in lines {
                    write_line(io::stdout(), &line);
                }
            }
        }
    }

    /// Lines on stdout that are the same for people and programs.
    pub(super) fn lines(&self, lines: impl IntoIterator<Item = String>) {
        for line in lines {
            write_line(io::stdout(), &line);
        }
    }

    /// Something that a person may want to know meanwhile, on stderr.
    pub(super) fn note(&self, text: &str) {
        if !self.quiet && self.format == Format::Human {
            write_line(io::stderr(), text);
        }
    }

    /// Waits for `work`, and on a terminal shows `text` meanwhile if that takes longer.
    pub(super) async fn during<T>(&self, text: &str, work: impl Future<Output = T>) -> T {
        let dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
        let talks = self.format == Format::Human && !self.quiet;
        if talks && !dumb && io::stderr().is_terminal() {
            progress::during(io::stderr(), text, progress::PATIENCE, work).await
        } else {
            work.await
        }
    }

    /// Something that is wrong, though the command goes on.
    pub(super) fn warning(&self, texts: &Texts, text: &str) {
        if self.format == Format::Human {
            let label = self.painted(&texts.say("cli-warning", &[]), Paint::Doubtful);
            write_line(io::stderr(), &format!("{label} {}", visible(text)));
        }
    }

    /// Why the command failed, on stderr.
    pub(super) fn error(&self, texts: &Texts, error: &CliError) {
        if let Some(message) = &error.relayed {
            return write_line(io::stderr(), message);
        }
        if self.format == Format::Json {
            let members = json!({ "error": error });
            return write_line(io::stderr(), &document(members));
        }
        let label = self.painted(&texts.say("cli-error", &[]), Paint::Bad);
        write_line(
            io::stderr(),
            &format!("{label} {}", visible(&error.message)),
        );
        for cause in &error.causes {
            let label = texts.say("cli-caused-by", &[]);
            write_line(io::stderr(), &format!("  {label} {}", visible(cause)));
        }
        for hint in &error.hints {
            let label = self.painted(&texts.say("cli-hint", &[]), Paint::Hint);
            write_line(io::stderr(), &format!("{label} {}", visible(hint)));
        }
        if let Some(reference) = &error.reference {
            let label = texts.say("cli-reference", &[]);
            write_line(io::stderr(), &format!("{label} {reference}"));
        }
    }

    fn painted(&self, text: &str, paint: Paint) -> String {
        painted(text, paint, self.colour())
    }
}

fn painted(text: &str, paint: Paint, wanted: bool) -> String {
    if wanted {
        format!("\u{1b}[{}m{text}\u{1b}[0m", paint.code())
    } else {
        text.to_owned()
    }
}

fn document(members: impl Serialize) -> String {
    #[derive(Serialize)]
    struct Document<M> {
        #[serde(flatten)]
        members: M,
        version: u32,
    }
    let document = Document {
        members,
        version: JSON_VERSION,
    };
    serde_json::to_string(&document).expect("members are plain and have string keys")
}

/// A reader that has gone away (`koshin list | head -1`) is no fault of anybody's.
fn write_line(mut stream: impl Write, line: &str) {
    let _ = writeln!(stream, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_has_its_version() {
        assert_eq!(
            document(json!({ "profiles": [] })),
            r#"{"profiles":[],"version":1}"#
        );
    }
}

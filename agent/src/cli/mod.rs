//! The command line: arguments in, data on stdout, talk on stderr, an exit status. A command
//! never touches a token or a PIN and never writes to the journal: the agent does.

mod arguments;
mod audit;
mod clearing;
mod completions;
mod config;
mod connection;
mod doctor;
mod error;
mod findings;
mod help;
mod list;
mod obstacle;
mod open;
mod printer;
mod profile;
mod progress;
mod recover;
mod renew;
mod retire;
mod run;
mod session;
mod status;
mod support_bundle;
mod table;
mod tray;

use std::{env, process::ExitCode};

use clap::Parser;

use crate::{config::Flags, language::Texts};

use arguments::{Arguments, Command};
use printer::Printer;
use session::Session;

pub use help::command;

use error::{CliError, Exit};

/// Runs the command that the process's arguments name.
#[must_use]
pub fn main() -> ExitCode {
    // Serves one token module to the agent that started this process: nobody's command, and to be
    // ready at once.
    if env::args_os().nth(1).is_some_and(|word| word == WORKER) {
        return pkcs11_bridge::worker::run_inherited();
    }
    let Ok(arguments) = Arguments::try_parse() else {
        return help::answer();
    };
    let printer = arguments.global.printer();
    let flags = Flags {
        language: arguments.global.language(),
    };
    let early = Texts::of(session::language_before_settings(flags));
    // What must also work where the settings do not.
    match arguments.command {
        Command::Config(config::Action::Check) => {
            return end(&printer, early, config::check(&printer, flags));
        }
        Command::SupportBundle(arguments) => {
            let made = support_bundle::support_bundle(&printer, flags, &arguments);
            return end(&printer, early, made);
        }
        Command::Doctor => return end(&printer, early, doctor::doctor(&printer, flags)),
        Command::Completions(arguments) => {
            return completions::completions(Texts::of(help::language()), &arguments).into();
        }
        Command::Help(arguments) => {
            let texts = Texts::of(help::language());
            return end(&printer, texts, help::help(&printer, texts, &arguments));
        }
        _ => {}
    }
    match Session::begin(&printer, flags) {
        Ok(session) => {
            let texts = session.texts;
            end(&printer, texts, perform(arguments.command, session))
        }
        Err(error) => end(&printer, early, Err(error)),
    }
}

/// The word by which an agent starts a worker.
const WORKER: &str = "worker";

fn end(printer: &Printer, texts: &Texts, done: Result<Exit, Box<CliError>>) -> ExitCode {
    match done {
        Ok(exit) => exit.into(),
        Err(error) => {
            printer.error(texts, &error);
            error.exit.into()
        }
    }
}

fn perform(command: Command, session: Session<'_>) -> Result<Exit, Box<CliError>> {
    match command {
        Command::Run(arguments) => run::run(session, &arguments),
        Command::Tray(arguments) => tray::tray(session, &arguments),
        Command::List(arguments) => list::list(&session, &arguments),
        Command::Retire(arguments) => retire::retire(&session, &arguments),
        Command::Recover(arguments) => recover::recover(&session, &arguments),
        Command::Status => status::status(&session),
        Command::Renew(arguments) => renew::renew(&session, arguments),
        Command::Audit(arguments) => audit::audit(&session, &arguments),
        Command::Open(arguments) => open::open(&session, &arguments),
        Command::Profile(action) => profile::perform(&session, action),
        Command::Config(config::Action::Show) => config::show(&session),
        Command::Config(config::Action::Check)
        | Command::Doctor
        | Command::SupportBundle(_)
        | Command::Completions(_)
        | Command::Help(_) => {
            unreachable!("done before there is a session")
        }
    }
}

//! The reference bank on the command line. Data goes to stdout, talk to stderr.

use std::{
    fs,
    io::{self, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use protocol::csr::SignedRequest;
use reference_bank::{
    Application, Bank, BankError, DEMO_PASSWORD, IssuedCertificate, MailOptions, Options, Order,
    Policy, Role, Validity, time,
};
use serde_json::json;

/// A bank's site and its certification authority, as a stand-in on which Koshin is tried.
#[derive(Parser)]
#[command(name = "reference-bank", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a state folder: CAs, database, demo IDs. Prints the IDs and their password as JSON.
    Init(State),
    /// Issue a certificate, as the bank's counter would. Prints its serial number as JSON.
    Issue(Issue),
    /// Give an ID a one-time code for an acquisition, as the bank's counter would. Prints it and
    /// its end as JSON.
    Code {
        #[command(flatten)]
        state: State,
        /// The ID.
        #[arg(long)]
        user: String,
    },
    /// Revoke a certificate.
    Revoke {
        #[command(flatten)]
        state: State,
        /// Its serial number, hexadecimal.
        #[arg(long)]
        serial: String,
    },
    /// Print the renewals that wait for the CA's officer, or were decided, one JSON object a line.
    Applications(State),
    /// Approve the renewal of an ID that waits for it.
    Approve(Decision),
    /// Refuse it.
    Refuse(Decision),
    /// Print the issued certificates, one JSON object a line.
    Certificates {
        #[command(flatten)]
        state: State,
        /// Only those of this ID.
        #[arg(long)]
        user: Option<String>,
    },
    /// Serve both sites. Prints addresses and origins as one line of JSON once it listens.
    Serve(Serve),
    /// Print Koshin's profile for this bank, TOML.
    Profile {
        #[command(flatten)]
        state: State,
        #[command(flatten)]
        origins: Origins,
        #[command(flatten)]
        rules: Rules,
    },
    /// Print who came with which certificate, one JSON object a line.
    TlsLog(State),
}

#[derive(Args)]
struct State {
    /// The state folder.
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
}

#[derive(Args)]
struct Decision {
    #[command(flatten)]
    state: State,
    /// The ID.
    #[arg(long)]
    user: String,
}

#[derive(Args)]
struct Issue {
    #[command(flatten)]
    state: State,
    /// The ID.
    #[arg(long)]
    user: String,
    #[command(flatten)]
    key: Key,
    /// Valid to the end, in Japan, of the day so many days ahead (negative: ago).
    #[arg(long, default_value_t = 365, allow_negative_numbers = true)]
    days: i64,
    /// First second of validity, RFC 3339; needs --not-after.
    #[arg(long, requires = "not_after", conflicts_with = "days")]
    not_before: Option<jiff::Timestamp>,
    /// Last second of validity, RFC 3339; needs --not-before.
    #[arg(long, requires = "not_before", conflicts_with = "days")]
    not_after: Option<jiff::Timestamp>,
    /// Where the certificate goes, DER.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Key {
    /// The public key: SubjectPublicKeyInfo, DER.
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
    /// A certification request (DER or PEM), of which only the key is taken.
    #[arg(long, value_name = "FILE")]
    csr: Option<PathBuf>,
}

#[derive(Args)]
struct Origins {
    /// The banking site, e.g. https://bank.example:8443.
    #[arg(long, default_value = "https://bank.example")]
    bank_origin: String,
    /// The CA's site, e.g. https://ca.example:8444.
    #[arg(long, default_value = "https://ca.example")]
    ca_origin: String,
}

#[derive(Args)]
struct Rules {
    /// Renewal begins so many days before the expiry.
    #[arg(long, default_value_t = Policy::default().window_days)]
    window_days: i64,
    /// Renewal is taken for so many days after the expiry.
    #[arg(long, default_value_t = Policy::default().grace_days)]
    grace_days: i64,
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    state: State,
    /// Where the banking site listens.
    #[arg(long, default_value = "127.0.0.2:0")]
    bank_listen: SocketAddr,
    /// Where the CA's site listens.
    #[arg(long, default_value = "127.0.0.2:0")]
    ca_listen: SocketAddr,
    #[command(flatten)]
    origins: Origins,
    #[command(flatten)]
    rules: Rules,
    /// An officer of the CA approves each renewal; the customer may ask again after so many
    /// seconds.
    #[arg(long, value_name = "SECONDS")]
    approval: Option<u64>,
    /// The first port on which the pages look for an agent.
    #[arg(long, default_value_t = protocol::bridge::FIRST_PORT)]
    first_port: u16,
    /// On how many ports they look.
    #[arg(long, default_value_t = protocol::bridge::PORT_COUNT)]
    port_count: u16,
    /// Mail notices of expiry through this relay, HOST:PORT.
    #[arg(long, value_name = "HOST:PORT", requires = "mail_from")]
    smtp: Option<String>,
    /// Their sender's address.
    #[arg(long, value_name = "ADDRESS", requires = "smtp")]
    mail_from: Option<String>,
}

fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| "reference_bank=info".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = format!("error: {error}");
            let mut cause = std::error::Error::source(&error);
            while let Some(error) = cause {
                text += &format!("\n  caused by: {error}");
                cause = error.source();
            }
            // Nobody is left to tell when stderr is gone.
            let _ = writeln!(io::stderr(), "{text}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), BankError> {
    match command {
        Command::Init(State { state }) => init(&state),
        Command::Issue(issue) => run_issue(&issue),
        Command::Code { state, user } => {
            let code = reference_bank::code(&state.state, &user)?;
            let expires = time::rfc3339(code.expires);
            let text = json!({ "user": user, "code": code.text.as_str(), "expires": expires });
            lines([text.to_string()].into_iter())
        }
        Command::Revoke { state, serial } => reference_bank::revoke(&state.state, &serial),
        Command::Applications(State { state }) => lines(
            reference_bank::applications(&state)?
                .iter()
                .map(|application| describe_application(application).to_string()),
        ),
        Command::Approve(decision) => {
            reference_bank::decide(&decision.state.state, &decision.user, true)
        }
        Command::Refuse(decision) => {
            reference_bank::decide(&decision.state.state, &decision.user, false)
        }
        Command::Certificates { state, user } => {
            let list = reference_bank::certificates(&state.state, user.as_deref())?;
            lines(
                list.iter()
                    .map(|certificate| describe(certificate).to_string()),
            )
        }
        Command::Serve(options) => serve(options),
        Command::Profile {
            state,
            origins,
            rules,
        } => {
            let text = reference_bank::profile(
                &state.state,
                &policy(&rules),
                &origins.bank_origin,
                &origins.ca_origin,
            )?;
            print(&text)
        }
        Command::TlsLog(State { state }) => lines(
            reference_bank::tls_log(&state)?
                .iter()
                .map(|entry| json!(entry).to_string()),
        ),
    }
}

fn init(state: &Path) -> Result<(), BankError> {
    Bank::init(state)?;
    let users: Vec<_> = reference_bank::users(state)?
        .into_iter()
        .map(|user| {
            json!({
                "id": user.id,
                "name": user.name_ja,
                "role": match user.role {
                    Role::Administrator => "administrator",
                    Role::User => "user",
                },
            })
        })
        .collect();
    lines([json!({ "users": users, "password": DEMO_PASSWORD }).to_string()].into_iter())
}

fn run_issue(issue: &Issue) -> Result<(), BankError> {
    let public_key = match (&issue.key.public_key, &issue.key.csr) {
        (Some(path), _) => read(path)?,
        (None, Some(path)) => {
            let bytes = read(path)?;
            let request = match std::str::from_utf8(&bytes) {
                Ok(text) if text.contains("-----BEGIN ") => SignedRequest::from_pem(text),
                _ => SignedRequest::from_der(&bytes),
            };
            request
                .map_err(|_| BankError::Unusable("request"))?
                .spki_der()
                .to_vec()
        }
        (None, None) => return Err(BankError::Unusable("public key")),
    };
    let validity = match (issue.not_before, issue.not_after) {
        (Some(first), Some(last)) => Validity::Exactly {
            not_before: first.as_second(),
            not_after: last.as_second(),
        },
        _ => Validity::Days(issue.days),
    };
    let order = Order {
        user: &issue.user,
        public_key: &public_key,
        validity,
    };
    let issued = reference_bank::issue(&issue.state.state, &order)?;
    fs::write(&issue.out, &issued.der).map_err(|source| BankError::File {
        path: issue.out.clone(),
        source,
    })?;
    lines([describe(&issued).to_string()].into_iter())
}

fn serve(serve: Serve) -> Result<(), BankError> {
    let options = Options {
        bank_listen: serve.bank_listen,
        ca_listen: serve.ca_listen,
        policy: Policy {
            approval: serve.approval,
            ..policy(&serve.rules)
        },
        bank_origin: serve.origins.bank_origin,
        ca_origin: serve.origins.ca_origin,
        first_port: serve.first_port,
        port_count: serve.port_count,
        mail: serve
            .smtp
            .zip(serve.mail_from)
            .map(|(relay, from)| MailOptions { relay, from }),
        ..Options::new(&serve.state.state)
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| BankError::File {
            path: serve.state.state.clone(),
            source,
        })?;
    runtime.block_on(async {
        let running = Bank::start(options).await?;
        let started = json!({
            "bank": { "origin": running.bank_origin, "address": running.bank_address },
            "ca": { "origin": running.ca_origin, "address": running.ca_address },
            "server_ca": running.server_ca,
            "user_ca": running.user_ca,
        });
        lines([started.to_string()].into_iter())?;
        // Ctrl+C or the end of the terminal; every state is on disk already.
        let _ = tokio::signal::ctrl_c().await;
        Ok(())
    })
}

fn policy(rules: &Rules) -> Policy {
    Policy {
        window_days: rules.window_days,
        grace_days: rules.grace_days,
        ..Policy::default()
    }
}

fn describe(certificate: &IssuedCertificate) -> serde_json::Value {
    json!({
        "serial": certificate.serial,
        "user": certificate.user,
        "sha256": certificate.sha256,
        "status": certificate.status.as_str(),
        "reason": certificate.reason,
        "replaces": certificate.replaces,
        "not_before": time::rfc3339(certificate.not_before),
        "not_after": time::rfc3339(certificate.not_after),
    })
}

fn describe_application(application: &Application) -> serde_json::Value {
    json!({
        "user": application.user,
        "request": application.csr_sha256,
        "replaces": application.replaces,
        "status": application.status.as_str(),
        "requested": time::rfc3339(application.requested),
        "decided": application.decided.map(time::rfc3339),
    })
}

fn lines(lines: impl Iterator<Item = String>) -> Result<(), BankError> {
    print(&lines.map(|line| line + "\n").collect::<String>())
}

fn print(text: &str) -> Result<(), BankError> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|source| BankError::File {
            path: "/dev/stdout".into(),
            source,
        })
}

fn read(path: &Path) -> Result<Vec<u8>, BankError> {
    fs::read(path).map_err(|source| BankError::File {
        path: path.to_owned(),
        source,
    })
}

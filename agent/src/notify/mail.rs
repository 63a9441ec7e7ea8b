//! Notices by mail, handed to the company's or the provider's mail server (RFC 5321, 6409).

use std::{
    fs, io,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use jiff::Timestamp;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, SinglePart},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
        extension::ClientId,
    },
};
use thiserror::Error;
use zeroize::Zeroizing;

use super::{Notice, secret};
use crate::language::Texts;

/// How long a mail server may take for a step.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where mails go, and by which server.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The server's host name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// A CA certificate's PEM file that is trusted beside the system's.
    pub authority: Option<PathBuf>,
    /// Whom the mails are from.
    pub from: Address,
    /// Whom they are to; at least one.
    pub to: Vec<Address>,
    /// Who logs in to the server; `None` for a server that wants nobody to.
    pub login: Option<Login>,
}

/// How a connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// By TLS that begins in the clear (RFC 3207); refused where the server has none.
    StartTls,
    /// By TLS from the first byte (RFC 8314).
    Tls,
    /// Not at all: for a server on this PC only.
    None,
}

impl Security {
    /// The words for it in the settings.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("starttls", Self::StartTls),
        ("tls", Self::Tls),
        ("none", Self::None),
    ];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::StartTls => "starttls",
            Self::Tls => "tls",
            Self::None => "none",
        }
    }

    /// The port that is usual for it.
    #[must_use]
    pub fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// Who logs in to the mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The user's name.
    pub user: String,
    /// Where the password is.
    pub password: Password,
}

/// Where the mail password is. It is read when a mail is sent, and not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Password {
    /// On the first line of a file that is its owner's alone.
    File(PathBuf),
    /// In the desktop's secret service.
    SecretService,
}

/// Why a mail was not sent.
#[derive(Debug, Error)]
pub enum MailError {
    /// The password's file cannot be read.
    #[error("could not read the mail password from {}", path.display())]
    PasswordFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others may read the password's file.
    #[error("others may read the mail password in {}", path.display())]
    PasswordOpen {
        /// The file.
        path: PathBuf,
    },
    /// The secret service has no password, or does not give it.
    #[error("could not get the mail password from the secret service")]
    Secret(#[from] secret::SecretError),
    /// The CA's file cannot be read.
    #[error("could not read the mail server's CA from {}", path.display())]
    Authority {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The mail could not be written.
    #[error("could not write the mail")]
    Write(#[from] lettre::error::Error),
    /// The server could not be reached, or refused.
    #[error("the mail server did not take the mail")]
    Send(#[from] lettre::transport::smtp::Error),
}

/// Sends a notice to everybody it is for.
///
/// # Errors
/// [`MailError`]; nobody got it then, as far as the server says.
pub async fn send(
    settings: &MailSettings,
    notice: &Notice,
    texts: &Texts,
    now: Timestamp,
) -> Result<(), MailError> {
    let message = message(settings, notice, texts, now)?;
    let mut transport =
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.host.clone())
            .port(settings.port)
            .tls(tls(settings)?)
            .timeout(Some(PATIENCE));
    if settings.security == Security::None {
        // A name of this PC is no business of a server's that was not asked to keep it secret.
        transport = transport.hello_name(ClientId::Domain("localhost".to_owned()));
    }
    if let Some(login) = &settings.login {
        let password = password(login, &settings.host).await?;
        let credentials = Credentials::new(login.user.clone(), password.as_str().to_owned());
        transport = transport.credentials(credentials);
    }
    transport.build().send(message).await?;
    Ok(())
}

fn message(
    settings: &MailSettings,
    notice: &Notice,
    texts: &Texts,
    now: Timestamp,
) -> Result<Message, lettre::error::Error> {
    let own = settings.from.clone();
    let sender = Mailbox::new(Some("Koshin".to_owned()), own);
    let mut builder = Message::builder()
        .from(sender)
        .subject(notice.subject(texts))
        .message_id(Some(message_id(settings, notice)))
        .date(SystemTime::from(now));
    for address in &settings.to {
        builder = builder.to(Mailbox::new(None, address.clone()));
    }
    // RFC 3834: no automatic answer to this, please.
    builder = builder.header(AutoSubmitted);
    builder.singlepart(SinglePart::plain(notice.letter(texts)))
}

/// The same for the same notice, so that one that is sent twice is taken for one.
fn message_id(settings: &MailSettings, notice: &Notice) -> String {
    let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
    for (certificate, stage) in &notice.marks {
        digest.update(certificate.as_bytes());
        digest.update(stage.as_bytes());
    }
    let digest = digest.finish();
    let name: String = digest.as_ref()[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("<{name}@{}>", settings.from.domain())
}

fn tls(settings: &MailSettings) -> Result<Tls, MailError> {
    let parameters = || {
        let mut builder = TlsParameters::builder(settings.host.clone());
        if let Some(path) = &settings.authority {
            let failed = |source: Box<dyn std::error::Error + Send + Sync>| MailError::Authority {
                path: path.clone(),
                source,
            };
            let pem = fs::read(path).map_err(|error| failed(error.into()))?;
            let certificate = Certificate::from_pem(&pem).map_err(|error| failed(error.into()))?;
            builder = builder.add_root_certificate(certificate);
        }
        Ok::<_, MailError>(builder.build_rustls()?)
    };
    Ok(match settings.security {
        Security::StartTls => Tls::Required(parameters()?),
        Security::Tls => Tls::Wrapper(parameters()?),
        Security::None => Tls::None,
    })
}

async fn password(login: &Login, host: &str) -> Result<Zeroizing<String>, MailError> {
    match &login.password {
        Password::File(path) => read_password(path),
        Password::SecretService => Ok(secret::look_up(host, &login.user).await?),
    }
}

fn read_password(path: &std::path::Path) -> Result<Zeroizing<String>, MailError> {
    use std::os::unix::fs::MetadataExt as _;
    let failed = |source| MailError::PasswordFile {
        path: path.to_owned(),
        source,
    };
    let file = fs::File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.mode() & 0o077 != 0 {
        return Err(MailError::PasswordOpen {
            path: path.to_owned(),
        });
    }
    let text = Zeroizing::new(io::read_to_string(file).map_err(failed)?);
    Ok(Zeroizing::new(
        text.lines().next().unwrap_or_default().to_owned(),
    ))
}

/// RFC 3834, section 5.
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

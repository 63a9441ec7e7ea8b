//! The worker process: one module, one thread that uses it, one listing or one lease.
//!
//! `koshin worker` is [`run_inherited`] and nothing else. The channel is what the process got
//! as its standard input; it is moved away before the module is loaded, so that neither the
//! module nor a program that it starts can read from it or write to it.

use std::{
    fs::File,
    io::{self, Write},
    os::{fd::AsFd, unix::net::UnixStream},
    process::ExitCode,
    thread,
    time::Duration,
};

use cryptoki::{session::Session, types::RawAuthPin};
use rustix::{
    event::{PollFd, PollFlags, poll},
    fs::FileType,
    process::{DumpableBehavior, Resource, Rlimit, Signal},
};
use zeroize::Zeroizing;

use crate::{
    CertificateEntry, Inventory, KeyEntry, KeyType, TokenError, certs,
    frame::{self, Frame, Kind},
    halves,
    inventory::Showing,
    keys,
    message::{Answer, Request},
    module::{Loaded, Module},
    object::Access,
    session::OpenToken,
    sign, token,
};

/// Serves as a worker on the channel that the agent handed over as standard input.
///
/// Answers 2 where standard input isn't such a channel: a person ran the hidden command.
#[must_use]
pub fn run_inherited() -> ExitCode {
    match take_channel() {
        Ok(Some(channel)) => run(channel),
        Ok(None) => ExitCode::from(2),
        Err(_) => ExitCode::from(3),
    }
}

/// Serves requests until the channel closes or the lease ends. Blocks; loads the module into
/// this process.
///
/// A process serves once: the module that it loaded stays.
#[must_use]
pub fn run(channel: UnixStream) -> ExitCode {
    harden();
    if end_with(&channel).is_err() {
        return ExitCode::from(3);
    }
    match (Worker {
        channel,
        state: State::Empty,
    })
    .serve()
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(3),
    }
}

/// Moves the channel away from standard input; `None` if that isn't a socket.
fn take_channel() -> io::Result<Option<UnixStream>> {
    let stdin = io::stdin();
    let status = rustix::fs::fstat(&stdin)?;
    if FileType::from_raw_mode(status.st_mode) != FileType::Socket {
        return Ok(None);
    }
    // The copy is closed on exec, so nothing that the module starts inherits it.
    let channel = stdin.as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(Some(channel.into()))
}

/// The memory that a module may ask for, in bytes: far more than any needs.
const MOST_MEMORY: u64 = 2 << 30;

/// The PIN passes through this process: no core dump, no reading by other processes. Failure
/// leaves the process as it would be anyhow.
fn harden() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = rustix::process::setrlimit(Resource::Core, none);
    // A module that leaks, or finds objects without end, ends itself and not the PC.
    let memory = Rlimit {
        current: Some(MOST_MEMORY),
        maximum: Some(MOST_MEMORY),
    };
    let _ = rustix::process::setrlimit(Resource::Data, memory);
    let _ = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// How long a call that is under way when the agent goes away may go on.
const LAST_CALL: Duration = Duration::from_secs(3);

/// Has the process end when the agent goes away, even while the module hangs. A call that is under
/// way gets a moment to come to its end, because one that is cut off can leave half an object, or
/// no token at all (SoftHSM2 writes the token's own file anew at each login); the channel's end
/// is then found by whoever reads it next. A killed agent can't end its workers, and the signal that Linux sends at a parent's death goes by
/// the thread that started the child, which in the agent may end long before the agent does.
fn end_with(channel: &UnixStream) -> io::Result<()> {
    let channel = channel.try_clone()?;
    thread::Builder::new().spawn(move || {
        // Waiting for nothing still reports a hang-up.
        let mut hung_up = [PollFd::new(&channel, PollFlags::empty())];
        while poll(&mut hung_up, None).is_err() {}
        thread::sleep(LAST_CALL);
        // Killed, not exited: exiting would run the module's clean-up beside its own thread.
        let _ = rustix::process::kill_process(rustix::process::getpid(), Signal::KILL);
    })?;
    Ok(())
}

struct Worker {
    channel: UnixStream,
    state: State,
}

enum State {
    Empty,
    Loaded(Loaded),
    /// The module is initialised.
    Ready(Module),
    Open(Module, Box<OpenToken>),
}

impl Worker {
    /// An error means that the channel can't be used any more.
    fn serve(mut self) -> io::Result<()> {
        while let Some(frame) = frame::read(&self.channel)? {
            let closing = match self.dispatch(frame)? {
                Ok(closing) => closing,
                Err(error) => {
                    self.answer(&Answer::Failed(error))?;
                    false
                }
            };
            if closing {
                break;
            }
        }
        if let State::Ready(module) | State::Open(module, _) = self.state {
            // Cards want it; some modules crash in it, when all that mattered is done.
            let _ = module.finalize();
        }
        Ok(())
    }

    /// Performs a request and answers it; whether it was the last. The outer error is the
    /// channel's, the inner one the token's, not yet answered.
    fn dispatch(&mut self, frame: Frame) -> io::Result<Result<bool, TokenError>> {
        let request = match frame.kind {
            Kind::Pin => return self.login(frame.body),
            Kind::Request => frame.message::<Request>(),
            Kind::Answer => None,
        };
        let Some(request) = request else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        if matches!(request, Request::List | Request::Tokens | Request::Open(_))
            && let Err(error) = self.make_ready()
        {
            return Ok(Err(error));
        }
        match (request, &mut self.state) {
            (Request::Load(spec), State::Empty) => match Module::load(&spec) {
                Ok(module) => self.state = State::Loaded(module),
                Err(error) => return Ok(Err(error)),
            },
            (Request::List, State::Ready(module)) => {
                let module = module.clone();
                return self.list(&module, What::Objects);
            }
            (Request::Tokens, State::Ready(module)) => {
                let module = module.clone();
                return self.list(&module, What::KeyTypes);
            }
            (Request::Open(uri), State::Ready(module)) => match OpenToken::open(module, &uri) {
                Ok(token) => {
                    let info = token.info().clone();
                    self.state = State::Open(module.clone(), Box::new(token));
                    return self.reply(Answer::Token(info));
                }
                Err(error) => return Ok(Err(error)),
            },
            (Request::Close, _) => return self.close(),
            (request, State::Open(_, token)) => match perform(token, request) {
                Some(Ok(Reply::Done)) => {}
                Some(Ok(Reply::Bytes(bytes))) => return self.reply(Answer::Bytes(bytes)),
                Some(Ok(Reply::KeyType(found))) => return self.reply(Answer::KeyType(found)),
                Some(Ok(Reply::Inventory(inventory))) => self.stream(inventory)?,
                Some(Err(error)) => return Ok(Err(error)),
                None => return Err(io::ErrorKind::InvalidData.into()),
            },
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
        self.reply(Answer::Done)
    }

    /// Initialises the module at the first request that needs it: a worker may have been started
    /// well before.
    fn make_ready(&mut self) -> Result<(), TokenError> {
        match std::mem::replace(&mut self.state, State::Empty) {
            State::Loaded(loaded) => self.state = State::Ready(loaded.initialize()?),
            other => self.state = other,
        }
        Ok(())
    }

    fn login(&mut self, mut pin: Zeroizing<Vec<u8>>) -> io::Result<Result<bool, TokenError>> {
        let State::Open(_, token) = &mut self.state else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        // Moved, not copied, from one wiped container to another.
        let pin = RawAuthPin::new(Box::new(std::mem::take(&mut *pin)));
        match token.login(Some(&pin)) {
            Ok(()) => self.reply(Answer::Done),
            Err(error) => Ok(Err(error)),
        }
    }

    fn close(&mut self) -> io::Result<Result<bool, TokenError>> {
        match std::mem::replace(&mut self.state, State::Empty) {
            State::Open(module, token) => {
                self.state = State::Ready(module);
                if let Err(error) = token.close() {
                    self.answer(&Answer::Failed(error))?;
                    return Ok(Ok(true));
                }
            }
            other => self.state = other,
        }
        self.answer(&Answer::Done)?;
        Ok(Ok(true))
    }

    fn list(&mut self, module: &Module, what: What) -> io::Result<Result<bool, TokenError>> {
        let slots = match module.slots() {
            Ok(slots) => slots,
            Err(error) => return Ok(Err(error)),
        };
        let mut listed = 0;
        let mut trouble = None;
        for slot in slots {
            let mut info = match token::read(module, slot) {
                Ok(present) => present.info,
                // Taken out since the slots were listed.
                Err(TokenError::TokenRemoved) => continue,
                Err(error) => {
                    trouble = Some(error);
                    continue;
                }
            };
            listed += 1;
            let (initialized, required) = (info.initialized, info.pin.required);
            if initialized && what == What::KeyTypes {
                info.key_types = token::key_types(module, slot, &module.mechanisms(slot));
            }
            self.answer(&Answer::Token(info))?;
            if !initialized || what == What::KeyTypes {
                continue;
            }
            let shown = module
                .open_ro_session(slot)
                .map_err(TokenError::from)
                .and_then(|session| self.show(module, &session, required));
            match shown {
                Ok(streamed) => streamed?,
                Err(error) => self.answer(&Answer::Unreadable(error))?,
            }
        }
        match trouble {
            // Where there is a token to show, another slot's trouble stands back.
            Some(error) if listed == 0 => Ok(Err(error)),
            _ => self.reply(Answer::Done),
        }
    }

    /// Streams what a token shows without a login. The outer error is the token's, the inner one
    /// the channel's.
    fn show(
        &mut self,
        module: &Module,
        session: &Session,
        login_required: bool,
    ) -> Result<io::Result<()>, TokenError> {
        let access = Access { module, session };
        if !login_required {
            // All of its keys are there to be seen.
            let inventory = Inventory::read(&access, true)?;
            return Ok(self.stream(inventory));
        }
        let showing = Showing::begin(access)?;
        Ok(self.stream_showing(&showing))
    }

    /// Sends certificates as they are read, so that the agent looks at some while this reads
    /// others.
    fn stream_showing(&mut self, showing: &Showing<'_>) -> io::Result<()> {
        self.stream(Inventory {
            public_keys: showing.public_keys.clone(),
            ..Inventory::default()
        })?;
        let mut certificates = showing.certificates();
        loop {
            let part: Vec<_> = certificates.by_ref().take(AT_A_TIME).collect();
            if part.is_empty() {
                return Ok(());
            }
            self.stream(Inventory {
                certificates: part,
                ..Inventory::default()
            })?;
        }
    }

    fn stream(&mut self, inventory: Inventory) -> io::Result<()> {
        let weight = |certificate: &CertificateEntry| {
            certificate.der.len() + certificate.id.len() + certificate.label.len() + 16
        };
        for part in parts(inventory.certificates, weight) {
            self.answer(&Answer::Certificates(part))?;
        }
        let weight = |key: &KeyEntry| {
            key.id.len() + key.label.len() + key.spki.as_ref().map_or(0, Vec::len) + 24
        };
        for part in parts(inventory.public_keys, weight) {
            self.answer(&Answer::PublicKeys(part))?;
        }
        for part in parts(inventory.private_keys, weight) {
            self.answer(&Answer::PrivateKeys(part))?;
        }
        Ok(())
    }

    fn reply(&mut self, answer: Answer) -> io::Result<Result<bool, TokenError>> {
        self.answer(&answer)?;
        Ok(Ok(false))
    }

    fn answer(&mut self, answer: &Answer) -> io::Result<()> {
        self.channel
            .write_all(&frame::encode(Kind::Answer, answer)?)
    }
}

/// Certificates that are read before they are sent.
const AT_A_TIME: usize = 64;

/// What a listing is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Objects,
    KeyTypes,
}

enum Reply {
    Done,
    Bytes(Vec<u8>),
    KeyType(Option<KeyType>),
    Inventory(Inventory),
}

/// Performs a request on the open token; `None` if it isn't one for an open token.
fn perform(token: &mut OpenToken, request: Request) -> Option<Result<Reply, TokenError>> {
    let done = |result: Result<(), TokenError>| result.map(|()| Reply::Done);
    let about_private_keys = matches!(
        request,
        Request::Generate(_)
            | Request::Sign { .. }
            | Request::SignByCertificate { .. }
            | Request::WriteCertificate { .. }
            | Request::RelabelPair { .. }
            | Request::RemovePair { .. }
            | Request::RemoveById(_)
            | Request::RemoveHalves(_)
    );
    // Most modules show no private keys before a login, and say no word about it: a key would
    // seem to be gone.
    if about_private_keys && !token.shows_private_keys() {
        return Some(Err(TokenError::LoginRequired));
    }
    let reply = match request {
        Request::LoginOnReader => done(token.login(None)),
        Request::Inventory => token.inventory().map(Reply::Inventory),
        Request::Certificates => token.certificates().map(Reply::Inventory),
        Request::Generate(key) => keys::generate(token, &key).map(Reply::Bytes),
        Request::Sign { spki, message } => sign::sign(token, &spki, &message).map(Reply::Bytes),
        Request::SignByCertificate {
            certificate,
            message,
        } => sign::sign_by_certificate(token, &certificate, &message).map(Reply::Bytes),
        Request::FirstMakeable(wanted) => Ok(Reply::KeyType(token.first_makeable(&wanted))),
        Request::WriteCertificate {
            certificate,
            spki,
            id,
            label,
        } => done(certs::write(token, &certificate, &spki, &id, &label)),
        Request::RelabelPair { spki, known, label } => {
            done(keys::relabel_pair(token, &spki, &known, &label))
        }
        Request::RemoveCertificate(sha256) => done(certs::remove(token, &sha256)),
        Request::RemovePair { spki } => done(keys::remove_pair(token, &spki)),
        Request::RemoveById(id) => done(keys::remove_by_id(token, &id)),
        Request::RemoveHalves(which) => done(halves::remove(token, &which)),
        Request::Load(_) | Request::List | Request::Tokens | Request::Open(_) | Request::Close => {
            return None;
        }
    };
    Some(reply)
}

/// Splits entries into parts that fit into a frame each. An entry that wouldn't fit even alone
/// is left out: nothing that we could use is that long.
fn parts<T>(entries: Vec<T>, weight: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    const FULL: usize = 256 << 10;
    let mut parts = Vec::new();
    let mut part = Vec::new();
    let mut filled = 0;
    for entry in entries {
        let weight = weight(&entry);
        if weight > FULL {
            tracing::warn!(bytes = weight, "an object is too long to be listed");
            continue;
        }
        if filled + weight > FULL {
            parts.push(std::mem::take(&mut part));
            filled = 0;
        }
        filled += weight;
        part.push(entry);
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

//! The agent's side of a worker: starting it, asking it within a time limit, ending it.

use std::{
    collections::HashMap,
    convert::Infallible,
    ffi::OsString,
    fs::File,
    io::{self, Write as _},
    os::{fd::OwnedFd, unix::net::UnixStream as Pair},
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rustix::process::{Pid, Signal};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    process::{Child, ChildStderr, Command},
    sync::{mpsc, oneshot},
    task::{JoinHandle, JoinSet},
    time::timeout,
};

use crate::{
    CertificateEntry, Inventory, ModuleSpec, Pin, TokenError, TokenInfo,
    frame::{self, Kind},
    limits,
    message::{Answer, Request},
};

/// How a worker process is started: a program that calls
/// [`worker::run_inherited`](crate::worker::run_inherited), e.g. `koshin worker`.
#[derive(Clone, Debug)]
pub struct WorkerLauncher {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

/// What a module has, or why it can't be asked.
#[derive(Debug)]
pub struct ModuleListing {
    /// The module's name.
    pub module: String,
    /// Its tokens, those that aren't initialised included.
    pub tokens: Result<Vec<TokenListing>, TokenError>,
}

/// What a token shows without a login.
#[derive(Debug)]
pub struct TokenListing {
    /// The token.
    pub token: TokenInfo,
    /// Its objects; what could be read of them, where there is a problem.
    pub inventory: Inventory,
    /// Why its objects could not be read.
    pub problem: Option<TokenError>,
}

/// Lists what all tokens of all modules show without a login, each module in a fresh worker
/// process, all at once. The listings are in the order of the modules.
pub async fn list(launcher: &WorkerLauncher, modules: &[ModuleSpec]) -> Vec<ModuleListing> {
    list_each(launcher, modules, |_, _, _| {}).await
}

/// As [`list`], and shows each certificate as soon as it is known, with the name of its module and
/// its token: a module takes its time over thousands of them, in which they can be looked at.
pub async fn list_each(
    launcher: &WorkerLauncher,
    modules: &[ModuleSpec],
    each: impl FnMut(&str, &TokenInfo, &CertificateEntry),
) -> Vec<ModuleListing> {
    list_all(launcher, modules, &Request::List, each).await
}

/// As [`list`], without the tokens' objects, but with the types of keys that they can make.
pub async fn tokens(launcher: &WorkerLauncher, modules: &[ModuleSpec]) -> Vec<ModuleListing> {
    list_all(launcher, modules, &Request::Tokens, |_, _, _| {}).await
}

async fn list_all(
    launcher: &WorkerLauncher,
    modules: &[ModuleSpec],
    request: &'static Request,
    mut each: impl FnMut(&str, &TokenInfo, &CertificateEntry),
) -> Vec<ModuleListing> {
    let (certificates, mut parts) = mpsc::unbounded_channel();
    let mut running = JoinSet::new();
    for (index, module) in modules.iter().cloned().enumerate() {
        let launcher = launcher.clone();
        let certificates = certificates.clone();
        running.spawn(async move {
            let give = |token: usize, info: &TokenInfo, part: Vec<CertificateEntry>| {
                // Nobody listens any more where nobody waits for the listing.
                let _ = certificates.send(Part {
                    place: (index, token),
                    info: info.clone(),
                    certificates: part,
                });
            };
            let listing = list_module(&launcher, &module, request, give).await;
            (index, listing)
        });
    }
    drop(certificates);
    let mut found: HashMap<(usize, usize), Vec<CertificateEntry>> = HashMap::new();
    while let Some(mut part) = parts.recv().await {
        let (module, _) = part.place;
        for entry in &part.certificates {
            each(&modules[module].name, &part.info, entry);
        }
        let found = found.entry(part.place).or_default();
        found.append(&mut part.certificates);
    }
    let mut listings: Vec<_> = modules
        .iter()
        .map(|module| ModuleListing {
            module: module.name.clone(),
            tokens: Err(TokenError::WorkerCrashed),
        })
        .collect();
    while let Some(done) = running.join_next().await {
        let Ok((module, mut tokens)) = done else {
            continue;
        };
        for (token, listing) in tokens.iter_mut().flatten().enumerate() {
            let certificates = found.remove(&(module, token));
            listing.inventory.certificates = certificates.unwrap_or_default();
        }
        listings[module].tokens = tokens;
    }
    listings
}

/// Certificates of a token that is being listed.
struct Part {
    /// The positions of the module and of the token in it.
    place: (usize, usize),
    info: TokenInfo,
    certificates: Vec<CertificateEntry>,
}

/// The limit of ending in good order, after which the worker is killed.
const ENDING: Duration = Duration::from_secs(5);
/// The bytes of parts after which a listing is nonsense: 64 MiB.
const LONGEST_LISTING: usize = 64 << 20;
/// What each part counts for, so that even empty ones come to an end.
const PART: usize = 256;

/// A running worker with its module loaded. Dropping it kills the worker.
///
/// A call that fails in the channel, or is abandoned, kills it too: an answer that came late
/// would be taken for that of the next call.
pub(crate) struct Client {
    running: Option<Running>,
    /// The limit of an operation that does one thing.
    limit: Duration,
}

impl Client {
    /// Starts a worker and has it load the module.
    pub(crate) async fn start(
        launcher: &WorkerLauncher,
        module: &ModuleSpec,
    ) -> Result<Self, TokenError> {
        Spare::start(launcher, module)?.loaded().await
    }

    /// Has a lock held until the worker's process is gone.
    pub(crate) fn hold(&self, lock: File) {
        if let Some(running) = &self.running {
            *slot(&running.lock) = Some(lock);
        }
    }

    /// The worker's process id, while it runs.
    pub(crate) fn process_id(&self) -> Option<u32> {
        self.running.as_ref()?.process_id
    }

    /// Asks for something that is answered by "done".
    pub(crate) async fn done(&mut self, request: &Request) -> Result<(), TokenError> {
        match self.ask(request).await? {
            Answer::Done => Ok(()),
            _ => Err(self.nonsense()),
        }
    }

    /// Asks for something that has one answer.
    pub(crate) async fn ask(&mut self, request: &Request) -> Result<Answer, TokenError> {
        let (call, limit) = limits::describe(request, self.limit);
        let frame = encode(request)?;
        self.exchange(call, limit, async |running| {
            running.channel.write_all(&frame).await?;
            running.answer().await
        })
        .await
    }

    /// Logs in with a PIN.
    pub(crate) async fn login(&mut self, pin: &Pin) -> Result<(), TokenError> {
        let frame = pin.to_frame();
        let answer = self
            .exchange("a login", self.limit, async |running| {
                running.private.store(true, Ordering::Relaxed);
                running.channel.write_all(&frame).await?;
                running.answer().await
            })
            .await?;
        match answer {
            Answer::Done => Ok(()),
            _ => Err(self.nonsense()),
        }
    }

    /// Asks for the objects of the open token.
    pub(crate) async fn inventory(&mut self) -> Result<Inventory, TokenError> {
        self.stream(&Request::Inventory).await
    }

    /// Asks for the certificates of the open token, and for nothing else of it.
    pub(crate) async fn certificates(&mut self) -> Result<Vec<CertificateEntry>, TokenError> {
        let inventory = self.stream(&Request::Certificates).await?;
        Ok(inventory.certificates)
    }

    async fn stream(&mut self, request: &Request) -> Result<Inventory, TokenError> {
        let mut inventory = Inventory::default();
        let mut answer = self.ask(request).await?;
        let mut received = 0;
        while !matches!(answer, Answer::Done) {
            received = self.add(&mut inventory, answer, received)?;
            answer = self.next_part().await?;
        }
        Ok(inventory)
    }

    /// Ends the worker in good order: it has logged out when this returns, and its process ends by
    /// itself, or is killed when it does not.
    pub(crate) async fn close(mut self) -> Result<(), TokenError> {
        let closed = self.done(&Request::Close).await;
        if let Some(mut running) = self.running.take() {
            tokio::spawn(async move {
                // The module is being unloaded. What it does there, crash included, is its own
                // affair, and nobody waits for it but the next lease: the lock is held.
                if timeout(ENDING, &mut running.process).await.is_err() {
                    running.stop().await;
                }
            });
        }
        closed
    }

    /// Asks for all tokens; `give` takes their certificates as they come, with the token's
    /// position.
    async fn list(
        &mut self,
        request: &Request,
        mut give: impl FnMut(usize, &TokenInfo, Vec<CertificateEntry>),
    ) -> Result<Vec<TokenListing>, TokenError> {
        let mut tokens: Vec<TokenListing> = Vec::new();
        let mut answer = self.ask(request).await?;
        let mut received = 0;
        loop {
            let position = tokens.len().saturating_sub(1);
            answer = match (answer, tokens.last_mut()) {
                (Answer::Done, _) => return Ok(tokens),
                (Answer::Token(token), _) => {
                    tokens.push(TokenListing {
                        token,
                        inventory: Inventory::default(),
                        problem: None,
                    });
                    received = count(received, PART).ok_or_else(|| self.nonsense())?;
                    self.next_part().await?
                }
                (Answer::Unreadable(error), Some(token)) => {
                    token.problem = Some(error);
                    received = count(received, PART).ok_or_else(|| self.nonsense())?;
                    self.next_part().await?
                }
                (part, Some(token)) => {
                    received = self.add(&mut token.inventory, part, received)?;
                    let certificates = std::mem::take(&mut token.inventory.certificates);
                    if !certificates.is_empty() {
                        give(position, &token.token, certificates);
                    }
                    self.next_part().await?
                }
                (_, None) => return Err(self.nonsense()),
            };
        }
    }

    async fn next_part(&mut self) -> Result<Answer, TokenError> {
        self.exchange(
            "a listing",
            limits::of_listing(self.limit),
            async |running| running.answer().await,
        )
        .await
    }

    /// Adds a part to an inventory; the bytes received with it.
    fn add(
        &mut self,
        inventory: &mut Inventory,
        part: Answer,
        received: usize,
    ) -> Result<usize, TokenError> {
        let size = match part {
            Answer::Certificates(mut part) => {
                let size = part.iter().map(|entry| entry.der.len() + 128).sum();
                inventory.certificates.append(&mut part);
                Some(size)
            }
            Answer::PublicKeys(mut part) => {
                let size = part.len() * 1024;
                inventory.public_keys.append(&mut part);
                Some(size)
            }
            Answer::PrivateKeys(mut part) => {
                let size = part.len() * 1024;
                inventory.private_keys.append(&mut part);
                Some(size)
            }
            Answer::Done
            | Answer::Token(_)
            | Answer::Unreadable(_)
            | Answer::KeyType(_)
            | Answer::Bytes(_)
            | Answer::Failed(_) => None,
        };
        size.and_then(|size| count(received, size + PART))
            .ok_or_else(|| self.nonsense())
    }

    /// Ends the worker because of what it answered.
    pub(crate) fn nonsense(&mut self) -> TokenError {
        self.running = None;
        TokenError::WorkerNonsense
    }

    /// Exchanges frames within a limit. The worker is out of `self` meanwhile, so that it is
    /// gone if the caller gives up in between.
    async fn exchange<E>(
        &mut self,
        call: &'static str,
        limit: Duration,
        exchange: E,
    ) -> Result<Answer, TokenError>
    where
        E: AsyncFnOnce(&mut Running) -> io::Result<Answer>,
    {
        let mut running = self.running.take().ok_or(TokenError::WorkerCrashed)?;
        match timeout(limit, exchange(&mut running)).await {
            Ok(Ok(answer)) => {
                self.running = Some(running);
                match answer {
                    Answer::Failed(error) => Err(error),
                    answer => Ok(answer),
                }
            }
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                tracing::warn!(%error, "a worker answers nonsense");
                Err(TokenError::WorkerNonsense)
            }
            Ok(Err(error)) => {
                let status = timeout(ENDING, &mut running.process).await;
                tracing::warn!(%error, ?status, call, "a worker ended unexpectedly");
                Err(TokenError::WorkerCrashed)
            }
            Err(_) => {
                tracing::warn!(
                    call,
                    seconds = limit.as_secs(),
                    "a worker did not answer in time"
                );
                Err(TokenError::WorkerTimedOut {
                    call: call.to_owned(),
                })
            }
        }
    }
}

/// A worker that was started ahead of its work: it loads the module, and neither initialises it
/// nor looks at a token before it gets its work. Dropping it kills it.
pub struct Spare {
    client: Client,
    module: ModuleSpec,
}

impl Spare {
    /// Starts a worker, and waits for nothing.
    ///
    /// # Errors
    /// [`TokenError::WorkerStart`].
    pub fn start(launcher: &WorkerLauncher, module: &ModuleSpec) -> Result<Self, TokenError> {
        let load = encode(&Request::Load(module.clone()))?;
        let running = Running::start(launcher, module, &load).map_err(TokenError::WorkerStart)?;
        Ok(Self {
            client: Client {
                running: Some(running),
                limit: module.time_limit,
            },
            module: module.clone(),
        })
    }

    /// The worker's process id.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.client.process_id()
    }

    /// Whether it is one for this module.
    pub(crate) fn is_for(&self, module: &ModuleSpec) -> bool {
        self.module == *module
    }

    /// The worker, once the module is loaded.
    pub(crate) async fn loaded(mut self) -> Result<Client, TokenError> {
        let (call, limit) = limits::describe(&Request::Load(self.module), self.client.limit);
        let answer = self
            .client
            .exchange(call, limit, async |running| running.answer().await);
        match answer.await? {
            Answer::Done => Ok(self.client),
            _ => Err(self.client.nonsense()),
        }
    }
}

async fn list_module(
    launcher: &WorkerLauncher,
    module: &ModuleSpec,
    request: &Request,
    give: impl FnMut(usize, &TokenInfo, Vec<CertificateEntry>),
) -> Result<Vec<TokenListing>, TokenError> {
    let mut client = Client::start(launcher, module).await?;
    let tokens = client.list(request, give).await?;
    // Nothing was changed, so nobody need wait for the end, nor hear of a failure in it.
    let module = module.name.clone();
    tokio::spawn(async move {
        if let Err(error) = client.close().await {
            tracing::debug!(module, %error, "a worker did not close");
        }
    });
    Ok(tokens)
}

fn encode(request: &Request) -> Result<Vec<u8>, TokenError> {
    frame::encode(Kind::Request, request).map_err(|_| TokenError::Unsuitable {
        what: "an input of more than 1 MiB".to_owned(),
    })
}

fn count(received: usize, more: usize) -> Option<usize> {
    let received = received.saturating_add(more);
    (received <= LONGEST_LISTING).then_some(received)
}

struct Running {
    channel: UnixStream,
    process_id: Option<u32>,
    /// Set once a PIN has been sent.
    private: Arc<AtomicBool>,
    /// Let go once the process is gone.
    lock: Arc<Mutex<Option<File>>>,
    /// Kills the process when dropped, which is before `process` is.
    _stop: oneshot::Sender<Infallible>,
    process: JoinHandle<Option<ExitStatus>>,
}

impl Running {
    /// The worker gets its end of the channel as standard input: the one descriptor that the
    /// standard library hands over safely, without a moment in which another child might
    /// inherit it. The first frame is on its way when this returns.
    fn start(launcher: &WorkerLauncher, module: &ModuleSpec, first: &[u8]) -> io::Result<Self> {
        let (mut ours, theirs) = Pair::pair()?;
        ours.set_nonblocking(true)?;
        // It fits into the socket's buffer, so nobody need read it yet.
        ours.write_all(first)?;
        let mut child = Command::new(&launcher.program)
            .args(&launcher.arguments)
            .envs(&module.environment)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // A Ctrl-C on the agent's terminal is the agent's to handle.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let private = Arc::new(AtomicBool::new(false));
        if let Some(stderr) = child.stderr.take() {
            let module = module.name.clone();
            tokio::spawn(listen(stderr, module, Arc::clone(&private)));
        }
        let (stop, stopped) = oneshot::channel();
        let lock = Arc::default();
        Ok(Self {
            channel: UnixStream::from_std(ours)?,
            process_id: child.id(),
            private,
            process: tokio::spawn(attend(child, stopped, Arc::clone(&lock))),
            lock,
            _stop: stop,
        })
    }

    async fn answer(&mut self) -> io::Result<Answer> {
        let frame = frame::receive(&mut self.channel).await?;
        let answer = match frame.kind {
            Kind::Answer => frame.message(),
            Kind::Request | Kind::Pin => None,
        };
        answer.ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// Kills the worker and waits until it is gone.
    async fn stop(self) {
        let Self { _stop, process, .. } = self;
        drop(_stop);
        let _ = process.await;
    }
}

/// Waits for the worker's end, or kills it with whatever its module has started. The lock is
/// let go once the process is gone, and not before: a killed one may still be writing.
async fn attend(
    mut child: Child,
    stopped: oneshot::Receiver<Infallible>,
    lock: Arc<Mutex<Option<File>>>,
) -> Option<ExitStatus> {
    let group = child
        .id()
        .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    let status = tokio::select! {
        status = child.wait() => status,
        _ = stopped => {
            if let Some(group) = group {
                let _ = rustix::process::kill_process_group(group, Signal::KILL);
            }
            child.wait().await
        }
    };
    slot(&lock).take();
    status.ok()
}

fn slot(lock: &Mutex<Option<File>>) -> MutexGuard<'_, Option<File>> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Logs what a worker's module prints, up to a bound; what comes after it is read and thrown
/// away, so that the module doesn't block. So is all that comes after a PIN: a module that
/// was told to be talkative prints what it sends to the card.
async fn listen(mut stderr: ChildStderr, module: String, private: Arc<AtomicBool>) {
    const LOGGED: usize = 16 << 10;
    let mut logged = 0;
    let mut buffer = [0; 2048];
    while let Ok(length @ 1..) = stderr.read(&mut buffer).await {
        if logged < LOGGED && !private.load(Ordering::Relaxed) {
            logged += length;
            let text = String::from_utf8_lossy(&buffer[..length]);
            tracing::debug!(module, text = ?text.trim_end(), "a module printed");
        }
    }
}

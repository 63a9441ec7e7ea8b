//! The agent as a whole: what it opens when it starts, in which order, and when it ends.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use pkcs11_bridge::{ModuleSpec, WorkerLauncher, discovery};
use thiserror::Error;
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    bridge::{Activity, BindError, Limits, Server},
    clock::{Clock as _, SystemClock},
    config::{Config, LanguageSetting},
    control::{self, AgentLock, LockError, OneShot, Socket, SocketError},
    dashboard::Dashboard,
    driver::{Renewals, Setup},
    journal::{Journal, JournalError},
    language::{Language, Texts},
    os::{
        self,
        folders::{self, FolderError},
        process::keep_memory_private,
    },
    profile::{Current, Profiles},
    prompt::Prompter,
    watch::{Channels, Keeper, Watch},
};

/// How long a one-shot agent stays after its last connection and its last piece of work.
const LINGER: Duration = Duration::from_millis(200);

/// How long an agent that ends may keep the lock: its connections get two seconds.
const ENDING: Duration = Duration::from_secs(5);

/// How long an agent for pages waits for one that a command has just used: it lingers and goes.
const BRIEF: Duration = Duration::from_secs(1);

/// The largest log of one-shot agents that the next one still adds to, in bytes.
const LARGEST_LOG: u64 = 1024 * 1024;

/// How an agent runs.
pub struct Settings {
    /// What the files and flags say.
    pub config: Config,
    /// For an agent that a command started for itself.
    pub one_shot: Option<OneShot>,
    /// Fired once the agent can be talked to.
    pub ready: Option<CancellationToken>,
    /// Ends the agent, as a signal would.
    pub quit: CancellationToken,
}

/// Why an agent cannot run.
#[derive(Debug, Error)]
pub enum RunError {
    /// Another agent runs already, or the lock cannot be had.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The state folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// No port of the range is free.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The control socket cannot be made.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// The system refused something else.
    #[error("could not {what}")]
    System {
        /// What was to be done.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

/// Runs the agent until it is told to end; a one-shot agent ends once nobody needs it.
///
/// # Errors
/// What keeps it from starting. Nothing is left behind then.
pub async fn run(settings: Settings) -> Result<(), RunError> {
    let Settings {
        config,
        one_shot,
        ready,
        quit,
    } = settings;
    // It holds PINs: no debugger and no core dump of this user's other programs may read them.
    if let Err(error) = keep_memory_private() {
        warn!(%error, "this system does not keep the agent's memory from other programs");
    }
    let state = config.folders.state.value.clone();
    folders::make_private(&state)?;
    folders::refuse_network(&state)?;
    let patience = if one_shot.is_some() { ENDING } else { BRIEF };
    let lock = AgentLock::take_from_ending(&state, patience)?;
    let path = state.join("journal.sqlite");
    let journal = Journal::open_or_set_aside(&path, &os::machine(), SystemClock.now())?;
    let server = match one_shot {
        Some(_) => None,
        None => Some(listen(&config).await?),
    };
    let port = server.as_ref().map(Server::port);
    let socket = Socket::bind(&config.folders.socket.value, &lock)?;
    let profiles = Current::from(Arc::new(Profiles::load(&config)));
    for finding in profiles
        .now()
        .rejected()
        .iter()
        .flat_map(|one| &one.findings)
    {
        warn!(%finding, "a profile does not count");
    }
    let renewals = Renewals::start(setup(&config, journal, &profiles, port)?).await?;

    let activity = Activity::new();
    let shutdown = CancellationToken::new();
    let watched = config.clone();
    let dashboard = Dashboard::new(
        renewals.clone(),
        config,
        Arc::new(SystemClock),
        activity.clone(),
        shutdown.clone(),
    );
    let mut servers = tokio::task::JoinSet::new();
    let mut watch = None;
    if one_shot.is_none() {
        let (started, task) = start_watch(watched, &renewals, &shutdown).await?;
        watch = Some(started);
        servers.spawn(async move {
            // It panics only by a fault of ours, which was told then.
            let _ = task.await;
        });
    }
    servers.spawn(control::serve(
        socket,
        renewals.clone(),
        dashboard.clone(),
        watch,
        activity.clone(),
        shutdown.clone(),
    ));
    if let Some(server) = server {
        servers.spawn(server.serve(
            renewals.clone(),
            profiles,
            activity.clone(),
            shutdown.clone(),
        ));
    }
    let brief = one_shot.is_some();
    if let Some(one_shot) = one_shot {
        let failed = |source| RunError::System {
            what: "write the log",
            source,
        };
        one_shot
            .ready(&log_file(&state).map_err(failed)?)
            .map_err(failed)?;
    }
    if !brief {
        let renewals = renewals.clone();
        tokio::spawn(async move { renewals.token_seen().await });
    }
    info!(port, version = env!("CARGO_PKG_VERSION"), "agent ready");
    if let Some(ready) = ready {
        ready.cancel();
    }
    tokio::select! {
        told = told_to_end() => told?,
        () = quit.cancelled() => {}
        () = nobody_needs(&activity, &renewals), if brief => {}
    }
    info!("agent ends");
    shutdown.cancel();
    renewals.end().await;
    dashboard.ended().await;
    servers.join_all().await;
    Ok(())
}

async fn listen(config: &Config) -> Result<Server, BindError> {
    let bridge = &config.bridge;
    Server::bind(
        bridge.first_port.value,
        bridge.port_count.value,
        Limits::default(),
    )
    .await
}

fn setup(
    config: &Config,
    journal: Journal,
    profiles: &Current,
    port: Option<u16>,
) -> Result<Setup, RunError> {
    let program = std::env::current_exe().map_err(|source| RunError::System {
        what: "find this program's file",
        source,
    })?;
    let lock_folder = config.folders.state.value.join("tokens");
    folders::make_private(&lock_folder)?;
    Ok(Setup {
        journal,
        profiles: profiles.clone(),
        modules: modules(config),
        launcher: WorkerLauncher {
            program,
            arguments: vec!["worker".into()],
        },
        lock_folder,
        prompter: Prompter::new(
            config.prompt.pinentry.value.clone(),
            config.prompt.timeout.value,
        ),
        language: language(config),
        clock: Arc::new(SystemClock),
        port,
    })
}

/// The modules that the settings name, and p11-kit's where they count.
pub(crate) fn modules(config: &Config) -> Vec<ModuleSpec> {
    let configured = config.modules.iter();
    let configured: Vec<_> = configured.map(|module| module.value.clone()).collect();
    let p11_kit: Vec<PathBuf> = if config.p11_kit.value {
        config.folders.p11_kit()
    } else {
        Vec::new()
    };
    discovery::discover(&configured, &p11_kit)
}

fn language(config: &Config) -> Language {
    match config.language.value {
        LanguageSetting::Auto => Language::from_environment(),
        LanguageSetting::Japanese => Language::Japanese,
        LanguageSetting::English => Language::English,
    }
}

async fn told_to_end() -> Result<(), RunError> {
    let failed = |source| RunError::System {
        what: "listen to signals",
        source,
    };
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

async fn start_watch(
    config: Config,
    renewals: &Renewals,
    shutdown: &CancellationToken,
) -> Result<(Watch, JoinHandle<()>), RunError> {
    let texts = Texts::of(language(&config));
    let channels = Channels::of(&config);
    let clock = Arc::new(SystemClock);
    let keeper = Keeper::begin(renewals.clone(), clock, texts, channels, Some(config)).await?;
    Watch::start(keeper, renewals.clone(), shutdown.clone()).map_err(|source| RunError::System {
        what: "watch tokens and settings",
        source,
    })
}

/// A renewal's work may outlast the command that asked for it: a dialog may be open.
async fn nobody_needs(activity: &Activity, renewals: &Renewals) {
    loop {
        activity.quiet(LINGER).await;
        if !renewals.busy() {
            return;
        }
        renewals.rest().await;
    }
}

/// Where a one-shot agent logs once its command has what it wants.
fn log_file(state: &Path) -> io::Result<File> {
    let path = state.join("agent.log");
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(&path)?;
    if file.metadata()?.len() > LARGEST_LOG {
        file.set_len(0)?;
    }
    Ok(file)
}

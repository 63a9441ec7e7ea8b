//! The tray: an icon that shows at a glance how the certificates are, and a menu.
//!
//! It is a client of the agent like any command, even where the agent runs in the same process:
//! what it shows is what the watch tells over the control socket.

mod icon;
mod item;

use std::{io, time::Duration};

use ksni::{Handle, TrayMethods as _};
use thiserror::Error;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

pub use icon::Face;

use crate::{
    config::Config,
    control::{AgentLock, Client, ClientError, Notices},
    daemon::{self, RunError},
    driver::Terminal,
    language::Texts,
    notify::{desktop, open_page},
};
use item::{Item, Order};

/// How long an agent that went away may take to come back, as a service manager starts it again.
const SUCCESSION: Duration = Duration::from_secs(2);

/// Why the tray ended.
#[derive(Debug, Error)]
pub enum TrayError {
    /// There is no session bus, so no desktop that could show an icon.
    #[error("there is no desktop session to show an icon in")]
    NoDesktop(#[source] ksni::Error),
    /// The agent cannot run.
    #[error(transparent)]
    Agent(#[from] RunError),
    /// There is an agent, and it cannot be talked to.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The system refused something.
    #[error("could not wait for the agent that runs")]
    System(#[source] io::Error),
}

/// Shows the icon until the person ends it: for the agent that runs, or, where none does, with an
/// agent in this process.
///
/// # Errors
/// [`TrayError`]
pub async fn run(config: Config, texts: &'static Texts) -> Result<(), TrayError> {
    let (orders, mut inbox) = mpsc::unbounded_channel();
    let item = Item::new(texts, orders);
    let item = item
        .assume_sni_available(true)
        .spawn()
        .await
        .map_err(TrayError::NoDesktop)?;
    let shutdown = CancellationToken::new();
    let tray = Tray {
        config,
        texts,
        item,
        shutdown: shutdown.clone(),
    };
    let ended = tray.keep(&mut inbox).await;
    tray.item.shutdown().await;
    ended
}

struct Tray {
    config: Config,
    texts: &'static Texts,
    item: Handle<Item>,
    /// Ends an agent in this process.
    shutdown: CancellationToken,
}

impl Tray {
    async fn keep(&self, orders: &mut mpsc::UnboundedReceiver<Order>) -> Result<(), TrayError> {
        loop {
            match self.connect().await {
                Ok(client) => {
                    if self.follow(&client, orders).await {
                        return Ok(());
                    }
                    self.item.update(|item| item.view = None).await;
                    tokio::select! {
                        () = tokio::time::sleep(SUCCESSION) => {}
                        () = quit(orders) => return Ok(()),
                    }
                }
                Err(ClientError::NotRunning) => match self.be_the_agent(orders).await {
                    Err(TrayError::Agent(RunError::Lock(error))) => {
                        info!(%error, "waiting for the agent that runs to end");
                        self.outlive_other(orders).await?;
                    }
                    ended => return ended,
                },
                // A one-shot agent watches nothing; it ends when its command does.
                Err(ClientError::Refused(_)) => self.outlive_other(orders).await?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The agent that runs, if it has a watch.
    async fn connect(&self) -> Result<Client, ClientError> {
        let terminal = Terminal {
            language: Some(self.texts.language().locale().to_owned()),
            ..Terminal::default()
        };
        let client = Client::connect(&self.config.folders.socket.value, terminal).await?;
        client.watch().await?;
        Ok(client)
    }

    /// Runs the agent in this process, and shows what it tells.
    async fn be_the_agent(
        &self,
        orders: &mut mpsc::UnboundedReceiver<Order>,
    ) -> Result<(), TrayError> {
        let ready = CancellationToken::new();
        let settings = daemon::Settings {
            config: self.config.clone(),
            one_shot: None,
            ready: Some(ready.clone()),
            quit: self.shutdown.clone(),
        };
        let shown = async {
            ready.cancelled().await;
            let client = self.connect().await?;
            if self.follow(&client, orders).await {
                self.shutdown.cancel();
            }
            Ok::<_, ClientError>(())
        };
        let agent = daemon::run(settings);
        let mut agent = std::pin::pin!(agent);
        tokio::select! {
            ended = &mut agent => return Ok(ended?),
            shown = shown => shown?,
        }
        Ok(agent.await?)
    }

    /// Shows what the watch tells and does what the person wants, until the agent ends; whether
    /// the person wants the tray to end.
    async fn follow(&self, client: &Client, orders: &mut mpsc::UnboundedReceiver<Order>) -> bool {
        let mut events = match client.watch().await {
            Ok(events) => events,
            Err(error) => {
                warn!(%error, "the agent tells nothing");
                return false;
            }
        };
        loop {
            tokio::select! {
                view = events.next() => match view {
                    Ok(Some(view)) => {
                        self.item.update(|item| item.view = Some(view)).await;
                    }
                    Ok(None) | Err(_) => return false,
                },
                order = orders.recv() => match order {
                    Some(Order::Quit) | None => return true,
                    Some(order) => self.obey(client, order).await,
                },
            }
        }
    }

    async fn obey(&self, client: &Client, order: Order) {
        match order {
            Order::Renew(page) => {
                if let Err(error) = open_page(&page) {
                    warn!(%error, "could not open the bank's page");
                }
            }
            Order::Notices(notices) => {
                if let Err(error) = client.set_notices(notices).await {
                    warn!(%error, "could not switch notices");
                }
            }
            Order::About => {
                if let Err(error) = desktop::tell_about(self.texts).await {
                    warn!(%error, "could not show what this program is");
                }
            }
            Order::Quit => {}
        }
    }

    /// Waits until no other agent has the state folder.
    async fn outlive_other(
        &self,
        orders: &mut mpsc::UnboundedReceiver<Order>,
    ) -> Result<(), TrayError> {
        let free = AgentLock::free(&self.config.folders.state.value);
        tokio::select! {
            free = free => free.map_err(TrayError::System),
            () = quit(orders) => {
                self.shutdown.cancel();
                Ok(())
            }
        }
    }
}

/// Returns once the person wants the tray to end; what else is wanted meanwhile cannot be done.
async fn quit(orders: &mut mpsc::UnboundedReceiver<Order>) {
    while let Some(order) = orders.recv().await {
        if matches!(order, Order::Quit) {
            return;
        }
    }
}

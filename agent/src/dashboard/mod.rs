//! The dashboard: pages of the agent's own, for the person who sits at this PC.
//!
//! It has a listener of its own on a port that the system picks, which is there only while
//! somebody uses it. `koshin open` asks for an address over the control socket: its fragment holds
//! a code (`access`) that the page trades once for a token. What is served without the token, the
//! page with its texts, is the same on every PC.
//!
//! It never sets a cookie, begins no renewal, changes nothing, and hands no request, proof or
//! certificate out.

mod access;
mod api;
mod guard;
mod overview;
mod page;
mod record;
mod server;

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use axum::extract::FromRef;
use protocol::bridge::ProblemCode;
use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, sync::Mutex, time};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    bridge::{Activity, Limits, api::Api},
    clock::Clock,
    config::Config,
    driver::Renewals,
    failure::Failure,
    language::Language,
};
use access::Access;

/// How often it is looked whether somebody still has a session.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Where a browser finds the dashboard, once: the answer to `POST /control/v1/dashboard`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The URL, with a code that is good for half a minute.
    pub address: String,
}

/// The dashboard of an agent. Clones share it.
#[derive(Clone)]
pub struct Dashboard(Arc<Shared>);

struct Shared {
    renewals: Renewals,
    config: Config,
    clock: Arc<dyn Clock>,
    activity: Activity,
    shutdown: CancellationToken,
    tasks: TaskTracker,
    open: Mutex<Option<Open>>,
}

/// A listener that is there.
struct Open {
    port: u16,
    access: Arc<Access>,
    end: CancellationToken,
}

/// What the calls of a listener work with.
#[derive(Clone)]
struct Desk {
    api: Api,
    access: Arc<Access>,
    config: Arc<Config>,
}

impl FromRef<Desk> for Api {
    fn from_ref(desk: &Desk) -> Self {
        desk.api.clone()
    }
}

impl Dashboard {
    /// Listens to nobody yet. `shutdown` ends it with the agent; while somebody has a session, it
    /// takes a hold on `activity`.
    #[must_use]
    pub fn new(
        renewals: Renewals,
        config: Config,
        clock: Arc<dyn Clock>,
        activity: Activity,
        shutdown: CancellationToken,
    ) -> Self {
        Self(Arc::new(Shared {
            renewals,
            config,
            clock,
            activity,
            shutdown,
            tasks: TaskTracker::new(),
            open: Mutex::default(),
        }))
    }

    /// An address with a fresh code. The listener starts with the first one.
    ///
    /// # Errors
    /// [`ProblemCode::Internal`] where the system gives no port or no randomness.
    pub async fn open(&self, language: Language) -> Result<Address, Failure> {
        let mut open = self.0.open.lock().await;
        let open = match &mut *open {
            Some(open) => open,
            none => none.insert(self.listen().await?),
        };
        let (port, code) = (open.port, open.access.code()?);
        let page = page::path(language);
        Ok(Address {
            address: format!("http://127.0.0.1:{port}{page}#code={code}"),
        })
    }

    /// Returns once nothing of it is left; `shutdown` must have come.
    pub async fn ended(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    async fn listen(&self) -> Result<Open, Failure> {
        let failed = |error| Failure::new(ProblemCode::Internal).because(error);
        let shared = &self.0;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let open = Open {
            port,
            access: Arc::new(Access::new(Arc::clone(&shared.clock))?),
            end: shared.shutdown.child_token(),
        };
        let desk = Desk {
            api: Api {
                renewals: shared.renewals.clone(),
                limits: Limits::default(),
                shutdown: open.end.clone(),
            },
            access: Arc::clone(&open.access),
            config: Arc::new(shared.config.clone()),
        };
        let activity = shared.activity.clone();
        shared
            .tasks
            .spawn(server::serve(listener, port, desk, activity));
        shared.tasks.spawn(self.clone().close_once_unused());
        tracing::info!(port, "the dashboard listens");
        Ok(open)
    }

    /// An agent at rest has one listener less.
    async fn close_once_unused(self) {
        let _hold = self.0.activity.hold();
        loop {
            tokio::select! {
                () = self.0.shutdown.cancelled() => return,
                () = time::sleep(LOOK_AGAIN) => {}
            }
            let mut open = self.0.open.lock().await;
            if open.as_ref().is_none_or(|open| open.access.is_unused()) {
                if let Some(open) = open.take() {
                    open.end.cancel();
                    tracing::info!("the dashboard listens no more");
                }
                return;
            }
        }
    }
}

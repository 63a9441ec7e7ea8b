//! The listener on 127.0.0.1.

use std::{
    io,
    net::{Ipv4Addr, SocketAddrV4},
    sync::Arc,
};

use axum::{Router, http::header::ACCEPT_LANGUAGE};
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{
    Activity, Limits, answer, api,
    connection::{self, Requests},
    gate,
    guard::Guard,
    silence::Silence,
};
use crate::{
    driver::{Caller, Renewals},
    language::Language,
    profile::Current,
};

/// Listens for pages on 127.0.0.1 and nowhere else.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    port: u16,
    limits: Limits,
}

/// Why the agent cannot listen.
#[derive(Debug, Error)]
pub enum BindError {
    /// Other programs, or other users' agents, have every port.
    #[error("every port from {first} to {last} of 127.0.0.1 is taken")]
    EveryPortTaken {
        /// The first port of the range.
        first: u16,
        /// The last port of the range.
        last: u16,
    },
    /// The system refused for another reason.
    #[error("could not listen on 127.0.0.1:{port}")]
    Refused {
        /// The port that was tried.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
}

impl Server {
    /// Takes the first free port of the `count` ports from `first` on; port 0 stands for any.
    ///
    /// # Errors
    /// When every port is taken, or the system refuses to listen at all.
    pub async fn bind(first: u16, count: u16, limits: Limits) -> Result<Self, BindError> {
        let last = first.saturating_add(count.saturating_sub(1));
        for port in first..=last {
            match TcpListener::bind(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).await {
                Ok(listener) => {
                    let port = listener
                        .local_addr()
                        .map_err(|source| BindError::Refused { port, source })?
                        .port();
                    return Ok(Self {
                        listener,
                        port,
                        limits,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(source) => return Err(BindError::Refused { port, source }),
            }
        }
        Err(BindError::EveryPortTaken { first, last })
    }

    /// The port that was free.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Serves pages until `shutdown`; every connection takes a hold on `activity`.
    pub async fn serve(
        self,
        renewals: Renewals,
        profiles: impl Into<Current>,
        activity: Activity,
        shutdown: CancellationToken,
    ) {
        let Self {
            listener,
            port,
            limits,
        } = self;
        let door = Arc::new(Door {
            guard: Guard::new(port, profiles, renewals.refused_origins().clone()),
            calls: api::calls(renewals, limits, shutdown.clone()),
            silence: Silence::new(limits.silent),
            limits,
            shutdown: shutdown.clone(),
        });
        connection::accept_all(
            |context| listener.poll_accept(context).map_ok(|(stream, _)| stream),
            |stream| {
                let door = Arc::clone(&door);
                async move { door.answer(stream).await }
            },
            limits.connections,
            activity,
            shutdown,
        )
        .await;
    }
}

/// What every connection of a server shares.
struct Door {
    guard: Guard,
    calls: Router,
    silence: Silence,
    limits: Limits,
    shutdown: CancellationToken,
}

impl Door {
    async fn answer(&self, stream: TcpStream) {
        // An answer is one small segment; waiting for more to send only delays it.
        let _ = stream.set_nodelay(true);
        let silent = self.silence.begin();
        let passed = tokio::select! {
            passed = gate::pass(stream, |head| self.guard.judge_raw(head).map(drop), &self.limits) => passed,
            () = silent.over.cancelled() => return,
            () = self.shutdown.cancelled() => return,
        };
        drop(silent);
        let stream = match passed {
            Ok(stream) => stream,
            Err(reason) => {
                tracing::debug!(%reason, "closed a stranger's connection");
                return;
            }
        };
        let call = |mut request: axum::extract::Request<_>| async move {
            let origin = self
                .guard
                .judge(request.uri(), request.version(), request.headers())?;
            let language = request
                .headers()
                .get(ACCEPT_LANGUAGE)
                .and_then(|value| value.to_str().ok())
                .and_then(Language::from_accept_language)
                // Banks' customers read Japanese unless they say otherwise.
                .unwrap_or(Language::Japanese);
            let caller = Arc::new(Caller::Page { origin, language });
            let manner = answer::Manner::of(&caller);
            request.extensions_mut().insert(caller);
            let Ok(response) = self.calls.clone().oneshot(request).await;
            answer::finish(response, &manner)
        };
        connection::serve(stream, call, &self.limits, Requests::One, &self.shutdown).await;
    }
}

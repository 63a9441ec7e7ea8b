//! The agent's side of the control socket.

use std::{sync::Arc, time::Duration};

use axum::{Router, http::HeaderMap};
use tokio::net::UnixStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::{
    Socket,
    calls::{self, LANGUAGE, TERM, TTY},
    socket::is_owner,
};
use crate::{
    bridge::{
        Activity, Limits, answer,
        connection::{self, Requests},
    },
    dashboard::Dashboard,
    driver::{Caller, Renewals, Terminal},
    language::Language,
    watch::Watch,
};

/// Serves the owner until `shutdown`, `watch` included where there is one; every connection takes a hold on `activity`. An idle
/// connection may stay: a command keeps the agent with it.
pub async fn serve(
    socket: Socket,
    renewals: Renewals,
    dashboard: Dashboard,
    watch: Option<Watch>,
    activity: Activity,
    shutdown: CancellationToken,
) {
    let limits = Limits {
        connection: Duration::MAX,
        ..Limits::default()
    };
    let calls = calls::calls(renewals, dashboard, watch, limits, shutdown.clone());
    let door = Arc::new(Door {
        calls,
        limits,
        shutdown: shutdown.clone(),
    });
    connection::accept_all(
        |context| {
            socket
                .listener
                .poll_accept(context)
                .map_ok(|(stream, _)| stream)
        },
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

struct Door {
    calls: Router,
    limits: Limits,
    shutdown: CancellationToken,
}

impl Door {
    async fn answer(&self, stream: UnixStream) {
        if !is_owner(&stream) {
            tracing::warn!("closed another user's connection to the control socket");
            return;
        }
        let call = |mut request: axum::extract::Request<_>| async move {
            let terminal = terminal(request.headers());
            let language = terminal
                .language
                .as_deref()
                .map_or_else(Language::from_environment, Language::from_locale);
            let caller = Arc::new(Caller::Cli { terminal, language });
            let manner = answer::Manner::of(&caller);
            request.extensions_mut().insert(caller);
            let Ok(response) = self.calls.clone().oneshot(request).await;
            answer::finish(response, &manner)
        };
        connection::serve(stream, call, &self.limits, Requests::Many, &self.shutdown).await;
    }
}

fn terminal(fields: &HeaderMap) -> Terminal {
    let field = |name| {
        let text = fields.get(name)?.to_str().ok()?;
        Some(text.to_owned())
    };
    Terminal {
        tty: field(TTY),
        term: field(TERM),
        language: field(LANGUAGE),
    }
}

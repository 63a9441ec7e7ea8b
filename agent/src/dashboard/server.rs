//! The dashboard's listener.

use std::sync::Arc;

use axum::{Router, extract::Request, http::header::ACCEPT_LANGUAGE};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

use super::{Desk, api, guard::Guard, page};
use crate::{
    bridge::{
        Activity, Limits, answer,
        connection::{self, Requests},
        gate,
        silence::Silence,
    },
    driver::{Caller, Terminal},
    language::Language,
};
use tokio_util::sync::CancellationToken;

/// Serves until the desk's shutdown.
pub(super) async fn serve(listener: TcpListener, port: u16, desk: Desk, activity: Activity) {
    let (limits, shutdown) = (desk.api.limits, desk.api.shutdown.clone());
    let door = Arc::new(Door {
        guard: Guard::new(port),
        calls: api::calls(desk),
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

/// What every connection shares.
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
            passed = gate::pass(stream, |head| self.guard.judge_raw(head), &self.limits) => passed,
            () = silent.over.cancelled() => return,
            () = self.shutdown.cancelled() => return,
        };
        drop(silent);
        let stream = match passed {
            Ok(stream) => stream,
            Err(reason) => {
                tracing::debug!(%reason, "closed a stranger's connection to the dashboard");
                return;
            }
        };
        let call = |mut request: Request<_>| async move {
            self.guard
                .judge(request.uri(), request.version(), request.headers())?;
            let language = request
                .headers()
                .get(ACCEPT_LANGUAGE)
                .and_then(|value| value.to_str().ok())
                .and_then(Language::from_accept_language)
                .unwrap_or(Language::Japanese);
            // The token makes whoever bears it the owner; there is no terminal.
            let caller = Arc::new(Caller::Cli {
                terminal: Terminal::default(),
                language,
            });
            let manner = answer::Manner::of(&caller);
            request.extensions_mut().insert(caller);
            let Ok(response) = self.calls.clone().oneshot(request).await;
            answer::finish(response, &manner).map(page::protect)
        };
        connection::serve(stream, call, &self.limits, Requests::One, &self.shutdown).await;
    }
}

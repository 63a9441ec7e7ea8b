//! HTTP/1.1 connections, whoever is at the other end.

use std::{
    error::Error,
    future::{Future, poll_fn},
    io,
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{body::Body, extract::Request, response::Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Semaphore,
    task::JoinSet,
    time,
};
use tokio_util::sync::CancellationToken;

use super::{Activity, Limits, gate::MAX_FIELDS};

/// Accepts connections until `shutdown` and has each of them served, [`Limits::connections`] at
/// most at once; one more is closed without a byte. Returns when the last one has ended.
pub(crate) async fn accept_all<S, F>(
    mut accept: impl FnMut(&mut Context<'_>) -> Poll<io::Result<S>>,
    serve: impl Fn(S) -> F,
    limit: usize,
    activity: Activity,
    shutdown: CancellationToken,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let room = Arc::new(Semaphore::new(limit));
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            Some(_) = connections.join_next() => continue,
            accepted = poll_fn(&mut accept) => match accepted {
                Ok(stream) => stream,
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    // Out of file descriptors, most likely: asking again at once is no use.
                    time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            tracing::warn!(limit, "closed one connection too many");
            continue;
        };
        let (serving, hold) = (serve(stream), activity.hold());
        connections.spawn(async move {
            serving.await;
            drop(place);
            drop(hold);
        });
    }
    while connections.join_next().await.is_some() {}
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How many requests a connection serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Requests {
    /// The first; the connection ends with its answer.
    One,
    /// One after the other, with any time between them.
    Many,
}

/// Serves a connection until it ends, its time is up or `shutdown` comes. When `call` fails, the
/// connection is closed without a byte.
pub(crate) async fn serve<F, E>(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    call: impl Fn(Request<Incoming>) -> F,
    limits: &Limits,
    requests: Requests,
    shutdown: &CancellationToken,
) where
    F: Future<Output = Result<Response<Body>, E>>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .keep_alive(requests == Requests::Many)
        .max_headers(MAX_FIELDS)
        .max_header_size(limits.head)
        .serve_connection(TokioIo::new(stream), service_fn(call));
    let mut connection = pin!(connection);
    // The end first: a caller who is answered counts on the next answer, too.
    let ended = tokio::select! {
        biased;
        () = shutdown.cancelled() => None,
        ended = connection.as_mut() => Some(ended),
        () = time::sleep(limits.connection) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            match time::timeout(LAST_ANSWER, connection).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, cause = error.source().map(tracing::field::display), "connection ended early");
    }
}

/// How long an answer under way may take once the connection must end.
const LAST_ANSWER: Duration = Duration::from_secs(2);

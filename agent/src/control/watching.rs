//! The watch as the owner's programs see it: what it knows, live, and what they may tell it.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures_util::stream;
use hyper::body::Bytes;
use protocol::bridge::ProblemCode;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    bridge::{
        answer::Refused,
        api::{Api, By, path},
        body::{Json, Nothing},
    },
    language::Language,
    watch::{Sight, Wake, Watch, WatchView, agenda},
};

/// Whether notices appear on the desktop: `POST /control/v1/watch/notices`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notices {
    /// They do.
    On,
    /// Not before tomorrow.
    OffUntilTomorrow,
}

/// The calls; an agent without a watch has none of them.
pub(super) fn calls(watch: Option<Watch>) -> Router<Api> {
    let (one, other, third) = (watch.clone(), watch.clone(), watch);
    Router::new()
        .route(
            "/control/v1/watch",
            path(
                "GET",
                get(async move |State(api): State<Api>, By(caller): By| {
                    follow(one, caller.language(), api.shutdown)
                }),
            ),
        )
        .route(
            "/control/v1/watch/notices",
            path(
                "POST",
                post(async move |Json(notices): Json<Notices>| set_notices(other, notices)),
            ),
        )
        .route(
            "/control/v1/watch/look",
            path("POST", post(async move |_: Nothing| look(third))),
        )
}

/// What the watch knows, a line of JSON ([`WatchView`]) now and at each change, until the agent
/// ends.
fn follow(
    watch: Option<Watch>,
    language: Language,
    shutdown: CancellationToken,
) -> Result<Response, Refused> {
    let watch = watch.ok_or(ProblemCode::NotFound)?;
    let sight = watch.sight();
    let follower = Follower {
        watch,
        sight,
        language,
        shutdown,
        told: None,
    };
    let lines = stream::unfold(follower, |mut follower| async move {
        let line = follower.next().await?;
        Some((Ok::<_, Infallible>(line), follower))
    });
    let mut response = Response::new(Body::from_stream(lines));
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/x-ndjson"),
    );
    Ok(response)
}

struct Follower {
    watch: Watch,
    sight: watch::Receiver<Arc<Sight>>,
    language: Language,
    shutdown: CancellationToken,
    told: Option<WatchView>,
}

impl Follower {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let view = self.watch.view(self.language);
            if self.told.as_ref() != Some(&view) {
                let mut line = serde_json::to_vec(&view)
                    .expect("a view has string keys and no fallible field");
                line.push(b'\n');
                self.told = Some(view);
                return Some(line.into());
            }
            tokio::select! {
                changed = self.sight.changed() => changed.ok()?,
                () = self.shutdown.cancelled() => return None,
            }
        }
    }
}

fn set_notices(watch: Option<Watch>, notices: Notices) -> Result<impl IntoResponse, Refused> {
    let watch = watch.ok_or(ProblemCode::NotFound)?;
    let until = match notices {
        Notices::On => None,
        Notices::OffUntilTomorrow => agenda::tomorrow(watch.now()),
    };
    watch.wake(Wake::Hush(until));
    Ok(StatusCode::NO_CONTENT)
}

fn look(watch: Option<Watch>) -> Result<impl IntoResponse, Refused> {
    watch.ok_or(ProblemCode::NotFound)?.wake(Wake::Asked);
    Ok(StatusCode::NO_CONTENT)
}

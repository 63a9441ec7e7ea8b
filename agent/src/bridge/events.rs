//! What happens as a stream, a renewal's progress above all: newline-delimited JSON, read by fetch.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use hyper::body::{Body, Bytes, Frame};
use serde::Serialize;
use tokio::{
    sync::mpsc::Receiver,
    time::{Instant, Interval, MissedTickBehavior, Sleep, interval_at, sleep},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::Limits;

/// The body of an answer: one `T` a line, and a blank line after a silence, so that a
/// vanished reader is noticed. It ends with its source, at [`Limits::events`], or when the
/// agent does; a reader who wants more asks again after the last revision.
pub(crate) struct Events<T> {
    happenings: Receiver<T>,
    silence: Interval,
    end: Pin<Box<Sleep>>,
    shutdown: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl<T> Events<T> {
    pub(crate) fn new(
        happenings: Receiver<T>,
        limits: &Limits,
        shutdown: &CancellationToken,
    ) -> Self {
        let mut silence = interval_at(Instant::now() + limits.heartbeat, limits.heartbeat);
        silence.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            happenings,
            silence,
            end: Box::pin(sleep(limits.events)),
            shutdown: Box::pin(shutdown.clone().cancelled_owned()),
        }
    }
}

impl<T: Serialize> Body for Events<T> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.end.as_mut().poll(context).is_ready()
            || self.shutdown.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(None);
        }
        if let Poll::Ready(happened) = self.happenings.poll_recv(context) {
            self.silence.reset();
            return Poll::Ready(happened.map(|happened| Ok(Frame::data(line(&happened)))));
        }
        if self.silence.poll_tick(context).is_ready() {
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"\n")))));
        }
        Poll::Pending
    }
}

fn line(happened: &impl Serialize) -> Bytes {
    let mut line = serde_json::to_vec(happened)
        .expect("what is streamed has string keys and no fallible field");
    line.push(b'\n');
    line.into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::BodyExt;
    use protocol::bridge::{Progress, State};
    use tokio::sync::mpsc;

    use super::*;

    fn progress(revision: u64) -> Progress {
        Progress {
            revision,
            state: State::Consent,
            at: "2026-11-22T00:00:00Z".into(),
        }
    }

    async fn text(events: Events<Progress>) -> String {
        let body = events.collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn sends_a_line_for_each_change_and_ends_with_the_renewal() {
        let (sender, receiver) = mpsc::channel(4);
        sender.send(progress(1)).await.unwrap();
        sender.send(progress(2)).await.unwrap();
        drop(sender);
        let events = Events::new(receiver, &Limits::default(), &CancellationToken::new());
        let text = text(events).await;
        let revisions: Vec<u64> = text
            .lines()
            .map(|line| serde_json::from_str::<Progress>(line).unwrap().revision)
            .collect();
        assert_eq!(revisions, [1, 2]);
    }

    #[tokio::test]
    async fn breaks_a_silence_and_ends_in_time() {
        let (_sender, receiver) = mpsc::channel(1);
        let limits = Limits {
            heartbeat: Duration::from_millis(10),
            events: Duration::from_millis(100),
            ..Limits::default()
        };
        let text = text(Events::new(receiver, &limits, &CancellationToken::new())).await;
        assert!(text.len() >= 2, "{text:?}");
        assert!(text.bytes().all(|byte| byte == b'\n'), "{text:?}");
    }

    #[tokio::test]
    async fn ends_with_the_agent() {
        let (_sender, receiver) = mpsc::channel(1);
        let shutdown = CancellationToken::new();
        shutdown.cancel();
        let events = Events::new(receiver, &Limits::default(), &shutdown);
        assert_eq!(text(events).await, "");
    }
}

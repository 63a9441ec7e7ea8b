//! One renewal under way: a task that takes events, asks the state machine, writes the journal
//! and does what the state demands, one thing at a time.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use jiff::Timestamp;
use protocol::{
    bridge::{Outcome, ProblemCode},
    renewal::{Done, Effect, Event, Page, Reply, State, step},
    schedule,
};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, error, info, info_span, warn};

use super::{
    perform::{Performed, Performer},
    shared::Shared,
    view,
};
use crate::{
    failure::Failure,
    journal::{Advance, Record},
};

/// The longest that the task sleeps: a monotonic timer stands still while the PC sleeps, so
/// deadlines are looked at by wall clock again and again.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// A handle on a renewal that is under way.
#[derive(Clone)]
pub(super) struct Course {
    orders: mpsc::Sender<Order>,
    published: watch::Receiver<Arc<Record>>,
}

/// Something that a caller wants of a renewal.
struct Order {
    event: Event,
    /// Who drives it from now on, and the nonce that the proof is for.
    hand_over: Option<(String, Vec<u8>)>,
    reply: oneshot::Sender<Result<Arc<Record>, Failure>>,
}

impl Course {
    /// Starts the task of a renewal that the journal has, with what is to be done first.
    pub(super) fn start(record: Record, performer: Performer, first: First) -> Self {
        let (orders, inbox) = mpsc::channel(16);
        let (publisher, published) = watch::channel(Arc::new(record.clone()));
        let reference = record.id.reference();
        let span = info_span!("renewal", id = record.id.as_str(), %reference);
        let task = Task {
            record,
            performer,
            publisher,
            over: CancellationToken::new(),
        };
        tokio::spawn(task.run(inbox, first).instrument(span));
        Self { orders, published }
    }

    /// Where the renewal stands.
    pub(super) fn now(&self) -> Arc<Record> {
        Arc::clone(&self.published.borrow())
    }

    /// Follows the renewal.
    pub(super) fn follow(&self) -> watch::Receiver<Arc<Record>> {
        self.published.clone()
    }

    /// Tells the renewal of an event; answers with where it stands then.
    pub(super) async fn tell(&self, event: Event) -> Result<Arc<Record>, Failure> {
        self.order(event, None).await
    }

    /// The same, with a new driver and a new nonce.
    pub(super) async fn hand_over(
        &self,
        event: Event,
        owner: &str,
        nonce: &[u8],
    ) -> Result<Arc<Record>, Failure> {
        self.order(event, Some((owner.to_owned(), nonce.to_vec())))
            .await
    }

    async fn order(
        &self,
        event: Event,
        hand_over: Option<(String, Vec<u8>)>,
    ) -> Result<Arc<Record>, Failure> {
        let (reply, answer) = oneshot::channel();
        let order = Order {
            event,
            hand_over,
            reply,
        };
        // A renewal whose task has ended is final: nothing changes it any more.
        if self.orders.send(order).await.is_err() {
            return Ok(self.now());
        }
        answer.await.unwrap_or_else(|_| Ok(self.now()))
    }
}

/// How a task begins.
pub(super) enum First {
    /// A new renewal: do this.
    Effect(Effect),
    /// The journal had it: the agent was restarted.
    Restarted,
}

struct Task {
    record: Record,
    performer: Performer,
    publisher: watch::Sender<Arc<Record>>,
    /// Fires when what is being done is over before it is done.
    over: CancellationToken,
}

type Work = Pin<Box<dyn Future<Output = Performed> + Send>>;

impl Task {
    async fn run(mut self, mut orders: mpsc::Receiver<Order>, first: First) {
        let mut work = match first {
            First::Effect(effect) => Some(self.work(effect)),
            First::Restarted => {
                self.happen(Performed {
                    event: Event::Restarted,
                    failure: None,
                })
                .await
            }
        };
        loop {
            if self.record.state.is_final() && work.is_none() {
                break;
            }
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order, &mut work).await,
                    None => break,
                },
                performed = progress(&mut work) => work = self.happen(performed).await,
                () = self.nap() => {
                    if let Some(event) = self.due() {
                        work = self.happen(Performed { event, failure: None }).await;
                    }
                }
            }
        }
        self.performer.session.forget();
        self.performer.shared.courses().remove(&self.record.id);
        // Orders that came too late are answered with the end.
        orders.close();
        while let Some(order) = orders.recv().await {
            let _ = order.reply.send(Ok(Arc::new(self.record.clone())));
        }
    }

    async fn obey(&mut self, order: Order, work: &mut Option<Work>) {
        let before = self.record.clone();
        if let Some((owner, nonce)) = order.hand_over {
            self.record.owner = owner;
            self.record.nonce = nonce;
        }
        let handed_over = before.owner != self.record.owner || before.nonce != self.record.nonce;
        let (state, effect) = step(before.state.clone(), order.event.clone());
        if state == before.state && effect.is_none() && !handed_over {
            let _ = order.reply.send(Ok(Arc::new(before)));
            return;
        }
        if let Err(failure) = self.write(name(&order.event), state, None).await {
            self.record = before;
            let _ = order.reply.send(Err(failure));
            return;
        }
        if self.record.state != before.state || effect.is_some() {
            // What was being done is over; its lease ends with it.
            self.over.cancel();
            self.over = CancellationToken::new();
            *work = effect.map(|effect| self.work(effect));
        }
        if let Some(event) = self.due() {
            *work = self
                .happen(Performed {
                    event,
                    failure: None,
                })
                .await;
        }
        let _ = order.reply.send(Ok(Arc::new(self.record.clone())));
    }

    /// Takes an event of the renewal's own, and answers with what it leads to.
    async fn happen(&mut self, performed: Performed) -> Option<Work> {
        let mut performed = Some(performed);
        let mut effect = None;
        while let Some(Performed { event, failure }) = performed.take() {
            let (state, demanded) = step(self.record.state.clone(), event.clone());
            effect = demanded;
            if state == self.record.state && effect.is_none() {
                return None;
            }
            if let Err(failure) = self.write(name(&event), state, failure).await {
                // What cannot be written down does not count: the next start finds the state
                // from before, and recovers from there.
                error!(%failure, "the renewal stands still");
                return None;
            }
            if effect.is_none() {
                performed = self.due().map(|event| Performed {
                    event,
                    failure: None,
                });
            }
        }
        effect.map(|effect| self.work(effect))
    }

    fn work(&self, effect: Effect) -> Work {
        let performer = self.performer.clone();
        Box::pin(performer.perform(effect, self.record.clone(), self.over.clone()))
    }

    async fn write(
        &mut self,
        what: &'static str,
        state: State,
        failure: Option<Failure>,
    ) -> Result<(), Failure> {
        let revision = self.record.revision + 1;
        let failure = match (failure, state.problem()) {
            (Some(failure), _) => Some(failure),
            (None, Some(code)) if self.record.state.problem() != Some(code) => {
                Some(Failure::new(code))
            }
            (None, _) => None,
        };
        if let Some(failure) = &failure {
            let cause = failure.cause.as_deref().map(describe);
            warn!(code = failure.code.as_str(), cause, "trouble");
        }
        let kept = match &failure {
            Some(failure) => view::keep(failure),
            None if state.problem().is_some() => self.record.failure.clone(),
            None => None,
        };
        let at = self.performer.shared.clock.now();
        let advance = Advance {
            state: state.clone(),
            revision,
            at,
            owner: self.record.owner.clone(),
            nonce: self.record.nonce.clone(),
            failure: kept.clone(),
        };
        self.performer
            .shared
            .journal
            .advance(&self.record.id, what, advance)
            .await
            .map_err(|error| Failure::new(ProblemCode::JournalUnavailable).because(error))?;
        self.record.state = state;
        self.record.revision = revision;
        self.record.changed = at;
        self.record.failure = kept;
        info!(what, state = ?self.record.state.name(), "renewal went on");
        self.publisher.send_replace(Arc::new(self.record.clone()));
        Ok(())
    }

    /// What the wall clock, or the bank's rule, says must happen now.
    fn due(&self) -> Option<Event> {
        let now = self.performer.shared.clock.now();
        match &self.record.state {
            State::Waiting {
                until: Some(until), ..
            } if now.as_second() >= *until => Some(Event::WaitOver),
            State::Grace { due: false, .. } if self.old_may_go(None) => Some(Event::OldMayGo),
            _ if self.time_is_up(now) => Some(Event::TimeUp),
            _ => None,
        }
    }

    fn old_may_go(&self, word: Option<Outcome>) -> bool {
        schedule::old_may_go(
            self.performer.profile.retire,
            word,
            self.performer.old.not_after(),
            self.performer.shared.clock.now().as_second(),
        )
    }

    fn time_is_up(&self, now: Timestamp) -> bool {
        schedule::time_limit(&self.record.state)
            .is_some_and(|limit| now.as_second() - self.record.changed.as_second() > limit)
    }

    /// Sleeps until something may be due; wipes the PIN in passing.
    async fn nap(&self) {
        let now = self.performer.shared.clock.now();
        let mut wake = now + jiff::SignedDuration::try_from(LONGEST_SLEEP).unwrap_or_default();
        if let State::Waiting {
            until: Some(until), ..
        } = self.record.state
            && let Ok(until) = Timestamp::from_second(until)
        {
            wake = wake.min(until);
        }
        if let Some(ends) = self.performer.session.pin_ends() {
            if ends <= now {
                self.performer.session.forget();
            } else {
                wake = wake.min(ends);
            }
        }
        let pause = Duration::try_from(wake.duration_since(now)).unwrap_or_default();
        tokio::time::sleep(pause).await;
    }
}

/// Notes, for a renewal whose task has ended, that its leftovers are gone.
pub(super) async fn settle(shared: &Shared, record: Record, done: Done) -> Result<(), Failure> {
    let event = Event::Done(done);
    let what = name(&event);
    let (state, _) = step(record.state, event);
    let advance = Advance {
        state,
        revision: record.revision + 1,
        at: shared.clock.now(),
        owner: record.owner,
        nonce: record.nonce,
        failure: record.failure,
    };
    shared
        .journal
        .advance(&record.id, what, advance)
        .await
        .map_err(|error| Failure::new(ProblemCode::JournalUnavailable).because(error))
}

async fn progress(work: &mut Option<Work>) -> Performed {
    match work {
        Some(work) => work.await,
        None => std::future::pending().await,
    }
}

fn describe(cause: &(dyn std::error::Error + Send + Sync)) -> String {
    let mut text = cause.to_string();
    let mut next = cause.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

/// An event as the trail names it.
fn name(event: &Event) -> &'static str {
    match event {
        Event::Person(Reply::Yes) => "person-agreed",
        Event::Person(Reply::No) => "person-declined",
        Event::Done(Done::LoggedIn(_)) => "token-opened",
        Event::Done(Done::KeyMade(_)) => "key-made",
        Event::Done(Done::Signed(_)) => "request-signed",
        Event::Done(Done::Noted) => "noted",
        Event::Done(Done::Accepted(_)) => "certificate-accepted",
        Event::Done(Done::Refused(_)) => "certificate-refused",
        Event::Done(Done::NotYetValid(_)) => "certificate-not-yet-valid",
        Event::Done(Done::Written) => "certificate-written",
        Event::Done(Done::Used(_)) => "new-key-proven",
        Event::Done(Done::Relabelled) => "pair-relabelled",
        Event::Done(Done::OldRemoved { .. }) => "old-certificate-removed",
        Event::Done(Done::Discarded) => "leftovers-removed",
        Event::Trouble(trouble) => trouble.code.as_str(),
        Event::Page(Page::Fetched) => "request-fetched",
        Event::Page(Page::Answer(_)) => "answer-received",
        Event::Page(Page::Later(_)) => "answer-pending",
        Event::Page(Page::Resume) => "resumed",
        Event::Page(Page::FreshNonce) => "proof-demanded-anew",
        Event::Page(Page::Cancel) => "cancelled",
        Event::OldMayGo => "old-certificate-may-go",
        Event::WaitOver => "wait-over",
        Event::TimeUp => "time-up",
        Event::Restarted => "agent-restarted",
    }
}

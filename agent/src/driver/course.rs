//! One renewal under way: a task that takes events, asks the state machine, writes the journal
//! and does what the state demands, one thing at a time.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use protocol::{
    bridge::ProblemCode,
    certificate::Certificate,
    renewal::{Done, Effect, Event, State, step},
    schedule::{self, RetireRule},
};
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, error, info, info_span, warn};

use super::{
    Caller,
    event::name,
    perform::{Performed, Performer},
    shared::Shared,
    sighting, unavailable, view,
};
use crate::{
    failure::Failure,
    journal::{Advance, Record, RenewalId},
};

/// The longest that the task sleeps: a monotonic timer stands still while the PC sleeps, so
/// deadlines are looked at by wall clock again and again.
const LONGEST_SLEEP: SignedDuration = SignedDuration::from_secs(60);

/// The shortest: a deadline that has passed and cannot be acted on must not make the task spin.
const SHORTEST_SLEEP: Duration = Duration::from_millis(100);

/// How soon what could not be written down is tried again.
const REWRITE: SignedDuration = SignedDuration::from_secs(5);

/// How soon the removal of an old certificate that failed is tried again, in seconds.
const REMOVE_AGAIN: i64 = 3600;

/// A handle on a renewal that is under way.
#[derive(Clone)]
pub(super) struct Course {
    orders: mpsc::Sender<Order>,
    published: watch::Receiver<Snapshot>,
    /// Held while the person is asked to hand the renewal over: one question at a time.
    pub(super) taking_over: Arc<Mutex<()>>,
}

/// A renewal as others see it.
#[derive(Clone)]
pub(super) struct Snapshot {
    pub(super) record: Arc<Record>,
    /// Whether something is being done for it.
    pub(super) working: bool,
    /// Whether a page or a command has asked for it since the agent started.
    attended: bool,
}

/// Something that a caller wants of a renewal.
struct Order {
    event: Event,
    /// Who answers its dialogs from now on.
    caller: Option<Caller>,
    /// The bank's nonce for what is yet to be signed, if the caller also drives it from now on.
    nonce: Option<Vec<u8>>,
    reply: oneshot::Sender<Result<Obeyed, Failure>>,
}

/// Where a renewal stands after an order.
pub(super) struct Obeyed {
    pub(super) record: Arc<Record>,
    /// Whether the order changed anything.
    pub(super) counted: bool,
}

impl Course {
    /// Starts the task of a renewal that the journal has, with what is to be done first.
    pub(super) fn start(record: Record, performer: Performer, first: First) -> Self {
        let (orders, inbox) = mpsc::channel(16);
        let (publisher, published) = watch::channel(Snapshot {
            record: Arc::new(record.clone()),
            working: true,
            attended: matches!(first, First::Effect(_)),
        });
        let reference = record.id.reference();
        let span = info_span!("renewal", id = record.id.as_str(), %reference);
        let shared = Arc::clone(&performer.shared);
        let task = Task {
            record,
            performer,
            publisher,
            over: CancellationToken::new(),
            unwritten: None,
        };
        shared.tasks.spawn(task.run(inbox, first).instrument(span));
        Self {
            orders,
            published,
            taking_over: Arc::default(),
        }
    }

    /// Where the renewal stands.
    pub(super) fn now(&self) -> Arc<Record> {
        Arc::clone(&self.published.borrow().record)
    }

    /// Whether something is being done for it.
    pub(super) fn is_working(&self) -> bool {
        self.published.borrow().working
    }

    /// Whether a page or a command has asked for it since the agent started.
    pub(super) fn is_attended(&self) -> bool {
        self.published.borrow().attended
    }

    /// Follows the renewal.
    pub(super) fn follow(&self) -> watch::Receiver<Snapshot> {
        self.published.clone()
    }

    /// Tells the renewal of an event.
    pub(super) async fn tell(&self, event: Event) -> Result<Obeyed, Failure> {
        self.order(event, None, None).await
    }

    /// The same, from somebody who answers the dialogs that it leads to, and leaves the renewal to
    /// whoever drives it.
    pub(super) async fn assist(&self, event: Event, caller: &Caller) -> Result<Obeyed, Failure> {
        self.order(event, Some(caller.clone()), None).await
    }

    /// The same, from whoever drives it from now on, with the nonce for what is yet to be
    /// signed.
    pub(super) async fn drive(
        &self,
        event: Event,
        caller: &Caller,
        nonce: &[u8],
    ) -> Result<Obeyed, Failure> {
        self.order(event, Some(caller.clone()), Some(nonce.to_vec()))
            .await
    }

    async fn order(
        &self,
        event: Event,
        caller: Option<Caller>,
        nonce: Option<Vec<u8>>,
    ) -> Result<Obeyed, Failure> {
        let (reply, answer) = oneshot::channel();
        let order = Order {
            event,
            caller,
            nonce,
            reply,
        };
        // An order that could not be sent must be gone, or its answer would be waited for.
        let sent = self.orders.send(order).await.is_ok();
        match answer.await {
            Ok(obeyed) => obeyed,
            // The task has ended. A renewal that is final stays as it is; any other end is ours.
            Err(_) if self.now().state.is_final() => Ok(Obeyed {
                record: self.now(),
                counted: false,
            }),
            Err(_) => Err(Failure::new(ProblemCode::Internal).because(if sent {
                "the renewal's task ended before it answered"
            } else {
                "the renewal's task has ended"
            })),
        }
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
    publisher: watch::Sender<Snapshot>,
    /// Fires when what is being done is not wanted any more.
    over: CancellationToken,
    /// What happened but could not be written down yet.
    unwritten: Option<Performed>,
}

type Work = Pin<Box<dyn Future<Output = Performed> + Send>>;

impl Task {
    async fn run(mut self, mut orders: mpsc::Receiver<Order>, first: First) {
        let _listed = Listed {
            shared: Arc::clone(&self.performer.shared),
            id: self.record.id.clone(),
        };
        let ending = self.performer.shared.ending.clone();
        let mut work = match first {
            First::Effect(effect) => Some(self.work(effect)),
            First::Restarted => {
                match self.happen(Event::Restarted.into()).await {
                    // Days may have gone by.
                    None => self.look_at_clock(None).await,
                    work => work,
                }
            }
        };
        loop {
            self.come_to_rest(work.is_some()).await;
            if self.record.state.is_final() && work.is_none() && self.unwritten.is_none() {
                break;
            }
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order, &mut work).await,
                    None => break,
                },
                performed = progress(&mut work) => work = self.happen(performed).await,
                () = self.nap() => work = self.look_at_clock(work).await,
                () = ending.cancelled() => {
                    drop(self.interrupt(&mut work).await);
                    break;
                }
            }
        }
        self.performer.session.forget();
        self.performer.session.dismiss();
    }

    /// Between two pieces of work nothing but what the next one needs is held.
    async fn come_to_rest(&mut self, working: bool) {
        if !working {
            self.performer.lease.lock().await.take();
            self.performer.session.dismiss();
        }
        self.publisher.send_if_modified(|snapshot| {
            let changed = snapshot.working != working;
            snapshot.working = working;
            changed
        });
    }

    async fn obey(&mut self, order: Order, work: &mut Option<Work>) {
        if let Some(unwritten) = self.unwritten.take() {
            *work = self.happen(unwritten).await;
        }
        let mut led_to = None;
        if self.changes(&order.event) {
            // What is being done is brought to its end first: a token's call is never cut off.
            led_to = self.interrupt(work).await;
        }
        if self.unwritten.is_some() {
            let _ = order
                .reply
                .send(Err(Failure::new(ProblemCode::JournalUnavailable)));
            return;
        }
        let before = (self.record.owner.clone(), self.record.nonce.clone());
        let (state, effect) = step(self.record.state.clone(), order.event.clone());
        if state == self.record.state && effect.is_none() {
            // Where the work led to, the order has nothing to say any more.
            *work = work.take().or(led_to);
        }
        if let Some(caller) = order.caller {
            self.publisher
                .send_modify(|snapshot| snapshot.attended = true);
            self.performer.person = Arc::new(self.performer.person.for_caller(&caller));
            if let Some(nonce) = order.nonce {
                caller.owner().clone_into(&mut self.record.owner);
                // A proof that is signed stays the proof for its own nonce.
                if state.signed().is_none() {
                    self.record.nonce = nonce;
                }
            }
        }
        let taken_over = before.0 != self.record.owner;
        let counted = state != self.record.state
            || effect.is_some()
            || taken_over
            || before.1 != self.record.nonce;
        if counted {
            let what = if taken_over {
                "taken-over"
            } else {
                name(&order.event)
            };
            if let Err(failure) = self.write(what, state, None).await {
                (self.record.owner, self.record.nonce) = before;
                let _ = order.reply.send(Err(failure));
                return;
            }
            if let Some(effect) = effect {
                *work = Some(self.work(effect));
            } else if let Some(event) = self.due() {
                *work = self.happen(event.into()).await;
            }
        }
        let _ = order.reply.send(Ok(Obeyed {
            record: Arc::new(self.record.clone()),
            counted,
        }));
    }

    fn changes(&self, event: &Event) -> bool {
        let (state, effect) = step(self.record.state.clone(), event.clone());
        state != self.record.state || effect.is_some()
    }

    /// Ends what is being done: a dialog is withdrawn, a token's call is waited for. Answers with
    /// what it leads to, which has not begun, so that it may be left.
    async fn interrupt(&mut self, work: &mut Option<Work>) -> Option<Work> {
        let running = work.take()?;
        self.over.cancel();
        let performed = running.await;
        self.over = CancellationToken::new();
        if performed.is_withdrawn() {
            return None;
        }
        self.happen(performed).await
    }

    /// Takes an event of the renewal's own, and answers with what it leads to.
    async fn happen(&mut self, performed: Performed) -> Option<Work> {
        let mut next = performed;
        loop {
            let (state, effect) = step(self.record.state.clone(), next.event.clone());
            if state == self.record.state && effect.is_none() {
                return None;
            }
            if let Event::Done(Done::TokenChosen { module, token }) = &next.event {
                self.record.module.clone_from(module);
                self.record.token.clone_from(token);
                self.performer = self.performer.at(module, token);
            }
            let what = name(&next.event);
            if let Err(failure) = self.write(what, state, next.failure.as_ref()).await {
                error!(%failure, "what happened could not be written down");
                self.unwritten = Some(next);
                return None;
            }
            match (effect, self.due()) {
                (Some(effect), _) => return Some(self.work(effect)),
                (None, Some(event)) => next = event.into(),
                (None, None) => return None,
            }
        }
    }

    async fn look_at_clock(&mut self, work: Option<Work>) -> Option<Work> {
        let happened = match self.unwritten.take() {
            Some(unwritten) => Some(unwritten),
            None => self.due().map(Performed::from),
        };
        match happened {
            Some(happened) => self.happen(happened).await,
            None => work,
        }
    }

    fn work(&self, effect: Effect) -> Work {
        let performer = self.performer.clone();
        Box::pin(performer.perform(effect, self.record.clone(), self.over.clone()))
    }

    async fn write(
        &mut self,
        what: &'static str,
        state: State,
        failure: Option<&Failure>,
    ) -> Result<(), Failure> {
        if let Some(failure) = failure {
            warn!(
                code = failure.code.as_str(),
                cause = failure.causes(),
                "trouble"
            );
        }
        let kept = match failure {
            Some(failure) => view::keep(failure),
            None if state.problem() == self.record.state.problem() => self.record.failure.clone(),
            None => None,
        };
        let at = self.performer.shared.clock.now();
        let advance = Advance {
            state: state.clone(),
            revision: self.record.revision + 1,
            at,
            owner: self.record.owner.clone(),
            nonce: self.record.nonce.clone(),
            module: self.record.module.clone(),
            token: self.record.token.clone(),
            failure: kept.clone(),
        };
        self.performer
            .shared
            .journal
            .advance(&self.record, what, advance)
            .await
            .map_err(unavailable)?;
        self.record.state = state;
        self.record.revision += 1;
        self.record.changed = at;
        self.record.failure = kept;
        info!(what, state = ?self.record.state.name(), "renewal went on");
        if sighting::counts(&self.record.state) {
            self.performer.shared.moved.notify_one();
        }
        self.publisher.send_modify(|snapshot| {
            snapshot.record = Arc::new(self.record.clone());
            snapshot.working = true;
        });
        Ok(())
    }

    /// What the wall clock, or the bank's rule, says must happen now.
    fn due(&self) -> Option<Event> {
        let now = self.performer.shared.clock.now().as_second();
        let since = now - self.record.changed.as_second();
        if let State::Waiting { until, resume, .. } = &self.record.state
            && schedule::is_timed(&self.record.state, self.performer.profile.retire)
        {
            let removing = matches!(**resume, State::Grace { due: true, .. });
            if until.is_some_and(|until| now >= until) || removing && since >= REMOVE_AGAIN {
                return Some(Event::WaitOver);
            }
        }
        if matches!(self.record.state, State::Grace { due: false, .. }) && self.old_may_go(now) {
            return Some(Event::OldMayGo);
        }
        schedule::time_limit(&self.record.state)
            .filter(|limit| since > *limit)
            .map(|_| Event::TimeUp)
    }

    fn old_may_go(&self, now: i64) -> bool {
        let rule = self.performer.profile.retire;
        let old = self.performer.aim.old();
        let new = self.record.state.new_certificate();
        let new = new.and_then(|new| Certificate::from_der(new).ok());
        let (Some(old), Some(new)) = (old, new) else {
            return false;
        };
        let valid = new.not_before()..=new.not_after();
        schedule::old_may_go(rule, None, old.not_after(), valid, now)
    }

    /// When the old certificate may go by expiry alone: after its last valid second.
    fn old_expires(&self) -> Option<Timestamp> {
        let waits = matches!(self.record.state, State::Grace { due: false, .. });
        let by_expiry = self.performer.profile.retire == RetireRule::Expiry;
        let old = self.performer.aim.old().filter(|_| waits && by_expiry)?;
        Timestamp::from_second(old.not_after() + 1).ok()
    }

    /// Sleeps until something may be due, for ever where only a word from outside goes on; wipes
    /// the PIN in passing.
    async fn nap(&self) {
        let now = self.performer.shared.clock.now();
        let session = &self.performer.session;
        let mut wakes: Vec<Timestamp> = session.pin_ends(now).into_iter().collect();
        let timed = schedule::is_timed(&self.record.state, self.performer.profile.retire);
        if self.unwritten.is_some() {
            wakes.push(now + REWRITE);
        } else if timed || session.code().is_some() {
            wakes.push(now + LONGEST_SLEEP);
            if let State::Waiting {
                until: Some(until), ..
            } = self.record.state
                && let Ok(until) = Timestamp::from_second(until)
            {
                wakes.push(until);
            }
            wakes.extend(self.old_expires());
        }
        let Some(wake) = wakes.into_iter().min() else {
            return std::future::pending().await;
        };
        let pause = Duration::try_from(wake.duration_since(now)).unwrap_or_default();
        tokio::time::sleep(pause.max(SHORTEST_SLEEP)).await;
    }
}

/// A task is on the list as long as it runs, however it ends.
struct Listed {
    shared: Arc<Shared>,
    id: RenewalId,
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.shared.courses().remove(&self.id);
    }
}

impl From<Event> for Performed {
    fn from(event: Event) -> Self {
        Self {
            event,
            failure: None,
        }
    }
}

/// Notes, for a renewal whose task has ended, that its leftovers are gone.
pub(super) async fn settle(shared: &Shared, record: &Record, done: Done) -> Result<(), Failure> {
    let event = Event::Done(done);
    let what = name(&event);
    let (state, _) = step(record.state.clone(), event);
    let advance = Advance {
        state,
        revision: record.revision + 1,
        at: shared.clock.now(),
        owner: record.owner.clone(),
        nonce: record.nonce.clone(),
        module: record.module.clone(),
        token: record.token.clone(),
        failure: record.failure.clone(),
    };
    shared
        .journal
        .advance(record, what, advance)
        .await
        .map_err(unavailable)
}

async fn progress(work: &mut Option<Work>) -> Performed {
    match work {
        Some(work) => work.await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use protocol::{bridge::Kind, renewal::Page};

    use super::*;
    use crate::journal::Target;

    /// A renewal in this state whose task has ended.
    fn ended(state: State) -> Course {
        let record = Record {
            id: RenewalId::new([7; 16]),
            profile: "bank".into(),
            owner: "https://bank.example".into(),
            module: "token".into(),
            token: "pkcs11:".into(),
            certificate_id: "00".repeat(32),
            target: Target::Renewal {
                certificate: Vec::new(),
            },
            nonce: Vec::new(),
            created: Timestamp::UNIX_EPOCH,
            changed: Timestamp::UNIX_EPOCH,
            revision: 1,
            state,
            failure: None,
        };
        let (orders, _) = mpsc::channel(1);
        let (_, published) = watch::channel(Snapshot {
            record: Arc::new(record),
            working: false,
            attended: false,
        });
        Course {
            orders,
            published,
            taking_over: Arc::default(),
        }
    }

    #[tokio::test]
    async fn an_order_that_comes_after_the_end_is_answered() {
        let cancelled = ended(State::Cancelled {
            problem: ProblemCode::Cancelled,
            leftover: None,
        });
        let obeyed = cancelled.tell(Event::Page(Page::Cancel)).await;
        assert!(!obeyed.unwrap_or_else(|failure| panic!("{failure}")).counted);

        let broken_off = ended(State::Consent { kind: Kind::Renew })
            .tell(Event::Page(Page::Cancel))
            .await;
        let failure = broken_off.err().map(|failure| failure.code);
        assert_eq!(failure, Some(ProblemCode::Internal));
    }
}

//! Cards that come and go, told as PC/SC tells them: by calls that block until something is
//! there to be told, on a thread of their own. Nothing here asks at intervals.

use std::{
    collections::BTreeSet,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use pcsc::{Context, Error as Pcsc, PNP_NOTIFICATION, ReaderState, Scope, State};

use super::{
    Reader, ReadersError,
    service::{Bell, Door},
};

/// How long a service must have answered for its failure to count as its first.
const STEADY: Duration = Duration::from_secs(10);

/// The pause after a failure; each further one in a row doubles it where a service is there.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause between two attempts at a service that is there and fails.
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// Tells `report` of the readers and their cards now, and whenever they change: within the
/// moment that the service takes to notice. Without a service it waits for one to appear, and a
/// service that goes away is waited for in the same way.
///
/// `report` is called on the watch's own thread.
///
/// # Errors
/// When the system has no thread or no descriptor left.
pub fn watch(
    report: impl FnMut(Result<Vec<Reader>, ReadersError>) + Send + 'static,
) -> io::Result<Watch> {
    let shared = Arc::new(Shared {
        over: AtomicBool::new(false),
        context: Mutex::new(None),
        bell: Bell::new()?,
    });
    let watch = Watch(Arc::clone(&shared));
    let follower = Follower {
        shared,
        door: Door::new()?,
        report,
        told: None,
    };
    thread::Builder::new()
        .name("readers".to_owned())
        .stack_size(128 * 1024)
        .spawn(move || follower.run())?;
    Ok(watch)
}

/// A watch on the readers; it ends when this is dropped.
#[derive(Debug)]
pub struct Watch(Arc<Shared>);

impl Watch {
    /// Looks for a service at once, where there was none or it failed.
    pub fn look_again(&self) {
        self.0.bell.ring();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::SeqCst);
        self.0.bell.ring();
        if let Some(context) = &*self.0.context() {
            // It fails where the service has gone, which ends the call as well.
            let _ = context.cancel();
        }
    }
}

struct Shared {
    over: AtomicBool,
    /// What the thread may be blocked in.
    context: Mutex<Option<Context>>,
    bell: Bell,
}

impl Shared {
    fn context(&self) -> std::sync::MutexGuard<'_, Option<Context>> {
        self.context.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shared")
    }
}

struct Follower<R> {
    shared: Arc<Shared>,
    door: Door,
    report: R,
    told: Option<Result<Vec<Reader>, ReadersError>>,
}

impl<R: FnMut(Result<Vec<Reader>, ReadersError>)> Follower<R> {
    fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        while !self.shared.is_over() {
            // Armed before the attempt, so that a service that comes in between is not missed.
            self.door.arm();
            let began = Instant::now();
            let mut outcome = self.follow();
            if outcome == Err(ReadersError::NoService) {
                // A service that starts has a socket a moment before it answers.
                self.shared.context().take();
                self.shared.bell.wait(FIRST_PAUSE);
                outcome = self.follow();
            }
            self.shared.context().take();
            let Err(error) = outcome else { return };
            if self.shared.is_over() {
                return;
            }
            self.tell(Err(error));
            if began.elapsed() > STEADY {
                pause = FIRST_PAUSE;
            }
            let bell = &self.shared.bell;
            match error {
                ReadersError::NoService if self.door.is_there() => {
                    self.door.wait(bell, Some(pause));
                    pause = LONGEST_PAUSE.min(pause * 2);
                }
                ReadersError::NoService => {
                    self.door.wait(bell, None);
                    pause = FIRST_PAUSE;
                }
                ReadersError::Failed(_) if bell.wait(pause) => pause = FIRST_PAUSE,
                ReadersError::Failed(_) => pause = LONGEST_PAUSE.min(pause * 2),
            }
        }
    }

    /// Follows one service until it fails; `Ok` once nobody wants to know any more.
    fn follow(&mut self) -> Result<(), ReadersError> {
        let context = Context::establish(Scope::User)?;
        *self.shared.context() = Some(context.clone());
        let mut states = vec![ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE)];
        loop {
            add_new(&context, &mut states)?;
            if self.shared.is_over() {
                return Ok(());
            }
            match context.get_status_change(None, &mut states) {
                Ok(()) => {}
                // A reader that went since it was listed: it is told of as unknown, below.
                Err(Pcsc::UnknownReader) => {}
                Err(Pcsc::Cancelled) if self.shared.is_over() => return Ok(()),
                Err(error) => return Err(error.into()),
            }
            let gone = State::UNKNOWN | State::IGNORE;
            states.retain(|state| is_notification(state) || !state.event_state().intersects(gone));
            for state in &mut states {
                state.sync_current_state();
            }
            let readers = states.iter().filter(|state| !is_notification(state));
            let mut readers: Vec<_> = readers.map(Reader::of).collect();
            readers.sort_by(|one, other| one.name.cmp(&other.name));
            self.tell(Ok(readers));
        }
    }

    /// A card that is merely used changes its reader's state too, which is no news.
    fn tell(&mut self, now: Result<Vec<Reader>, ReadersError>) {
        if self.told.as_ref() != Some(&now) {
            self.told = Some(now.clone());
            (self.report)(now);
        }
    }
}

fn add_new(context: &Context, states: &mut Vec<ReaderState>) -> Result<(), ReadersError> {
    let names = match context.list_readers_owned() {
        Err(Pcsc::NoReadersAvailable) => return Ok(()),
        names => names?,
    };
    let known: BTreeSet<_> = states.iter().map(|state| state.name().to_owned()).collect();
    let new = names.into_iter().filter(|name| !known.contains(name));
    states.extend(new.map(|name| ReaderState::new(name, State::UNAWARE)));
    Ok(())
}

fn is_notification(state: &ReaderState) -> bool {
    state.name() == PNP_NOTIFICATION()
}

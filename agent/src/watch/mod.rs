//! The watch: which certificates there are, how long they last, and when the person is told.
//!
//! It sleeps until something wakes it; everything that can is in [`Wake`]. Moments are of the
//! wall clock ([`crate::os::alarm`]), cards are told of by PC/SC, files by the system: nothing is
//! asked for at intervals.

pub mod agenda;
mod calendar;
mod delivery;
mod keeper;
mod view;

use std::{io, sync::Arc, time::Duration};

use jiff::Timestamp;
use pkcs11_bridge::readers::{self, Reader, ReadersError};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

pub use delivery::Delivered;
pub use keeper::{Channels, Keeper};
pub use view::{ReaderView, ReadersView, WatchView, Watched};

use crate::{
    clock::Clock,
    driver::{Renewals, Sighting},
    language::Language,
    os::{
        alarm::{Alarm, Rang},
        changes::Changes,
        resume,
    },
    profile::Profile,
};
use protocol::certificate::Certificate;

/// Everything that can wake the watch.
#[derive(Debug)]
pub enum Wake {
    /// A moment has come that it waited for.
    Due,
    /// The clock was set.
    ClockSet,
    /// The PC has woken from sleep.
    Resumed,
    /// Readers or cards came or went, or their service did.
    Readers(Result<Vec<Reader>, ReadersError>),
    /// A settings file or a profile changed.
    Settings,
    /// Somebody wants the tokens looked at.
    Asked,
    /// A renewal may have changed which certificates there are.
    Renewal,
    /// A look at the tokens is over.
    Looked(Sighting),
    /// The person was told, or could not be.
    Delivered(Delivered),
    /// The person wants no notices on the desktop until then, or wants them again.
    Hush(Option<Timestamp>),
}

/// What the watch knows at a moment.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    /// The banks' certificates, nearest expiry first, with those that were seen before.
    pub certificates: Vec<Standing>,
    /// The readers; `None` before the service answered for the first time.
    pub readers: Option<Result<Vec<Reader>, ReadersError>>,
    /// Until when there are no notices on the desktop.
    pub quiet_until: Option<Timestamp>,
}

/// A bank's certificate as the watch knows it.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The certificate.
    pub certificate: Certificate,
    /// The bank's profile.
    pub profile: Arc<Profile>,
    /// The label of its token.
    pub token: String,
    /// Whether the token was there at the last look.
    pub present: bool,
    /// Whether it has a successor.
    pub renewed: bool,
}

/// A handle on the watch.
#[derive(Clone)]
pub struct Watch {
    wakes: mpsc::UnboundedSender<Wake>,
    sight: watch::Receiver<Arc<Sight>>,
    clock: Arc<dyn Clock>,
}

impl Watch {
    /// What the watch knows, and tells of when it changes.
    #[must_use]
    pub fn sight(&self) -> watch::Receiver<Arc<Sight>> {
        self.sight.clone()
    }

    /// What the watch knows, for a reader of this language.
    #[must_use]
    pub fn view(&self, language: Language) -> WatchView {
        let sight = Arc::clone(&self.sight.borrow());
        sight.view(language, self.now())
    }

    /// The time by the watch's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Wakes the watch.
    pub fn wake(&self, wake: Wake) {
        watch_on(&self.wakes, wake);
    }

    /// Starts the watch of an agent; its task ends after `shutdown`.
    ///
    /// # Errors
    /// When the system has no descriptor or thread left.
    pub fn start(
        mut keeper: Keeper,
        renewals: Renewals,
        shutdown: CancellationToken,
    ) -> io::Result<(Self, JoinHandle<()>)> {
        let wakes = keeper.wakes();
        let watch = Self {
            sight: keeper.sight(),
            wakes: wakes.clone(),
            clock: keeper.clock(),
        };
        let alarm = Alarm::new()?;
        let changes = Changes::of(keeper.watched_folders())?;
        let told = wakes.clone();
        // Told on a thread of its own, which ends with this value.
        let cards = readers::watch(move |readers| {
            watch_on(&told, Wake::Readers(readers));
        })?;
        let sources = [
            tokio::spawn(told_of_resume(wakes.clone())),
            tokio::spawn(told_of_changes(changes, wakes.clone())),
            tokio::spawn(told_of_renewals(renewals, wakes.clone())),
        ];
        let task = tokio::spawn(async move {
            watch_on(&wakes, Wake::Asked);
            let mut mistrusted = false;
            loop {
                let deadline = keeper.deadline();
                let alarmed = async {
                    if mistrusted {
                        tokio::time::sleep(MISTRUST).await;
                        return Ok(Rang::Due);
                    }
                    alarm.wait(deadline).await
                };
                tokio::select! {
                    () = shutdown.cancelled() => break,
                    rang = alarmed => match rang {
                        // By the watch's clock it is not time yet: the two do not agree.
                        Ok(Rang::Due) if !keeper.is_due() => mistrusted = true,
                        Ok(Rang::Due) => keeper.turn(Wake::Due).await,
                        Ok(Rang::ClockSet) => keeper.turn(Wake::ClockSet).await,
                        Err(error) => {
                            warn!(%error, "the watch has no alarm any more");
                            break;
                        }
                    },
                    wake = keeper.next() => {
                        if matches!(wake, Wake::Resumed) {
                            cards.look_again();
                        }
                        keeper.turn(wake).await;
                    }
                }
            }
            for source in sources {
                source.abort();
            }
            keeper.end().await;
        });
        Ok((watch, task))
    }
}

/// How long the alarm is left alone once it has rung too early: the PC's clock is not the one that
/// this program is shown.
const MISTRUST: Duration = Duration::from_secs(60);

fn watch_on(wakes: &mpsc::UnboundedSender<Wake>, wake: Wake) {
    // It fails while the agent ends, when nothing is left to be done.
    let _ = wakes.send(wake);
}

async fn told_of_resume(wakes: mpsc::UnboundedSender<Wake>) {
    resume::each(|| {
        debug!("the PC has woken");
        watch_on(&wakes, Wake::Resumed);
    })
    .await;
}

async fn told_of_changes(mut changes: Changes, wakes: mpsc::UnboundedSender<Wake>) {
    loop {
        match changes.next().await {
            Ok(()) => {
                if wakes.send(Wake::Settings).is_err() {
                    return;
                }
            }
            Err(error) => {
                warn!(%error, "nobody tells any more when settings change");
                return;
            }
        }
    }
}

async fn told_of_renewals(renewals: Renewals, wakes: mpsc::UnboundedSender<Wake>) {
    loop {
        renewals.moved().await;
        if wakes.send(Wake::Renewal).is_err() {
            return;
        }
    }
}

//! What the agent's watch knows, as the tray is told of it.

use std::time::{Duration, Instant};

use agent::{
    control::{Client, Events, Notices},
    driver::Terminal,
    watch::{ReadersView, WatchView},
};
use tokio::runtime::{Builder, Runtime};

use crate::Home;

/// Longer than any test waits for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that follows the watch of a home's agent.
pub struct Watching {
    runtime: Runtime,
    client: Client,
    events: Events<WatchView>,
    last: Option<WatchView>,
}

impl Watching {
    /// Connects to the agent that runs.
    ///
    /// # Panics
    /// If none does.
    #[must_use]
    pub fn of(home: &Home) -> Self {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime can be made");
        let terminal = Terminal {
            language: Some("ja_JP.UTF-8".to_owned()),
            ..Terminal::default()
        };
        let (client, events) = runtime.block_on(async {
            let socket = home.path("run/koshin/control.sock");
            let client = Client::connect(&socket, terminal).await;
            let client = client.expect("an agent runs");
            let events = client.watch().await.expect("it has a watch");
            (client, events)
        });
        Self {
            runtime,
            client,
            events,
            last: None,
        }
    }

    /// Waits until what the watch knows is so.
    ///
    /// # Panics
    /// If it does not come to be so.
    #[track_caller]
    pub fn until(&mut self, is_so: impl Fn(&WatchView) -> bool) -> WatchView {
        let begin = Instant::now();
        loop {
            if let Some(view) = self.last.as_ref().filter(|view| is_so(view)) {
                return view.clone();
            }
            let left = PATIENCE.saturating_sub(begin.elapsed());
            let next = async { tokio::time::timeout(left, self.events.next()).await };
            match self.runtime.block_on(next) {
                Ok(view) => {
                    let view = view.expect("the agent tells");
                    self.last = Some(view.expect("the agent runs"));
                }
                Err(_) => panic!("it stayed as it is: {:#?}", self.last),
            }
        }
    }

    /// Has the watch look at every token.
    ///
    /// # Panics
    /// If the agent refuses.
    pub fn look(&self) {
        let look = self.client.look();
        self.runtime.block_on(look).expect("the agent looks");
    }

    /// Has notices appear on the desktop, or not.
    ///
    /// # Panics
    /// If the agent refuses.
    pub fn set_notices(&self, notices: Notices) {
        let set = self.client.set_notices(notices);
        self.runtime.block_on(set).expect("the agent obeys");
    }
}

/// How many cards are in readers; `None` without a service, or before it knows of a reader.
#[must_use]
pub fn cards(view: &WatchView) -> Option<usize> {
    match &view.readers {
        ReadersView::Running { readers } if !readers.is_empty() => {
            let cards = readers.iter().filter(|reader| reader.card_present);
            Some(cards.count())
        }
        ReadersView::Running { .. }
        | ReadersView::Unknown
        | ReadersView::Absent
        | ReadersView::Failed => None,
    }
}

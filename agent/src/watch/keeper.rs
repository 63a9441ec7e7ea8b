//! Keeps what the watch knows, and decides at each [`Wake`] what is to be done.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use pkcs11_bridge::{TokenInfo, TokenUri};
use protocol::{bridge::Status, certificate::Certificate};
use tokio::sync::{mpsc, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, info, warn};

use super::{
    Delivered, Sight, Standing, Wake, agenda,
    delivery::{MOST_A_DAY, allowed_from},
};
use crate::{
    clock::Clock,
    config::{Config, Flags},
    daemon,
    driver::{Renewals, Sighting},
    journal::{Attempt, Channel, JournalError, Mark, Seen},
    language::Texts,
    notify::{Notice, desktop, mail, mail::MailSettings},
    profile::Profiles,
};

/// The most looks at the tokens within an hour that nobody asked for.
const MOST_LOOKS: usize = 60;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// How long notices that are withdrawn may take when the agent ends.
const FAREWELL: Duration = Duration::from_secs(1);

/// How the person is told.
#[derive(Clone, Debug, Default)]
pub struct Channels {
    /// By notices on the desktop.
    pub desktop: bool,
    /// By mail.
    pub mail: Option<MailSettings>,
}

impl Channels {
    /// As the settings say.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self {
            desktop: config.notices.desktop.value,
            mail: config.mail.as_ref().map(|mail| mail.value.clone()),
        }
    }
}

/// Keeps what the watch knows.
pub struct Keeper {
    renewals: Renewals,
    clock: Arc<dyn Clock>,
    texts: &'static Texts,
    channels: Channels,
    /// What is read again when a file changes; `None` in a test that has no files.
    config: Option<Config>,
    wakes: mpsc::UnboundedSender<Wake>,
    inbox: mpsc::UnboundedReceiver<Wake>,
    published: watch::Sender<Arc<Sight>>,
    sight: Sight,
    seen: BTreeMap<String, Seen>,
    present: Option<Vec<TokenInfo>>,
    looks: Looks,
    /// Channels on which somebody is being told.
    busy: HashSet<Channel>,
    /// From when on what could not be told may be told.
    again: Option<Timestamp>,
    /// The notices on the desktop, by profile: the certificates that they are about.
    shown: HashMap<String, (Vec<Mark>, CancellationToken)>,
    tasks: TaskTracker,
}

/// Looks at the tokens: one at a time, and not without end.
#[derive(Default)]
struct Looks {
    wanted: bool,
    running: bool,
    /// The looks of the last hour that nobody asked for.
    recent: VecDeque<Timestamp>,
    /// When the next one may be, once there were too many.
    later: Option<Timestamp>,
}

impl Keeper {
    /// Takes up what the journal has.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn begin(
        renewals: Renewals,
        clock: Arc<dyn Clock>,
        texts: &'static Texts,
        channels: Channels,
        config: Option<Config>,
    ) -> Result<Self, JournalError> {
        let seen = renewals.journal().seen().await?;
        let sight = Sight {
            quiet_until: renewals.journal().quiet_until().await?,
            ..Sight::default()
        };
        let (wakes, inbox) = mpsc::unbounded_channel();
        Ok(Self {
            renewals,
            clock,
            texts,
            channels,
            config,
            wakes,
            inbox,
            published: watch::Sender::new(Arc::new(sight.clone())),
            sight,
            seen: seen.into_iter().map(|one| (one.id.clone(), one)).collect(),
            present: None,
            looks: Looks::default(),
            busy: HashSet::new(),
            again: None,
            shown: HashMap::new(),
            tasks: TaskTracker::new(),
        })
    }

    /// What is known, and told of when it changes.
    #[must_use]
    pub fn sight(&self) -> watch::Receiver<Arc<Sight>> {
        self.published.subscribe()
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// Where wakes are sent.
    #[must_use]
    pub fn wakes(&self) -> mpsc::UnboundedSender<Wake> {
        self.wakes.clone()
    }

    /// The next wake that is sent.
    pub async fn next(&mut self) -> Wake {
        let wake = self.inbox.recv().await;
        wake.expect("the keeper holds a sender itself")
    }

    /// The folders in which a change means [`Wake::Settings`].
    #[must_use]
    pub fn watched_folders(&self) -> Vec<PathBuf> {
        let Some(config) = &self.config else {
            return Vec::new();
        };
        let folders = &config.folders;
        let mut watched = vec![
            folders.system.value.clone(),
            folders.system_profiles(),
            folders.user.value.clone(),
            folders.user_profiles(),
        ];
        if config.p11_kit.value {
            watched.extend(folders.p11_kit());
        }
        watched
    }

    /// The next moment at which there may be something to do without anybody's asking.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        let current = self.sight.certificates.iter().filter(|one| !one.renewed);
        let change = agenda::next_change(current.map(|one| &one.certificate), now);
        let quiet = self.sight.quiet_until.filter(|until| *until > now);
        let all = [change, quiet, self.again, self.looks.later];
        all.into_iter().flatten().min()
    }

    /// Whether the deadline has come by this watch's own clock.
    #[must_use]
    pub fn is_due(&self) -> bool {
        let now = self.clock.now();
        self.deadline().is_some_and(|deadline| now >= deadline)
    }

    /// Does what a wake asks for.
    pub async fn turn(&mut self, wake: Wake) {
        debug!(?wake, "woken");
        match wake {
            Wake::Due | Wake::ClockSet => {
                // Tokens are looked at only before somebody is told of what is on them.
                if self.looks.later.is_some() || self.has_something_to_tell().await {
                    self.want_look();
                }
                self.again = None;
                self.publish();
            }
            Wake::Resumed | Wake::Renewal => self.want_look(),
            Wake::Asked => self.looks.wanted = true,
            Wake::Readers(readers) => {
                if let Ok(readers) = &readers {
                    let cards = readers.iter().filter(|reader| reader.card_present).count();
                    info!(readers = readers.len(), cards, "readers changed");
                }
                self.sight.readers = Some(readers);
                // Seen at once; what is on a card takes longer to find out.
                self.publish();
                self.want_look();
            }
            Wake::Settings => {
                self.read_settings().await;
                self.want_look();
            }
            Wake::Looked(sighting) => {
                self.looks.running = false;
                self.absorb(sighting).await;
                self.tell().await;
                self.publish();
            }
            Wake::Delivered(delivered) => {
                self.note(delivered).await;
                self.tell().await;
            }
            Wake::Hush(until) => {
                self.hush(until).await;
                self.tell().await;
                self.publish();
            }
        }
        self.look();
    }

    /// Whether nothing is under way: the next wake comes from outside.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        !self.looks.running && self.busy.is_empty() && self.inbox.is_empty()
    }

    /// Withdraws what stands on the desktop: without the agent its button does nothing.
    pub async fn end(&mut self) {
        for (_, over) in self.shown.values() {
            over.cancel();
        }
        self.tasks.close();
        // What is not withdrawn by then stays until the person closes it.
        let _ = tokio::time::timeout(FAREWELL, self.tasks.wait()).await;
        // What reached the person just now must be known to the next agent.
        while let Ok(wake) = self.inbox.try_recv() {
            if let Wake::Delivered(delivered) = wake {
                self.note(delivered).await;
            }
        }
    }

    fn want_look(&mut self) {
        let now = self.clock.now();
        let recent = &mut self.looks.recent;
        // A time in the future was told by a clock that was wrong.
        recent.retain(|at| *at <= now && now.duration_since(*at) < HOUR);
        self.looks.later = None;
        if recent.len() < MOST_LOOKS {
            self.looks.wanted = true;
        } else if let Some(oldest) = recent.front() {
            self.looks.later = oldest.checked_add(HOUR).ok();
        }
    }

    fn look(&mut self) {
        if !self.looks.wanted || self.looks.running {
            return;
        }
        self.looks.wanted = false;
        self.looks.running = true;
        self.looks.recent.push_back(self.clock.now());
        let (renewals, wakes) = (self.renewals.clone(), self.wakes.clone());
        tokio::spawn(async move {
            let _ = wakes.send(Wake::Looked(renewals.sight().await));
        });
    }

    async fn absorb(&mut self, sighting: Sighting) {
        let mut new = Vec::new();
        let mut there = HashSet::new();
        for one in &sighting.certificates {
            let seen = Seen {
                id: one.certificate.id(),
                certificate: one.certificate.der().to_vec(),
                token: one.token.uri.to_string(),
                token_label: one.token.label.clone(),
            };
            there.insert(seen.id.clone());
            if self.seen.get(&seen.id) != Some(&seen) {
                new.push(seen);
            }
        }
        let gone: Vec<_> = self
            .seen
            .values()
            .filter(|one| !there.contains(&one.id) && is_on_one_of(one, &sighting.tokens))
            .map(|one| one.id.clone())
            .collect();
        for id in &gone {
            self.seen.remove(id);
        }
        for one in &new {
            self.seen.insert(one.id.clone(), one.clone());
        }
        if !(new.is_empty() && gone.is_empty())
            && let Err(error) = self.renewals.journal().keep_seen(new, gone).await
        {
            warn!(%error, "could not keep what was seen");
        }
        self.sight.certificates = self.standings(&there).await;
        self.withdraw_what_is_done();
        let before = self.present.replace(sighting.tokens.clone());
        if let Some(before) = before {
            let came = |token: &TokenInfo| before.iter().all(|other| other.uri != token.uri);
            let came: Vec<_> = sighting.tokens.into_iter().filter(came).collect();
            self.renewals.tokens_came(&came).await;
        }
    }

    async fn standings(&self, there: &HashSet<String>) -> Vec<Standing> {
        let profiles = self.renewals.profiles();
        let now = self.clock.now();
        let mut standings = Vec::new();
        for seen in self.seen.values() {
            let Some(mut standing) = standing(seen, &profiles) else {
                continue;
            };
            standing.present = there.contains(&seen.id);
            let status = agenda::status(&standing.profile.renewal, &standing.certificate, now);
            if status == Status::PastGrace && !standing.present {
                continue;
            }
            let renewed = self.renewals.journal().was_renewed(&seen.id).await;
            standing.renewed = renewed.unwrap_or_else(|error| {
                warn!(%error, "could not look for a successor");
                false
            });
            standings.push(standing);
        }
        standings.sort_by_key(|one| one.certificate.not_after());
        for place in 0..standings.len() {
            let one = &standings[place];
            let succeeded = standings[place + 1..].iter().any(|other| {
                other.profile.id == one.profile.id
                    && other.certificate.subject_der() == one.certificate.subject_der()
                    && other.certificate.not_after() > one.certificate.not_after()
            });
            standings[place].renewed |= succeeded;
        }
        standings
    }

    fn withdraw_what_is_done(&mut self) {
        let standings = &self.sight.certificates;
        self.shown.retain(|_, (marks, over)| {
            let matters = marks.iter().any(|(id, _)| {
                standings
                    .iter()
                    .any(|one| one.certificate.id() == *id && !one.renewed)
            });
            if !matters {
                over.cancel();
            }
            matters
        });
    }

    /// Tells the person what is due and was not told, a notice at a time on each channel.
    async fn tell(&mut self) {
        // Before the first look nobody knows what was renewed meanwhile.
        if self.present.is_none() {
            return;
        }
        self.again = None;
        let now = self.clock.now();
        for channel in self.open_channels(now) {
            if let Err(error) = self.tell_by(channel, now).await {
                // What was told must be known before anything is told again.
                warn!(%error, "nobody is told: the journal cannot be read");
                self.again = now.checked_add(HOUR).ok();
            }
        }
    }

    /// The channels on which something could be told now.
    fn open_channels(&self, now: Timestamp) -> Vec<Channel> {
        let quiet = self.sight.quiet_until.is_some_and(|until| until > now);
        let mut open = Vec::new();
        if self.channels.desktop && !quiet {
            open.push(Channel::Desktop);
        }
        if self.channels.mail.is_some() {
            open.push(Channel::Mail);
        }
        open.retain(|channel| !self.busy.contains(channel));
        open
    }

    async fn has_something_to_tell(&self) -> bool {
        let now = self.clock.now();
        for channel in self.open_channels(now) {
            // What cannot be read is found out again, and said, when it is to be told.
            let told = self.renewals.journal().told(channel).await;
            if told.map_or(true, |told| !self.due(&told, now).is_empty()) {
                return true;
            }
        }
        false
    }

    async fn tell_by(&mut self, channel: Channel, now: Timestamp) -> Result<(), JournalError> {
        let journal = self.renewals.journal();
        let told = journal.told(channel).await?;
        let Some(notice) = self.due(&told, now).into_iter().next() else {
            return Ok(());
        };
        let limit = u32::try_from(MOST_A_DAY).unwrap_or(u32::MAX);
        let attempts = journal.attempts(channel, limit).await?;
        let from = allowed_from(&attempts, now);
        if from > now {
            self.again = Some(self.again.map_or(from, |again| again.min(from)));
            return Ok(());
        }
        self.busy.insert(channel);
        match channel {
            Channel::Desktop => self.show(notice),
            Channel::Mail => self.send(notice, now),
        }
        Ok(())
    }

    /// What is due and was not told, a notice for each bank.
    fn due(&self, told: &HashSet<Mark>, now: Timestamp) -> Vec<Notice> {
        let mut notices: Vec<Notice> = Vec::new();
        for standing in self.sight.certificates.iter().filter(|one| !one.renewed) {
            let id = standing.certificate.id();
            let stages = agenda::stages(&standing.profile.renewal, &standing.certificate, now);
            let marks = stages.into_iter().map(|stage| (id.clone(), stage.word()));
            let marks: Vec<_> = marks.filter(|mark| !told.contains(mark)).collect();
            if marks.is_empty() {
                continue;
            }
            let due = standing.due(now);
            let same_bank = |notice: &&mut Notice| notice.profile.id == standing.profile.id;
            match notices.iter_mut().find(same_bank) {
                Some(notice) => {
                    notice.certificates.push(due);
                    notice.marks.extend(marks);
                }
                None => notices.push(Notice {
                    profile: Arc::clone(&standing.profile),
                    certificates: vec![due],
                    marks,
                }),
            }
        }
        notices
    }

    fn show(&mut self, notice: Notice) {
        let over = CancellationToken::new();
        let about = (notice.marks.clone(), over.clone());
        if let Some((_, earlier)) = self.shown.insert(notice.profile.id.clone(), about) {
            earlier.cancel();
        }
        let (wakes, texts) = (self.wakes.clone(), self.texts);
        self.tasks.spawn(async move {
            let shown = desktop::show(&notice, texts).await;
            let _ = wakes.send(Wake::Delivered(Delivered {
                channel: Channel::Desktop,
                succeeded: shown.is_ok(),
                marks: notice.marks,
            }));
            match shown {
                Ok(shown) => shown.attend(over).await,
                Err(error) => warn!(%error, "a notice could not be shown"),
            }
        });
    }

    fn send(&self, notice: Notice, now: Timestamp) {
        let Some(settings) = self.channels.mail.clone() else {
            return;
        };
        let (wakes, texts) = (self.wakes.clone(), self.texts);
        self.tasks.spawn(async move {
            let sent = mail::send(&settings, &notice, texts, now).await;
            match &sent {
                Ok(()) => info!(certificates = notice.certificates.len(), "mail sent"),
                Err(error) => {
                    let cause = std::error::Error::source(error).map(ToString::to_string);
                    warn!(%error, cause, "a mail could not be sent");
                }
            }
            let _ = wakes.send(Wake::Delivered(Delivered {
                channel: Channel::Mail,
                succeeded: sent.is_ok(),
                marks: notice.marks,
            }));
        });
    }

    async fn note(&mut self, delivered: Delivered) {
        let Delivered {
            channel,
            marks,
            succeeded,
        } = delivered;
        let attempt = Attempt {
            at: self.clock.now(),
            succeeded,
        };
        let journal = self.renewals.journal();
        match journal.note_attempt(channel, attempt, marks).await {
            Ok(()) => {
                self.busy.remove(&channel);
            }
            // The channel stays busy: what cannot be noted would be told again and again.
            Err(error) => warn!(%error, "could not note what the person was told"),
        }
    }

    async fn hush(&mut self, until: Option<Timestamp>) {
        self.sight.quiet_until = until;
        if until.is_some() {
            for (_, over) in self.shown.drain().map(|(_, about)| about) {
                over.cancel();
            }
        }
        if let Err(error) = self.renewals.journal().keep_quiet(until).await {
            warn!(%error, "could not note that notices are off");
        }
    }

    async fn read_settings(&mut self) {
        let Some(before) = &self.config else { return };
        match Config::load(before.folders.clone(), Flags::default()) {
            Ok(config) => {
                let profiles = Profiles::load(&config);
                for finding in profiles.rejected().iter().flat_map(|one| &one.findings) {
                    warn!(%finding, "a profile does not count");
                }
                self.channels = Channels::of(&config);
                let modules = daemon::modules(&config);
                info!(
                    profiles = profiles.all().len(),
                    modules = modules.len(),
                    "settings read again"
                );
                self.renewals.replace(profiles, modules).await;
                self.config = Some(config);
            }
            Err(findings) => warn!(%findings, "settings are not usable: the earlier ones stay"),
        }
    }

    fn publish(&self) {
        self.published.send_replace(Arc::new(self.sight.clone()));
    }
}

fn standing(seen: &Seen, profiles: &Profiles) -> Option<Standing> {
    let certificate = Certificate::from_der(&seen.certificate).ok()?;
    let profile = Arc::clone(profiles.for_certificate(&certificate).next()?);
    Some(Standing {
        certificate,
        profile,
        token: seen.token_label.clone(),
        present: false,
        renewed: false,
    })
}

fn is_on_one_of(seen: &Seen, tokens: &[TokenInfo]) -> bool {
    let uri = seen.token.parse::<TokenUri>();
    uri.is_ok_and(|uri| tokens.iter().any(|token| uri.matches(token)))
}

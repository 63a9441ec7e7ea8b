//! The notices by mail: to a certificate's owner when its renewal opens, and once more ten days
//! before it ends.
//!
//! A round looks at all certificates and sends what is due. What could not be sent stays due, so
//! the next round tries again. Mail goes to a relay of the bank's own, in the clear and without a
//! login: it carries neither an ID nor a secret nor a link.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use tracing::{info, warn};

use crate::{
    BankError, Language, User,
    page::text,
    site::Shared,
    store::Expiring,
    time::{day_text, days_until, start_of_day_before},
};

/// Where mail goes, and from whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailOptions {
    /// The bank's relay: `host:port`.
    pub relay: String,
    /// The sender's address.
    pub from: String,
}

/// What a round came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailRound {
    /// So many mails went out.
    pub sent: usize,
    /// So many could not be sent, and are due again.
    pub failed: usize,
}

/// Sends notices, one round at a time.
pub(crate) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    round: tokio::sync::Mutex<()>,
}

/// A relay that says nothing for so long is given up for this round.
const PATIENCE: Duration = Duration::from_secs(30);

/// Between two rounds, unless the clock was set.
const REST: Duration = Duration::from_secs(60);

impl Mailer {
    /// # Errors
    /// When relay or sender can't be read.
    pub(crate) fn new(options: &MailOptions) -> Result<Self, BankError> {
        let refused = || BankError::MailRelay(options.relay.clone());
        let (host, port) = options.relay.rsplit_once(':').ok_or_else(refused)?;
        let port = port.parse().map_err(|_| refused())?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .timeout(Some(PATIENCE))
            .build();
        let sender = text::BANK.say(Language::Japanese).to_owned();
        Ok(Self {
            transport,
            from: Mailbox::new(Some(sender), address(&options.from)?),
            round: tokio::sync::Mutex::default(),
        })
    }

    /// Sends what is due now.
    ///
    /// # Errors
    /// When the database refuses. A relay that refuses is counted, and no error.
    pub(crate) async fn round(&self, shared: &Shared) -> Result<MailRound, BankError> {
        let _one_at_a_time = self.round.lock().await;
        let now = shared.clock.now();
        let mut round = MailRound::default();
        for expiring in shared.store.expiring(now)? {
            let Some(days) = due(&shared.policy.notice_days(), &expiring, now) else {
                continue;
            };
            match self.send(&expiring, now).await {
                Ok(()) => {
                    shared.store.note_notice(&expiring.sha256, days, now)?;
                    info!(user = expiring.user.id, days, "sent a notice");
                    round.sent += 1;
                }
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    warn!(
                        user = expiring.user.id,
                        days, error, "could not send a notice"
                    );
                    round.failed += 1;
                }
            }
        }
        Ok(round)
    }

    async fn send(&self, expiring: &Expiring, now: i64) -> Result<(), BankError> {
        let message = Message::builder()
            .from(self.from.clone())
            .to(recipient(&expiring.user)?)
            .date(moment(now))
            .message_id(None)
            .subject(subject(expiring))
            .header(ContentType::TEXT_PLAIN)
            .body(body(expiring, now))
            .map_err(BankError::MailForm)?;
        self.transport
            .send(message)
            .await
            .map_err(BankError::MailSending)?;
        Ok(())
    }
}

/// Round after round, for as long as the bank serves.
pub(crate) async fn serve(shared: Arc<Shared>, mailer: Arc<Mailer>) {
    loop {
        if let Err(error) = mailer.round(&shared).await {
            let error: &dyn std::error::Error = &error;
            warn!(error, "could not look for notices");
        }
        tokio::select! {
            () = tokio::time::sleep(REST) => {}
            () = shared.clock.moved() => {}
        }
    }
}

/// The notice that is due, by its days before the expiry. One that was missed is not made up for
/// when a later one is due.
fn due(notice_days: &[i64], expiring: &Expiring, now: i64) -> Option<i64> {
    notice_days
        .iter()
        .copied()
        .filter(|days| now >= start_of_day_before(expiring.not_after, *days))
        .min()
        .filter(|days| expiring.last_notice.is_none_or(|sent| *days < sent))
}

fn address(text: &str) -> Result<Address, BankError> {
    text.parse()
        .map_err(|_| BankError::MailAddress(text.to_owned()))
}

fn recipient(user: &User) -> Result<Mailbox, BankError> {
    Ok(Mailbox::new(
        Some(user.name_ja.clone()),
        address(&user.email)?,
    ))
}

fn moment(now: i64) -> SystemTime {
    let seconds = u64::try_from(now).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn subject(expiring: &Expiring) -> String {
    let language = Language::Japanese;
    let day = day_text(expiring.not_after, language);
    let bank = text::BANK.say(language);
    text::mail::SUBJECT.fill(language, &[("bank", bank), ("day", &day)])
}

/// The whole text, in Japanese and then in English.
fn body(expiring: &Expiring, now: i64) -> String {
    let say = |language, name: &str| {
        let day = day_text(expiring.not_after, language);
        let days = days_until(now, expiring.not_after).to_string();
        let values = [
            ("name", name),
            ("bank", text::BANK.say(language)),
            ("service", text::BANK_SERVICE.say(language)),
            ("day", day.as_str()),
            ("days", days.as_str()),
            ("desk", text::HELP_DESK_LINE.say(language)),
            ("hours", text::HELP_DESK_HOURS.say(language)),
        ];
        text::mail::BODY.fill(language, &values)
    };
    let japanese = say(Language::Japanese, &expiring.user.name_ja);
    let english = say(Language::English, &expiring.user.name_en);
    format!("{japanese}\n{}\n\n{english}", "-".repeat(60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Role, time::DAY};

    /// 2027-03-10 23:59:59 in Japan.
    const LAST: i64 = 1_804_690_799;

    fn expiring(last_notice: Option<i64>) -> Expiring {
        Expiring {
            user: User {
                id: "keiri-01".to_owned(),
                name_ja: "経理 花子".to_owned(),
                name_en: "Hanako Keiri".to_owned(),
                role: Role::User,
                email: "keiri-01@customer.example".to_owned(),
            },
            sha256: String::new(),
            not_after: LAST,
            last_notice,
        }
    }

    #[test]
    fn each_notice_is_due_from_its_day_in_japan_until_it_was_sent() {
        let due = |last_notice, now| due(&[30, 10], &expiring(last_notice), now);
        let (first, second) = (LAST + 1 - 31 * DAY, LAST + 1 - 11 * DAY);
        assert_eq!(due(None, first - 1), None);
        assert_eq!(due(None, first), Some(30));
        assert_eq!(due(Some(30), second - 1), None);
        assert_eq!(due(Some(30), second), Some(10));
        assert_eq!(due(Some(10), LAST), None);
        assert_eq!(due(None, second), Some(10));
    }

    #[test]
    fn a_notice_names_day_and_person_and_neither_id_nor_link() {
        let expiring = expiring(None);
        let text = subject(&expiring) + &body(&expiring, LAST - 30 * DAY);
        for part in ["経理 花子 様", "2027年3月10日", "残り30日", "Hanako Keiri"] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        for part in ["keiri-01", "://", "www", ".example", "{", "}"] {
            assert!(!text.contains(part), "{part} is in {text}");
        }
    }
}

//! Notices on the desktop (the Desktop Notifications Specification 1.2).

use std::collections::HashMap;

use futures_util::{FutureExt as _, StreamExt as _, select_biased};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use zbus::{Connection, proxy::CacheProperties, zvariant::Value};

use super::{Notice, open_page};
use crate::language::Texts;

/// org.freedesktop.Notifications, as far as it is used.
#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications",
    gen_blocking = false
)]
trait Notifications {
    #[allow(clippy::too_many_arguments, reason = "the specification has eight")]
    fn notify(
        &self,
        program: &str,
        replaces: u32,
        icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expires: i32,
    ) -> zbus::Result<u32>;

    fn close_notification(&self, id: u32) -> zbus::Result<()>;

    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

/// The action that opens the bank's page, and the one that does nothing but close.
const RENEW: &str = "renew";
const LATER: &str = "later";

/// The specification's "never expires by itself".
const UNTIL_CLOSED: i32 = 0;

/// A notice that stands on the desktop.
pub struct Shown {
    notifications: NotificationsProxy<'static>,
    invoked: ActionInvokedStream,
    closed: NotificationClosedStream,
    id: u32,
    page: Option<String>,
}

/// Shows a notice. It stays until the person closes it.
///
/// # Errors
/// Without a session bus, or without a program on it that shows notices.
pub async fn show(notice: &Notice, texts: &Texts) -> zbus::Result<Shown> {
    let bus = Connection::session().await?;
    let notifications = NotificationsProxy::builder(&bus)
        .cache_properties(CacheProperties::No)
        .build()
        .await?;
    let capabilities = notifications.get_capabilities().await?;
    let has = |wanted: &str| capabilities.iter().any(|capability| capability == wanted);
    // Listened to before there is anything to hear of.
    let invoked = notifications.receive_action_invoked().await?;
    let closed = notifications.receive_notification_closed().await?;
    let mut text = notice.text(texts);
    if has("body-markup") {
        text = escaped(&text);
    }
    let (renew, later) = (
        texts.say("notify-renew", &[]),
        texts.say("notify-later", &[]),
    );
    let actions: &[&str] = if has("actions") {
        &[RENEW, &renew, LATER, &later]
    } else {
        &[]
    };
    // "Critical" would also cover full-screen windows; that is for the last days only.
    let urgency: u8 = if notice.is_urgent() { 2 } else { 1 };
    let hints = HashMap::from([
        ("urgency", Value::from(urgency)),
        ("category", Value::from("im")),
        ("desktop-entry", Value::from("koshin")),
    ]);
    let icon = if notice.is_urgent() {
        "dialog-warning"
    } else {
        "dialog-information"
    };
    let id = notifications
        .notify(
            "Koshin",
            0,
            icon,
            &notice.heading(texts),
            &text,
            actions,
            hints,
            UNTIL_CLOSED,
        )
        .await?;
    info!(certificates = notice.certificates.len(), "notice shown");
    let page = notice.profile.site().map(str::to_owned);
    Ok(Shown {
        notifications,
        invoked,
        closed,
        id,
        page,
    })
}

/// Shows what this program is.
///
/// # Errors
/// As [`show`].
pub async fn tell_about(texts: &Texts) -> zbus::Result<()> {
    let bus = Connection::session().await?;
    let notifications = NotificationsProxy::builder(&bus)
        .cache_properties(CacheProperties::No)
        .build()
        .await?;
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    notifications
        .notify(
            "Koshin",
            0,
            "dialog-information",
            &texts.say("tray-title", &[]),
            &texts.say("tray-about-text", &version),
            &[],
            HashMap::new(),
            -1,
        )
        .await?;
    Ok(())
}

impl Shown {
    /// Does what the person presses, until the notice is closed, or until it is withdrawn by
    /// `over`.
    pub async fn attend(mut self, over: CancellationToken) {
        let withdrawn = over.cancelled().fuse();
        let mut withdrawn = std::pin::pin!(withdrawn);
        loop {
            select_biased! {
                signal = self.invoked.next() => {
                    let Some(signal) = signal else { return };
                    let Ok(told) = signal.args() else { continue };
                    if told.id == self.id && told.action == RENEW {
                        self.renew();
                    }
                }
                signal = self.closed.next() => {
                    let Some(signal) = signal else { return };
                    if signal.args().is_ok_and(|told| told.id == self.id) {
                        return;
                    }
                }
                () = withdrawn => {
                    // It may have been closed in this moment, which is as good.
                    let _ = self.notifications.close_notification(self.id).await;
                    return;
                }
            }
        }
    }

    fn renew(&self) {
        let Some(page) = &self.page else { return };
        if let Err(error) = open_page(page) {
            warn!(%error, "could not open the bank's page");
        }
    }
}

/// As the small markup of notices wants text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

//! The icon, its tooltip and its menu, as the desktop asks for them.

use ksni::{
    Category, Icon, MenuItem, OfflineReason, Status as Attention, ToolTip,
    menu::{CheckmarkItem, StandardItem},
};
use protocol::bridge::Status;
use tokio::sync::mpsc;
use tracing::info;

use super::{Face, Notices};
use crate::{
    language::Texts,
    watch::{WatchView, Watched},
};

/// What the person wants of the tray.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The bank's page.
    Renew(String),
    /// Notices, or none until tomorrow.
    Notices(Notices),
    /// What this program is.
    About,
    /// The end of the tray.
    Quit,
}

/// The icon with what it shows.
pub(super) struct Item {
    texts: &'static Texts,
    orders: mpsc::UnboundedSender<Order>,
    /// What the watch told last; `None` while there is no agent.
    pub(super) view: Option<WatchView>,
}

impl Item {
    pub(super) fn new(texts: &'static Texts, orders: mpsc::UnboundedSender<Order>) -> Self {
        Self {
            texts,
            orders,
            view: None,
        }
    }

    fn face(&self) -> Face {
        let Some(view) = &self.view else {
            return Face::Unknown;
        };
        let all = view.certificates.iter();
        all.map(|certificate| face(certificate.status))
            .max_by_key(|face| Face::ALL.iter().position(|one| one == face))
            .unwrap_or(Face::Unknown)
    }

    fn say(&self, id: &str) -> String {
        self.texts.say(id, &[])
    }

    fn tip(&self) -> String {
        let Some(view) = &self.view else {
            return self.say("tray-tip-not-running");
        };
        let Some(nearest) = view.certificates.first() else {
            return self.say("tray-tip-none");
        };
        let first = match self.face() {
            Face::Unknown | Face::Well => self.say("tray-tip-all-well"),
            Face::Due | Face::Urgent | Face::Expired => self.say("tray-tip-due"),
        };
        let arguments = [
            ("name", nearest.name.as_str()),
            ("date", &self.texts.bank_date(nearest.not_after)),
            ("left", &self.left(nearest)),
        ];
        let mut lines = vec![first, self.texts.say("tray-tip-nearest", &arguments)];
        if view.quiet_until.is_some() {
            lines.push(self.say("tray-tip-quiet"));
        }
        lines.join("\n")
    }

    fn left(&self, certificate: &Watched) -> String {
        let days = certificate.days_left.to_string();
        match certificate.status {
            Status::NotYetValid => self.say("tray-left-not-yet"),
            Status::Expired => self.say("tray-left-expired"),
            Status::PastGrace => self.say("tray-left-past-grace"),
            Status::Valid | Status::Due | Status::Urgent if certificate.days_left == 0 => {
                self.say("tray-left-today")
            }
            Status::Valid | Status::Due | Status::Urgent => {
                self.texts.say("tray-left", &[("days", &days)])
            }
        }
    }

    /// A line for a certificate; its bank's page is what one may want of it.
    fn certificate(&self, certificate: &Watched) -> MenuItem<Self> {
        let id = if certificate.present {
            "tray-certificate"
        } else {
            "tray-certificate-absent"
        };
        let arguments = [
            ("name", certificate.name.as_str()),
            ("bank", certificate.bank.as_str()),
            ("left", &self.left(certificate)),
        ];
        let page = certificate.page.clone();
        StandardItem {
            label: plain(&self.texts.say(id, &arguments)),
            enabled: page.is_some(),
            activate: Box::new(move |item: &mut Self| {
                if let Some(page) = &page {
                    item.order(Order::Renew(page.clone()));
                }
            }),
            ..StandardItem::default()
        }
        .into()
    }

    fn standard(label: String, order: Order) -> MenuItem<Self> {
        StandardItem {
            label: plain(&label),
            activate: Box::new(move |item: &mut Self| item.order(order.clone())),
            ..StandardItem::default()
        }
        .into()
    }

    fn order(&self, order: Order) {
        // It fails while the tray ends, when nothing is left to be done.
        let _ = self.orders.send(order);
    }
}

impl ksni::Tray for Item {
    const MENU_ON_ACTIVATE: bool = true;

    fn id(&self) -> String {
        "koshin".to_owned()
    }

    fn title(&self) -> String {
        self.say("tray-title")
    }

    fn category(&self) -> Category {
        Category::ApplicationStatus
    }

    fn status(&self) -> Attention {
        match self.face() {
            Face::Urgent | Face::Expired => Attention::NeedsAttention,
            Face::Unknown | Face::Well | Face::Due => Attention::Active,
        }
    }

    fn icon_pixmap(&self) -> Vec<Icon> {
        self.face().icons()
    }

    fn attention_icon_pixmap(&self) -> Vec<Icon> {
        self.face().icons()
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip {
            title: self.say("tray-title"),
            description: escaped(&self.tip()),
            ..ToolTip::default()
        }
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        let certificates = self.view.as_ref().map(|view| view.certificates.as_slice());
        let certificates = certificates.unwrap_or_default();
        let mut menu: Vec<_> = certificates
            .iter()
            .map(|one| self.certificate(one))
            .collect();
        if menu.is_empty() {
            menu.push(
                StandardItem {
                    label: self.say("tray-none"),
                    enabled: false,
                    ..StandardItem::default()
                }
                .into(),
            );
        }
        menu.push(MenuItem::Separator);
        let mut banks: Vec<(&str, &str)> = Vec::new();
        for certificate in certificates {
            let bank = certificate.bank.as_str();
            if let Some(page) = certificate.page.as_deref()
                && !banks.contains(&(bank, page))
            {
                banks.push((bank, page));
            }
        }
        for (bank, page) in &banks {
            let label = self.texts.say("tray-renew", &[("bank", bank)]);
            menu.push(Self::standard(label, Order::Renew((*page).to_owned())));
        }
        if !banks.is_empty() {
            menu.push(MenuItem::Separator);
        }
        if let Some(view) = &self.view {
            let quiet = view.quiet_until.is_some();
            let order = Order::Notices(if quiet {
                Notices::On
            } else {
                Notices::OffUntilTomorrow
            });
            menu.push(
                CheckmarkItem {
                    label: self.say("tray-quiet"),
                    checked: quiet,
                    activate: Box::new(move |item: &mut Self| item.order(order.clone())),
                    ..CheckmarkItem::default()
                }
                .into(),
            );
            menu.push(MenuItem::Separator);
        }
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        menu.push(Self::standard(
            self.texts.say("tray-about", &version),
            Order::About,
        ));
        menu.push(Self::standard(self.say("tray-quit"), Order::Quit));
        menu
    }

    fn watcher_online(&self) {
        info!("the desktop shows the icon");
    }

    fn watcher_offline(&self, _: OfflineReason) -> bool {
        info!("no panel on this desktop shows icons: waiting for one");
        true
    }
}

fn face(status: Status) -> Face {
    match status {
        Status::NotYetValid | Status::Valid => Face::Well,
        Status::Due => Face::Due,
        Status::Urgent => Face::Urgent,
        Status::Expired | Status::PastGrace => Face::Expired,
    }
}

/// A label without access keys: in menus an underscore marks one.
fn plain(label: &str) -> String {
    label.replace('_', "__")
}

/// As the small markup of tooltips wants text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

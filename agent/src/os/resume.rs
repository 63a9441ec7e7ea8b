//! The PC's waking from sleep, told by logind.

use futures_util::StreamExt as _;
use tracing::debug;
use zbus::{Connection, proxy::CacheProperties};

/// logind's manager (org.freedesktop.login1(5)), as far as it is listened to.
#[zbus::proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1",
    gen_blocking = false
)]
trait Logind {
    /// The PC is about to sleep (true), or has woken (false).
    #[zbus(signal)]
    fn prepare_for_sleep(&self, begins: bool) -> zbus::Result<()>;
}

/// Calls `woken` each time the PC has woken from sleep. Returns where nobody would tell: without
/// a system bus, or once it is gone.
pub async fn each(mut woken: impl FnMut()) {
    let listening = async {
        let bus = Connection::system().await?;
        let logind = LogindProxy::builder(&bus)
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        let mut signals = logind.receive_prepare_for_sleep().await?;
        while let Some(signal) = signals.next().await {
            if signal.args().is_ok_and(|told| !told.begins) {
                woken();
            }
        }
        Ok::<_, zbus::Error>(())
    };
    if let Err(error) = listening.await {
        debug!(%error, "nobody tells when this PC wakes from sleep");
    }
}

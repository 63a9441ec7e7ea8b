//! The end of what is no longer used: an old certificate and its pair, and what a renewal that came
//! to nothing left.

use pkcs11_bridge::{Inventory, KeyStatus, Lease};
use protocol::{
    bridge::ProblemCode,
    certificate::Certificate,
    renewal::{Done, Leftover},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::{
    perform::{Performed, Performer, close, misplaced},
    session::Stuck,
};
use crate::{failure::Failure, journal::Record};

impl Performer {
    /// Removes the old certificate, so that no browser offers it any more; its key goes too
    /// where the token can be opened without asking for the PIN.
    pub(super) async fn remove_old(
        &self,
        record: &Record,
        over: &CancellationToken,
    ) -> Result<Performed, Stuck> {
        let old = self.aim.old().ok_or_else(misplaced)?;
        let new = record.state.installed().ok_or_else(misplaced)?;
        let new = new.certificate.as_slice();
        let (mut lease, logged_in) = match self.session.login_unasked(over).await? {
            Some(mut lease) => {
                self.recover(&mut lease, record).await;
                (lease, true)
            }
            None => (self.session.open(over).await?, false),
        };
        let inventory = lease.inventory().await?;
        stands(&inventory, new)?;
        lease.remove_certificate(&old.sha256()).await?;
        if logged_in {
            remove_unused_pair(&mut lease, &inventory, old, Some(new)).await?;
        }
        close(lease).await;
        let key_left = !logged_in;
        debug!(key_left, "old certificate removed");
        Ok(Performed::done(Done::OldRemoved { key_left }))
    }

    /// Removes what an ended renewal left, where that needs no PIN; else it goes with the next
    /// login to the same token.
    pub(super) async fn discard(
        &self,
        record: &Record,
        over: &CancellationToken,
    ) -> Result<Performed, Stuck> {
        let Some(leftover) = record.state.pending() else {
            return Ok(Performed::done(Done::Discarded));
        };
        let lease = self.session.login_unasked(over).await?;
        self.session.forget();
        let Some(mut lease) = lease else {
            return Err(Stuck::person(Failure::new(ProblemCode::Cancelled)));
        };
        self.recover(&mut lease, record).await;
        remove_leftover(&mut lease, &leftover).await?;
        close(lease).await;
        debug!("leftovers removed");
        Ok(Performed::done(Done::Discarded))
    }
}

/// Without the new certificate the old one is all that there is.
pub(super) fn stands(inventory: &Inventory, new: &[u8]) -> Result<(), Stuck> {
    let there = inventory
        .certificates
        .iter()
        .any(|entry| entry.der == new && entry.key != KeyStatus::Absent);
    there
        .then_some(())
        .ok_or_else(|| Stuck::person(Failure::new(ProblemCode::NewCertificateGone)))
}

/// Removes what carries the id of a renewal that came to nothing.
pub(super) async fn remove_leftover(lease: &mut Lease, leftover: &Leftover) -> Result<(), Stuck> {
    if let Some(certificate) = &leftover.certificate
        && let Ok(certificate) = Certificate::from_der(certificate.as_slice())
    {
        lease.remove_certificate(&certificate.sha256()).await?;
    }
    lease.remove_by_id(&leftover.key.0).await?;
    Ok(())
}

/// Removes the pair of an old certificate, unless another certificate of this inventory is for it
/// or its successor (DER), if it must have one, is not there.
pub(super) async fn remove_unused_pair(
    lease: &mut Lease,
    inventory: &Inventory,
    old: &Certificate,
    new: Option<&[u8]>,
) -> Result<(), Stuck> {
    if let Some(new) = new {
        stands(inventory, new)?;
    }
    let used = inventory.certificates.iter().any(|entry| {
        entry.der != old.der()
            && Certificate::from_der(&entry.der)
                .is_ok_and(|certificate| certificate.spki_der() == old.spki_der())
    });
    if used {
        warn!("the old key stays: another certificate is for it");
    } else {
        lease.remove_pair(old.spki_der()).await?;
    }
    Ok(())
}

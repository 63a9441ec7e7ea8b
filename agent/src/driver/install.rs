//! The new certificate on the token: written, read back, and its key used from a fresh process.

use pkcs11_bridge::{Inventory, KnownAs, Lease, TokenError};
use protocol::{
    accept::AcceptedCertificate,
    bridge::ProblemCode,
    certificate::Certificate,
    proof::{ProofToSign, Purpose},
    renewal::{Done, KeyId, State},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::{
    perform::{Asked, Performed, Performer, close, internal, misplaced, pending},
    session::Stuck,
};
use crate::{
    failure::Failure,
    journal::{Creates, Record},
};

impl Performer {
    pub(super) async fn write(
        &self,
        record: &Record,
        over: &CancellationToken,
    ) -> Result<Performed, Stuck> {
        let State::InstallIntent(answered) = &record.state else {
            return Err(misplaced());
        };
        let accepted = self.accepted(record)?;
        let mut lease = self.open_token(self.why_pin_again(), record, over).await?;
        self.install(&mut lease, &accepted, &answered.key.id, record)
            .await?;
        close(lease).await;
        debug!("certificate written and read back");
        Ok(Performed::done(Done::Written))
    }

    /// A fresh process finds the key through the certificate and signs the receipt with it.
    pub(super) async fn prove(
        &self,
        record: &Record,
        over: &CancellationToken,
    ) -> Result<Performed, Stuck> {
        let State::Unproven(answered) = &record.state else {
            return Err(misplaced());
        };
        let accepted = self.accepted(record)?;
        let new = accepted.certificate();
        let why = self.why_pin_again();
        let mut lease = self.open_token(why, record, over).await?;
        let signed = &answered.signed;
        let asked = Asked {
            nonce: signed.nonce.as_slice(),
            origin: &signed.origin,
        };
        // An acquisition renews nothing but what it brought.
        let about = self.aim.old().unwrap_or(new).sha256();
        let claims = self.claims(Purpose::Receipt, &asked, about).await?;
        let to_sign = ProofToSign::new(new.der(), new, &claims).map_err(internal)?;
        let message = to_sign.message();
        let mut signature = lease.sign_by_certificate(new.der(), message).await;
        if matches!(signature, Err(TokenError::KeyNotFound)) && !shows(&mut lease, new).await? {
            // Another program has removed the certificate since: it is written once more, and
            // looked for by yet another process.
            let id = &answered.key.id;
            self.install(&mut lease, &accepted, id, record).await?;
            close(lease).await;
            lease = self.open_token(why, record, over).await?;
            signature = lease.sign_by_certificate(new.der(), message).await;
        }
        let signature = match signature {
            Err(TokenError::KeyNotFound) => return Err(key_missing(&mut lease).await),
            other => other?,
        };
        let receipt = to_sign
            .assemble(&signature)
            .map_err(|error| Stuck::fault(Failure::new(ProblemCode::ProofFailed).because(error)))?;
        debug!("new key proven");
        self.part_with_expired(&mut lease).await;
        close(lease).await;
        Ok(Performed::done(Done::Used(receipt.into())))
    }

    /// Writes a certificate under its key's id and reads it back, and takes the pending mark off the
    /// pair. Nothing but an accepted one can be written. A crash in the middle of taking the mark
    /// off can cost the key (SoftHSM2 writes the object anew), so it comes before the proof.
    async fn install(
        &self,
        lease: &mut Lease,
        accepted: &AcceptedCertificate,
        id: &KeyId,
        record: &Record,
    ) -> Result<(), Stuck> {
        let inventory = Inventory {
            certificates: lease.certificates().await?,
            ..Inventory::default()
        };
        self.keep_before(record, Creates::Certificate, &inventory)
            .await?;
        let new = accepted.certificate();
        let label = self.label();
        let written = lease
            .write_certificate(new.der(), new.spki_der(), &id.0, &label)
            .await;
        match written {
            Err(TokenError::KeyNotFound) => return Err(key_missing(lease).await),
            other => other.map_err(Stuck::storing)?,
        }
        match unmark(lease, new, id, &label).await {
            Err(TokenError::KeyNotFound) => Err(key_missing(lease).await),
            other => Ok(other?),
        }
    }
}

/// Takes the pending mark off the new pair, unless the token does not rename.
async fn unmark(
    lease: &mut Lease,
    new: &Certificate,
    id: &KeyId,
    label: &str,
) -> Result<(), TokenError> {
    /// A module that fails once may do better the next time; one that does not rename, never.
    const TRIES: u32 = 2;
    let known = KnownAs {
        id: id.0,
        label: pending(label),
    };
    for _ in 0..TRIES {
        match lease.relabel_pair(new.spki_der(), &known, label).await {
            Ok(()) => break,
            Err(
                error @ (TokenError::Module { .. }
                | TokenError::TemplateRefused
                | TokenError::WriteProtected
                | TokenError::ReadBack { .. }),
            ) => warn!(%error, "the token does not rename keys"),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The new pair is not found: gone for good if the token shows anything else, and else perhaps only
/// until the token is back, because some modules find nothing on one that was pulled.
async fn key_missing(lease: &mut Lease) -> Stuck {
    let shows_others = lease.inventory().await.is_ok_and(|inventory| {
        !(inventory.certificates.is_empty()
            && inventory.public_keys.is_empty()
            && inventory.private_keys.is_empty())
    });
    if shows_others {
        Stuck::fault(Failure::new(ProblemCode::ProofFailed).because("the new key is gone"))
    } else {
        TokenError::TokenRemoved.into()
    }
}

/// Whether a certificate is on the token.
async fn shows(lease: &mut Lease, certificate: &Certificate) -> Result<bool, Stuck> {
    let shown = lease.certificates().await?;
    Ok(shown.iter().any(|entry| entry.der == certificate.der()))
}

//! What the bank thinks of the certificate that came with a connection.

use protocol::certificate::Certificate;

use super::{Fault, Shared};
use crate::{
    BankError, ca,
    page::problem::CertificateProblem,
    store::{CertificateStatus, IssuedCertificate, LogEntry, LogEvent},
    time,
    tls::PeerCertificate,
};

/// A certificate that may be used, or why the one that was shown may not.
pub(super) type Verdict = Result<IssuedCertificate, CertificateProblem>;

/// Looks at chain, validity and revocation.
///
/// The database holds each certificate that the CA ever signed, under the hash of its whole DER.
/// To be found there is more than a chain could prove; what isn't there is someone else's.
pub(super) fn judge(
    shared: &Shared,
    peer: &PeerCertificate,
    now: i64,
) -> Result<Verdict, BankError> {
    let Some(der) = &peer.0 else {
        return Ok(Err(CertificateProblem::Missing));
    };
    let Some(found) = shared.store.certificate(&ca::hex(&ca::digest(der)))? else {
        return Ok(Err(CertificateProblem::Foreign));
    };
    let user = found.user.clone();
    let problem = match found.status {
        CertificateStatus::Revoked if found.reason.as_deref() == Some("superseded") => {
            CertificateProblem::Superseded {
                user,
                serial: found.serial,
            }
        }
        CertificateStatus::Revoked | CertificateStatus::Rejected => CertificateProblem::Revoked {
            user,
            serial: found.serial,
        },
        _ if now < found.not_before => CertificateProblem::NotYetValid {
            user,
            not_before: found.not_before,
        },
        _ if now > last_day(shared, &found) => CertificateProblem::Expired {
            user,
            not_after: found.not_after,
        },
        _ => return Ok(Ok(found)),
    };
    Ok(Err(problem))
}

/// As [`judge`], for an ID that is known by its password.
///
/// A certificate that ended when its successor was issued may come and fetch that. Where the
/// browser showed nothing, the ID's own certificate counts as shown once it has expired, because
/// browsers then show it no more: it leads to its renewal and to nothing else, and there the agent
/// proves that its key is at hand.
pub(super) fn judge_visitor(
    shared: &Shared,
    peer: &PeerCertificate,
    user: &str,
    now: i64,
) -> Result<Verdict, BankError> {
    let verdict = judge(shared, peer, now)?;
    match (&verdict, &peer.0) {
        (Err(CertificateProblem::Superseded { .. }), Some(der)) => {
            match shared.store.certificate(&ca::hex(&ca::digest(der)))? {
                Some(found) if shared.store.may_fetch(&found)? => Ok(Ok(found)),
                _ => Ok(verdict),
            }
        }
        (Err(CertificateProblem::Missing), _) => {
            let held = shared.store.certificates_of(user)?;
            let newest = held
                .into_iter()
                .find(|held| held.status == CertificateStatus::Active);
            Ok(match newest {
                Some(late) if now > last_day(shared, &late) => Err(CertificateProblem::Expired {
                    user: late.user,
                    not_after: late.not_after,
                }),
                Some(late) if now > late.not_after => Ok(late),
                _ => verdict,
            })
        }
        _ => Ok(verdict),
    }
}

/// The last second in which a certificate may be renewed: its own, or that of the last day of the
/// bank's grace.
pub(super) fn last_day(shared: &Shared, certificate: &IssuedCertificate) -> i64 {
    match shared.policy.grace_days {
        0 => certificate.not_after,
        days => time::end_of_day(certificate.not_after, days),
    }
}

/// The first second in which a certificate may be renewed.
pub(super) fn window_opens(shared: &Shared, certificate: &IssuedCertificate) -> i64 {
    time::start_of_day_before(certificate.not_after, shared.policy.window_days)
}

/// Writes a line of the TLS log.
pub(super) fn log(
    shared: &Shared,
    event: LogEvent,
    user: Option<&str>,
    peer: &PeerCertificate,
    verdict: &str,
    status: u16,
) -> Result<(), Fault> {
    let parsed = peer
        .0
        .as_deref()
        .and_then(|der| Certificate::from_der(der).ok());
    shared.store.log(&LogEntry {
        time: time::rfc3339(shared.clock.now()),
        event,
        user: user.map(ToOwned::to_owned),
        serial: parsed.as_ref().map(Certificate::serial_hex),
        sha256: peer.0.as_deref().map(|der| ca::hex(&ca::digest(der))),
        certificate: verdict.to_owned(),
        status,
    })?;
    Ok(())
}

//! What only an acquisition does: how it begins or is found again, the choice of the token, and
//! the one-time code.
//!
//! An acquisition is named by profile and subject, as a renewal is by its old certificate. One
//! that is done stays findable by its nonce, because nothing on the token says what it was for.

use std::sync::Arc;

use pkcs11_bridge::{CertificateEntry, Lease, TokenError, TokenInfo, client};
use protocol::{
    bridge::{BeginRenewal, ProblemCode},
    certificate::{Certificate, Subject, sha256_id},
    renewal::{Done, State},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::{
    Caller,
    aim::Aim,
    begin::{begin_new, blank_record, check_signature, find_again, start},
    course::First,
    perform::{Performed, Performer, close},
    retire::remove_unused_pair,
    session::Stuck,
    shared::Shared,
    unavailable,
};
use crate::{
    failure::Failure,
    journal::{Record, Target},
    profile::Profile,
    prompt::RefusedBefore,
};

/// Begins an acquisition, or finds the one that there is. Only a page can: the bank's site knows
/// whom the certificate is for, and takes the request.
pub(super) async fn acquire(
    shared: &Arc<Shared>,
    caller: &Caller,
    request: &BeginRenewal,
    subject: &Subject,
) -> Result<(Arc<Record>, bool), Failure> {
    let Caller::Page { origin, .. } = caller else {
        return Err(Failure::new(ProblemCode::BadRequest).because("only a page can acquire"));
    };
    // Banks that share a site are told apart by the subject, as their certificates are.
    let profile = origin
        .profiles()
        .iter()
        .find(|profile| profile.may_be_named(&subject.attributes()))
        .ok_or_else(|| {
            Failure::new(ProblemCode::BadRequest).because("the subject is none of the bank's")
        })?;
    let id = id(profile, subject);
    let one_at_a_time = shared.beginning.lock().await;
    if let Some(course) = shared.course_for(&id) {
        drop(one_at_a_time);
        return Ok((find_again(shared, caller, request, &course).await?, false));
    }
    let past = shared
        .journal
        .of_certificate(&id)
        .await
        .map_err(unavailable)?;
    let aim = Aim::Acquisition(subject.clone());
    match past {
        Some(record) if !record.state.is_final() => {
            // It was left alone when the agent started, because its module or profile was gone.
            let first = First::Restarted;
            let course = start(shared, &record, aim, Arc::clone(profile), caller, first)?;
            drop(one_at_a_time);
            return Ok((find_again(shared, caller, request, &course).await?, false));
        }
        // It is installed, and the page wants the receipt once more.
        Some(record) if is_for(&record, request) => return Ok((Arc::new(record), false)),
        Some(_) | None => {}
    }
    check_signature(shared, caller, request, profile)?;
    let record = Record {
        certificate_id: id,
        target: Target::Acquisition {
            subject: subject.name_der().to_vec(),
            alternative_names: subject.san_extension_der().map(<[u8]>::to_vec),
        },
        ..blank_record(shared, caller, request, profile)?
    };
    let record = begin_new(shared, caller, record, aim, Arc::clone(profile)).await?;
    Ok((record, true))
}

impl Performer {
    /// Finds the tokens that can get a certificate of this bank, and asks which one where there
    /// are several.
    pub(super) async fn choose_token(&self, over: &CancellationToken) -> Result<Performed, Stuck> {
        let listings = client::tokens(&self.shared.launcher, &self.shared.modules()).await;
        let mut usable: Vec<(String, TokenInfo)> = Vec::new();
        let mut why_not = Stuck::from(TokenError::TokenNotFound);
        for listing in listings {
            let module = listing.module;
            match listing.tokens {
                Ok(tokens) => {
                    for token in tokens.into_iter().map(|listing| listing.token) {
                        match self.may_get_certificate(&token) {
                            Ok(()) => usable.push((module.clone(), token)),
                            Err(error) => why_not = error.into(),
                        }
                    }
                }
                Err(error) => {
                    let stuck = Stuck::from(error);
                    why_not = Stuck {
                        failure: stuck.failure.with("module", &module),
                        ..stuck
                    };
                }
            }
        }
        let index = match usable.len() {
            0 => return Err(why_not),
            1 => 0,
            _ => {
                let tokens: Vec<_> = usable.iter().map(|(_, token)| token.clone()).collect();
                self.person.choose_token(&tokens, over).await?
            }
        };
        let (module, token) = usable.swap_remove(index);
        debug!(module, "token chosen");
        Ok(Performed::done(Done::TokenChosen {
            module,
            token: token.uri.to_string(),
        }))
    }

    fn may_get_certificate(&self, token: &TokenInfo) -> Result<(), TokenError> {
        let wanted = &self.profile.key_types;
        if !token.initialized {
            Err(TokenError::TokenNotFound)
        } else if !token.writable {
            Err(TokenError::WriteProtected)
        } else if token.pin.locked {
            Err(TokenError::PinLocked)
        } else if wanted.iter().any(|kind| token.key_types.contains(kind)) {
            Ok(())
        } else {
            Err(TokenError::KeyTypeUnsupported)
        }
    }

    /// Asks for the one-time code, and keeps it for the request.
    pub(super) async fn ask_code(
        &self,
        record: &Record,
        over: &CancellationToken,
    ) -> Result<Performed, Stuck> {
        let refused = match &record.state {
            State::EnterCode { refused } => refused.as_ref(),
            _ => None,
        };
        let refused = refused.map(|refused| RefusedBefore {
            tries_left: refused.tries_left,
        });
        let code = self.person.code(refused, over).await?;
        self.session.keep_code(code);
        debug!("one-time code entered");
        Ok(Performed::done(Done::CodeEntered))
    }
}

impl Performer {
    /// The expired certificates of the same subject and bank on the chosen token: a browser would
    /// go on offering them beside the acquired one. None for a renewal, which has its old one.
    pub(super) async fn expired_before(&self, over: &CancellationToken) -> Vec<Certificate> {
        let Aim::Acquisition(subject) = &*self.aim else {
            return Vec::new();
        };
        let certificates = match self.look_at_token(over).await {
            Ok(certificates) => certificates,
            Err(stuck) => {
                // Whether the certificate can be written shows when it is.
                debug!(failure = %stuck.failure, "no look at the token");
                return Vec::new();
            }
        };
        let now = self.shared.clock.now().as_second();
        let before = |certificate: &Certificate| {
            certificate.subject_der() == subject.name_der()
                && certificate.not_after() < now
                && self.profile.serves(certificate)
        };
        certificates.into_iter().filter(before).collect()
    }

    async fn look_at_token(&self, over: &CancellationToken) -> Result<Vec<Certificate>, Stuck> {
        let mut lease = self.session.open(over).await?;
        let inventory = lease.inventory().await?;
        close(lease).await;
        let read = |entry: &CertificateEntry| Certificate::from_der(&entry.der).ok();
        Ok(inventory.certificates.iter().filter_map(read).collect())
    }

    /// Removes what the person agreed to part with, keys included. It cannot log in anywhere any
    /// more, so there is no word of the bank's to wait for. What cannot be removed stays.
    pub(super) async fn part_with_expired(&self, lease: &mut Lease) {
        for expired in std::mem::take(&mut *self.parting.lock().await) {
            let serial = expired.serial_hex();
            match remove_with_key(lease, &expired).await {
                Ok(()) => info!(serial, "expired certificate removed"),
                Err(stuck) => {
                    warn!(serial, failure = %stuck.failure, "an expired certificate stays");
                }
            }
        }
    }
}

async fn remove_with_key(lease: &mut Lease, expired: &Certificate) -> Result<(), Stuck> {
    let inventory = lease.inventory().await?;
    lease.remove_certificate(&expired.sha256()).await?;
    remove_unused_pair(lease, &inventory, expired, None).await
}

/// Whether it brought a certificate for this nonce.
fn is_for(record: &Record, request: &BeginRenewal) -> bool {
    let nonce = record.state.signed().map(|signed| signed.nonce.as_slice());
    matches!(record.state, State::Retired { .. }) && nonce == Some(request.nonce.as_bytes())
}

/// 64 hexadecimal digits that name profile and subject.
fn id(profile: &Profile, subject: &Subject) -> String {
    sha256_id(&[profile.id.as_bytes(), &[0], subject.name_der()].concat())
}

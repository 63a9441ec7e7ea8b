//! A renewal as its caller sees it.

use protocol::{bridge, bridge::RenewalView, certificate::Certificate, renewal::State};
use serde::{Deserialize, Serialize};

use super::{aim::Aim, found::time_text};
use crate::{
    failure::Failure,
    journal::{Record, Target},
    language::Texts,
};

/// What the journal keeps of a [`Failure`], so that it can be told again in any language.
#[derive(Serialize, Deserialize)]
struct Kept {
    arguments: Vec<(String, String)>,
}

/// What the journal keeps of a failure.
pub(super) fn keep(failure: &Failure) -> Option<String> {
    let kept = Kept {
        arguments: failure
            .arguments
            .iter()
            .map(|(name, value)| (name.clone().into_owned(), value.clone()))
            .collect(),
    };
    serde_json::to_string(&kept).ok()
}

/// The failure that a renewal's state speaks of.
pub(super) fn kept_failure(record: &Record) -> Option<Failure> {
    let code = record.state.problem()?;
    let mut failure = Failure::new(code);
    failure.reference = record.id.reference();
    if matches!(record.target, Target::Acquisition { .. }) {
        failure = failure.with("kind", "acquire");
    }
    if let Some(tries) = tries_left(&record.state) {
        failure = failure.with("tries", tries.to_string());
    }
    let kept = record
        .failure
        .as_deref()
        .and_then(|text| serde_json::from_str::<Kept>(text).ok());
    if let Some(kept) = kept {
        let kept = kept.arguments.into_iter();
        failure
            .arguments
            .extend(kept.map(|(name, value)| (name.into(), value)));
    }
    Some(failure)
}

/// A renewal as its caller sees it, in the caller's language.
pub(super) fn view(record: &Record, texts: &Texts) -> RenewalView {
    let signed = record.state.signed();
    RenewalView {
        id: record.id.as_str().to_owned(),
        kind: match record.target {
            Target::Renewal { .. } => bridge::Kind::Renew,
            Target::Acquisition { .. } => bridge::Kind::Acquire,
        },
        certificate: match record.target {
            Target::Renewal { .. } => Some(record.certificate_id.clone()),
            Target::Acquisition { .. } => None,
        },
        name: match record.target {
            Target::Renewal { .. } => None,
            Target::Acquisition { .. } => Aim::of(&record.target).ok().map(|aim| aim.name()),
        },
        state: record.state.name(),
        revision: record.revision,
        created: record.created.to_string(),
        waiting: match record.state {
            State::Waiting { reason, .. } => Some(reason),
            _ => None,
        },
        csr: signed.map(|signed| signed.request.to_base64()),
        proof: signed.and_then(|signed| Some(signed.proof.as_ref()?.to_base64())),
        new_certificate: record.state.new_certificate().and_then(delivered),
        receipt: record
            .state
            .installed()
            .map(|installed| installed.receipt.to_base64()),
        problem: kept_failure(record).map(|failure| texts.problem(&failure)),
    }
}

/// How many more wrong codes the bank takes.
fn tries_left(state: &State) -> Option<u32> {
    match state {
        State::Waiting { resume, .. } => tries_left(resume),
        State::EnterCode { refused } => refused.as_ref()?.tries_left,
        _ => None,
    }
}

fn delivered(der: &[u8]) -> Option<bridge::DeliveredCertificate> {
    let certificate = Certificate::from_der(der).ok()?;
    Some(bridge::DeliveredCertificate {
        id: certificate.id(),
        serial: certificate.serial_hex(),
        subject: certificate.subject_text(),
        not_before: time_text(certificate.not_before()),
        not_after: time_text(certificate.not_after()),
    })
}

//! The messages' texts.
#![cfg(test)]

use std::{fmt::Debug, str::FromStr as _};

use base64ct::{Base64, Encoding as _};
use proptest::{option, prelude::*, sample::select};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;
use crate::bridge::{BeginRenewal, Nonce, ProblemCode, Target};
use crate::certificate::Subject;

#[test]
fn an_outcome_is_an_object_with_one_member() {
    let text = json!({"outcome": "first-login"});
    assert_eq!(serde_json::to_value(Outcome::FirstLogin).unwrap(), text);
    assert_eq!(read::<Outcome>(&text).unwrap(), Outcome::FirstLogin);
    assert!(read::<Outcome>(&json!("first-login")).is_err());
}

#[test]
fn the_cas_answer_is_one_of_two_objects() {
    let certificate = CertificateAnswer::Certificate("PEM".to_owned());
    let pending = CertificateAnswer::Pending(PendingAnswer { retry_after: 5 });
    assert_eq!(
        serde_json::to_value(certificate).unwrap(),
        json!({"certificate": "PEM"})
    );
    assert_eq!(
        serde_json::to_value(pending).unwrap(),
        json!({"pending": {"retry_after": 5}})
    );
    for wrong in [
        json!({}),
        json!({"certificate": "PEM", "pending": {"retry_after": 5}}),
        json!({"pending": {}}),
        json!({"pending": {"retry_after": -1}}),
        json!({"pending": {"retry_after": 5, "more": 1}}),
        json!({"refused": "no"}),
        json!("certificate"),
    ] {
        assert!(read::<CertificateAnswer>(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_request_with_an_unknown_or_malformed_member_is_refused() {
    let begin = json!({
        "kind": "renew", "certificate": "0f".repeat(32), "nonce": "A".repeat(22),
    });
    assert!(read::<BeginRenewal>(&begin).is_ok());
    for (member, value) in [
        ("more", json!(1)),
        ("kind", json!("revoke")),
        ("certificate", json!("0F".repeat(32))),
        ("certificate", Value::Null),
        ("nonce", json!("A".repeat(21))),
        ("nonce", json!(7)),
        ("request", json!({})),
    ] {
        let mut changed = begin.clone();
        changed[member] = value;
        assert!(read::<BeginRenewal>(&changed).is_err(), "{changed}");
    }
    assert!(read::<Outcome>(&json!({"outcome": "old-revoked", "more": 1})).is_err());
}

#[test]
fn an_acquisition_names_a_subject_and_no_certificate() {
    let subject = Base64::encode_string(&crate::testing::name(&[("2.5.4.3", "keiri-01")]));
    let begin = json!({ "kind": "acquire", "subject": subject, "nonce": "A".repeat(22) });
    assert!(read::<BeginRenewal>(&begin).is_ok());
    for (member, value) in [
        ("kind", json!("renew")),
        ("certificate", json!("0f".repeat(32))),
        ("subject", Value::Null),
        ("subject", json!("MAA=")),
        ("subject", json!("a name")),
        ("subject_alt_name", json!(subject)),
    ] {
        let mut changed = begin.clone();
        changed[member] = value;
        assert!(read::<BeginRenewal>(&changed).is_err(), "{changed}");
    }
}

#[test]
fn a_client_reads_on_past_members_that_a_newer_agent_adds() {
    let view = json!({
        "id": "0".repeat(32), "kind": "renew", "certificate": "0".repeat(64),
        "state": "consent", "revision": 1, "created": "2026-11-22T00:00:00Z", "more": [1],
    });
    assert!(read::<RenewalView>(&view).is_ok());
}

#[test]
fn what_is_not_there_yet_is_absent_rather_than_null() {
    let view = json!({
        "id": "0".repeat(32), "kind": "renew", "certificate": "0".repeat(64),
        "state": "consent", "revision": 1, "created": "2026-11-22T00:00:00Z",
    });
    let read: RenewalView = read(&view).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), view);
}

proptest! {
    #[test]
    fn requests_survive_their_text(begin in begin(), answer in answer(), outcome in outcome()) {
        survives(&begin)?;
        survives(&answer)?;
        survives(&outcome)?;
    }

    #[test]
    fn renewals_survive_their_text(view in view(), at in text()) {
        let line = Progress { revision: view.revision, state: view.state, at };
        survives(&line)?;
        survives(&view)?;
    }

    #[test]
    fn certificates_survive_their_text(certificate in certificate()) {
        survives(&CertificateList { certificates: vec![certificate] })?;
    }

    /// The stream of progress is split at line ends.
    #[test]
    fn no_message_has_a_line_end_in_its_text(view in view()) {
        prop_assert!(!serde_json::to_string(&view).unwrap().contains('\n'));
    }
}

fn survives<T>(message: &T) -> Result<(), TestCaseError>
where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    let text = serde_json::to_string(message).unwrap();
    let back: T = serde_json::from_str(&text).unwrap();
    prop_assert_eq!(&back, message, "{}", text);
    Ok(())
}

fn read<T: DeserializeOwned>(value: &Value) -> serde_json::Result<T> {
    serde_json::from_str(&value.to_string())
}

fn text() -> impl Strategy<Value = String> {
    any::<String>()
}

fn begin() -> impl Strategy<Value = BeginRenewal> {
    let nonce = proptest::collection::vec(any::<u8>(), Nonce::MIN..=Nonce::MAX);
    let acquire = (any::<char>(), any::<bool>()).prop_map(|(id, alternative)| {
        let name = crate::testing::name(&[("2.5.4.3", &format!("id-{id}"))]);
        let extension = alternative.then(crate::testing::san);
        Target::Acquire(Subject::from_der(&name, extension.as_deref()).unwrap())
    });
    let target = prop_oneof![
        any::<[u8; 32]>().prop_map(|sha256| Target::Renew(CertificateId::from(sha256))),
        acquire,
    ];
    (target, nonce, option::of(text())).prop_map(|(target, nonce, request)| BeginRenewal {
        target,
        nonce: Nonce::from_bytes(&nonce).unwrap(),
        request,
    })
}

fn answer() -> impl Strategy<Value = CertificateAnswer> {
    prop_oneof![
        text().prop_map(CertificateAnswer::Certificate),
        any::<u64>()
            .prop_map(|retry_after| CertificateAnswer::Pending(PendingAnswer { retry_after })),
        option::of(any::<u32>()).prop_map(|tries_left| {
            let nonce = tries_left
                .is_some()
                .then(|| Nonce::from_str(&"A".repeat(43)).unwrap());
            CertificateAnswer::WrongCode(WrongCodeAnswer { tries_left, nonce })
        }),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    select(vec![Outcome::FirstLogin, Outcome::OldRevoked])
}

fn state() -> impl Strategy<Value = State> {
    select(vec![
        State::Consent,
        State::ChooseToken,
        State::EnterCode,
        State::Authenticate,
        State::KeyIntent,
        State::KeyReady,
        State::RequestReady,
        State::AwaitingCertificate,
        State::Received,
        State::Verified,
        State::ConsentToInstall,
        State::InstallIntent,
        State::Unproven,
        State::Proven,
        State::Grace,
        State::Retired,
        State::Waiting,
        State::Cancelled,
        State::Failed,
        State::Expired,
    ])
}

fn wait_reason() -> impl Strategy<Value = WaitReason> {
    select(vec![
        WaitReason::Card,
        WaitReason::Clock,
        WaitReason::Bank,
        WaitReason::Person,
    ])
}

fn problem() -> impl Strategy<Value = Problem> {
    let code = select(ProblemCode::ALL);
    (code, [text(), text(), text()], option::of(text())).prop_map(|(code, texts, detail)| {
        let [title, remedy, reference] = texts;
        Problem {
            r#type: format!("urn:koshin:problem:{}", code.as_str()),
            title,
            status: code.status(),
            detail,
            remedy,
            code,
            reference,
        }
    })
}

fn delivered() -> impl Strategy<Value = DeliveredCertificate> {
    [text(), text(), text(), text(), text()].prop_map(
        |[id, serial, subject, not_before, not_after]| DeliveredCertificate {
            id,
            serial,
            subject,
            not_before,
            not_after,
        },
    )
}

fn view() -> impl Strategy<Value = RenewalView> {
    (
        ([text(), text()], option::of(text())),
        (state(), any::<u64>(), option::of(wait_reason())),
        (option::of(text()), option::of(text()), option::of(text())),
        (option::of(delivered()), option::of(problem())),
    )
        .prop_map(|(texts, progress, signed, end)| {
            let ([id, created], certificate) = texts;
            let (state, revision, waiting) = progress;
            let (csr, proof, receipt) = signed;
            let (new_certificate, problem) = end;
            RenewalView {
                name: certificate.is_none().then(|| id.clone()),
                id,
                kind: match certificate {
                    Some(_) => Kind::Renew,
                    None => Kind::Acquire,
                },
                certificate,
                state,
                revision,
                created,
                waiting,
                csr,
                proof,
                new_certificate,
                receipt,
                problem,
            }
        })
}

fn certificate() -> impl Strategy<Value = Certificate> {
    let status = select(vec![
        Status::NotYetValid,
        Status::Valid,
        Status::Due,
        Status::Urgent,
        Status::Expired,
        Status::PastGrace,
    ]);
    let key = select(vec![
        KeyStatus::Present,
        KeyStatus::Unknown,
        KeyStatus::Absent,
    ]);
    (
        [text(), text(), text(), text(), text(), text()],
        (any::<i64>(), status, key, option::of(text())),
    )
        .prop_map(|(texts, (days_left, status, key, renewal))| {
            let [id, subject, name, serial, issuer, label] = texts;
            Certificate {
                id,
                subject,
                name,
                serial,
                issuer,
                not_before: "2025-12-12T00:00:00Z".to_owned(),
                not_after: "2026-12-12T14:59:59Z".to_owned(),
                days_left,
                status,
                token: TokenSummary {
                    serial: label.clone(),
                    manufacturer: label.clone(),
                    label,
                },
                key: CurrentKey {
                    r#type: "p-256".to_owned(),
                    status: key,
                },
                renewal,
            }
        })
}

//! A small world of CAs, and answers from it.

mod checks;
mod forms;

use der::pem::{LineEnding, encode_string};

use super::*;
use crate::testing::{Content, DAY, Key, NOW, name};

/// A root, two intermediates below each other, and a customer of the lower one.
struct World {
    root: Vec<u8>,
    upper: Vec<u8>,
    lower: Vec<u8>,
    lower_key: Key,
    key: Key,
    old: Certificate,
    content: Content,
}

fn lower_name() -> Vec<u8> {
    name(&[("2.5.4.3", "しんきん電子証明書認証局")])
}

impl World {
    fn new() -> Self {
        Self::with_lower(|_| {})
    }

    fn with_lower(edit: impl FnOnce(&mut Content)) -> Self {
        let (root_key, upper_key, lower_key, key) =
            (Key::p384(), Key::rsa(), Key::p256(), Key::p256());
        let root_name = name(&[("2.5.4.3", "Root")]);
        let upper_name = name(&[("2.5.4.3", "Upper")]);
        let subject = name(&[("2.5.4.10", "しんきん商事"), ("2.5.4.3", "経理01")]);
        let mut lower = Content::authority(&lower_name(), &lower_key);
        edit(&mut lower);
        let old_key = Key::p256();
        let mut old = Content::customer(&subject, &old_key);
        old.not_after = NOW + 20 * DAY;
        let old = old.issue(&lower_name(), &lower_key);
        Self {
            root: Content::authority(&root_name, &root_key).issue(&root_name, &root_key),
            upper: Content::authority(&upper_name, &upper_key).issue(&root_name, &root_key),
            lower: lower.issue(&upper_name, &upper_key),
            content: Content::customer(&subject, &key),
            old: Certificate::from_der(&old).unwrap(),
            lower_key,
            key,
        }
    }

    fn leaf(&self) -> Vec<u8> {
        self.content.issue(&lower_name(), &self.lower_key)
    }

    /// What the CA would send, with the leaf in the middle.
    fn answer(&self) -> Vec<u8> {
        pem(&[&self.upper, &self.leaf(), &self.lower])
    }

    fn accept(&self, answer: &[u8]) -> Result<AcceptedCertificate, AcceptError> {
        self.accept_from(answer, std::slice::from_ref(&self.root))
    }

    fn accept_from(
        &self,
        answer: &[u8],
        issuers: &[Vec<u8>],
    ) -> Result<AcceptedCertificate, AcceptError> {
        accept(
            answer,
            &Expected {
                spki_der: self.key.spki(),
                subject_der: self.old.subject_der(),
                later_than: Some(self.old.not_after()),
                issuers,
                now: NOW,
            },
        )
    }

    /// What is wrong with a certificate whose content is edited.
    fn refusal(&mut self, edit: impl FnOnce(&mut Content)) -> AcceptError {
        let before = self.content.clone();
        edit(&mut self.content);
        let answer = self.answer();
        self.content = before;
        self.accept(&answer).unwrap_err()
    }
}

fn pem(certificates: &[&[u8]]) -> Vec<u8> {
    certificates
        .iter()
        .map(|der| encode_string("CERTIFICATE", LineEnding::LF, der).unwrap())
        .collect::<String>()
        .into_bytes()
}

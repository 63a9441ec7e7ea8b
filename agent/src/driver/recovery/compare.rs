//! What is new on a token since it was looked at, and what of that a call that was cut off left.

use std::collections::HashMap;

use pkcs11_bridge::{Class, Halves, Inventory, KeyEntry, KeyType};
use ring::digest;

use crate::journal::{Before, Creates, Fingerprint};

/// What is to become of the half objects on a token.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::driver) struct Verdict {
    /// They are new, and of the class and type that was being made.
    pub(in crate::driver) ours: Vec<Halves>,
    /// So many may have been there before, or be another program's.
    pub(in crate::driver) doubtful: usize,
}

/// The objects of the classes that are made, each as a fingerprint.
pub(in crate::driver) fn fingerprints(creates: Creates, inventory: &Inventory) -> Vec<Fingerprint> {
    objects(creates, inventory)
        .iter()
        .map(|object| object.fingerprint)
        .collect()
}

/// Compares a token with what it showed right before something was made on it, under this label.
///
/// A half object is new if none like it was there before. Nothing counts as new as long as
/// anything that was there before is not: an object that cannot be read for a moment looks like a
/// half one.
pub(in crate::driver) fn compare(before: &Before, label: &str, now: &Inventory) -> Verdict {
    let mut earlier: HashMap<Fingerprint, usize> = HashMap::new();
    for fingerprint in &before.objects {
        *earlier.entry(*fingerprint).or_default() += 1;
    }
    let objects = objects(before.creates, now);
    let mut left = earlier.clone();
    for object in &objects {
        if let Some(count) = left.get_mut(&object.fingerprint) {
            *count = count.saturating_sub(1);
        }
    }
    let all_there = left.values().all(|count| *count == 0);
    let mut verdict = Verdict::default();
    for object in objects.iter().filter(|object| object.half) {
        let new = !earlier.contains_key(&object.fingerprint);
        let labelled = object.label.is_empty() || object.label == label;
        if !(all_there && new && labelled) {
            verdict.doubtful += 1;
            continue;
        }
        let of_class = verdict
            .ours
            .iter_mut()
            .find(|halves| halves.class == object.class);
        match of_class {
            Some(halves) => halves.count += 1,
            None => verdict.ours.push(Halves {
                class: object.class,
                key_type: key_type(before.creates),
                label: label.to_owned(),
                count: 1,
            }),
        }
    }
    verdict
}

struct Object<'i> {
    class: Class,
    fingerprint: Fingerprint,
    half: bool,
    label: &'i str,
}

fn objects(creates: Creates, inventory: &Inventory) -> Vec<Object<'_>> {
    match creates {
        Creates::Certificate => inventory
            .certificates
            .iter()
            .map(|entry| Object {
                class: Class::Certificate,
                fingerprint: fingerprint(Class::Certificate, &entry.id, &entry.label, &entry.der),
                half: entry.is_half(),
                label: &entry.label,
            })
            .collect(),
        Creates::Pair(_) => {
            let publics = inventory.public_keys.iter();
            let privates = inventory.private_keys.iter();
            publics
                .map(|entry| key(Class::PublicKey, entry))
                .chain(privates.map(|entry| key(Class::PrivateKey, entry)))
                .collect()
        }
    }
}

fn key(class: Class, entry: &KeyEntry) -> Object<'_> {
    let body = entry.spki.as_deref().unwrap_or_default();
    Object {
        class,
        fingerprint: fingerprint(class, &entry.id, &entry.label, body),
        half: entry.is_half(),
        label: &entry.label,
    }
}

fn key_type(creates: Creates) -> Option<KeyType> {
    match creates {
        Creates::Pair(key_type) => Some(key_type),
        Creates::Certificate => None,
    }
}

fn fingerprint(class: Class, id: &[u8], label: &str, body: &[u8]) -> Fingerprint {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(match class {
        Class::Certificate => b"c",
        Class::PublicKey => b"u",
        Class::PrivateKey => b"r",
    });
    for field in [id, label.as_bytes(), body] {
        context.update(&(field.len() as u64).to_be_bytes());
        context.update(field);
    }
    let mut fingerprint = Fingerprint::default();
    let length = fingerprint.len();
    fingerprint.copy_from_slice(&context.finish().as_ref()[..length]);
    fingerprint
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use pkcs11_bridge::{CertificateEntry, KeyStatus};

    use super::*;
    use crate::journal::RenewalId;

    const LABEL: &str = "keiri-01 (pending)";
    const PAIR: Creates = Creates::Pair(KeyType::P256);

    fn entry(id: &[u8], label: &str, spki: Option<&[u8]>) -> KeyEntry {
        KeyEntry {
            id: id.to_vec(),
            label: label.to_owned(),
            spki: spki.map(<[u8]>::to_vec),
            sensitive: None,
            extractable: None,
            local: None,
        }
    }

    fn certificate(id: &[u8], der: &[u8]) -> CertificateEntry {
        CertificateEntry {
            der: der.to_vec(),
            id: id.to_vec(),
            label: String::new(),
            key: KeyStatus::Unknown,
        }
    }

    fn before(creates: Creates, inventory: &Inventory) -> Before {
        Before {
            renewal: RenewalId::new([1; 16]),
            module: "SoftHSM".into(),
            token: "pkcs11:".into(),
            creates,
            taken: Timestamp::UNIX_EPOCH,
            objects: fingerprints(creates, inventory),
        }
    }

    fn token() -> Inventory {
        Inventory {
            certificates: vec![certificate(&[1], b"whole")],
            public_keys: vec![entry(&[1], "keiri-01", Some(b"public"))],
            private_keys: vec![entry(&[1], "keiri-01", Some(b"public"))],
        }
    }

    #[test]
    fn new_halves_of_the_class_being_made_are_ours() {
        let before = before(PAIR, &token());
        let mut now = token();
        now.private_keys.push(entry(&[], "", None));
        now.public_keys.push(entry(&[], LABEL, None));
        // Of a class that was not being made: none of our business.
        now.certificates.push(certificate(&[], b""));
        let verdict = compare(&before, LABEL, &now);
        assert_eq!(verdict.doubtful, 0);
        let ours: Vec<_> = verdict
            .ours
            .iter()
            .map(|halves| (halves.class, halves.count, halves.key_type))
            .collect();
        let p256 = Some(KeyType::P256);
        assert_eq!(
            ours,
            [(Class::PublicKey, 1, p256), (Class::PrivateKey, 1, p256)]
        );
    }

    #[test]
    fn whole_objects_and_marked_ones_are_never_halves() {
        let before = before(PAIR, &token());
        let mut now = token();
        now.private_keys.push(entry(&[7; 16], "", None));
        now.public_keys
            .push(entry(&[], "another program's", Some(b"other")));
        assert_eq!(compare(&before, LABEL, &now), Verdict::default());
    }

    #[test]
    fn a_half_that_was_there_before_is_asked_about_and_so_is_its_like() {
        let mut then = token();
        then.private_keys.push(entry(&[], "", None));
        let before = before(PAIR, &then);
        assert_eq!(compare(&before, LABEL, &then).doubtful, 1);
        let mut now = then.clone();
        now.private_keys.push(entry(&[], "", None));
        let verdict = compare(&before, LABEL, &now);
        assert_eq!((verdict.ours.len(), verdict.doubtful), (0, 2));
    }

    #[test]
    fn a_certificate_that_cannot_be_read_for_a_moment_is_no_half_of_ours() {
        let before = before(Creates::Certificate, &token());
        let mut now = token();
        now.certificates[0] = certificate(&[], b"");
        let verdict = compare(&before, LABEL, &now);
        assert_eq!((verdict.ours.len(), verdict.doubtful), (0, 1));
    }

    #[test]
    fn a_half_of_another_label_is_another_program_s() {
        let before = before(PAIR, &token());
        let mut now = token();
        now.public_keys.push(entry(&[], "theirs", None));
        let verdict = compare(&before, LABEL, &now);
        assert_eq!((verdict.ours.len(), verdict.doubtful), (0, 1));
    }
}

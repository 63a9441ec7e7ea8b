//! Keys, signatures and certificates of every type, from making to removal.

use std::fs;

use pkcs11_bridge::{KeyStatus, KeyType, KnownAs, TokenError};
use ring::digest;

use crate::{
    certificate::self_signed,
    harness::{SoftHsm, hex, new_key},
};

async fn round(key_type: &str) {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.lease("demo").await;
    let key = new_key(key_type, 0xa7, "pending");
    let spki = lease.generate(&key).await.unwrap();
    assert_eq!(KeyType::of(&spki), Some(key.key_type));

    let der = self_signed(&mut lease, &spki, "renewed", 1).await;
    lease
        .write_certificate(&der, &spki, &key.id, "renewed")
        .await
        .unwrap();
    let pending = KnownAs {
        id: key.id,
        label: "pending".to_owned(),
    };
    lease
        .relabel_pair(&spki, &pending, "renewed")
        .await
        .unwrap();
    let inventory = lease.inventory().await.unwrap();
    assert_eq!(inventory.certificates.len(), 1);
    assert_eq!(inventory.certificates[0].der, der);
    assert_eq!(inventory.certificates[0].id, key.id);
    assert_eq!(inventory.certificates[0].key, KeyStatus::Present);
    assert_eq!(inventory.private_keys.len(), 1);
    let private = &inventory.private_keys[0];
    assert_eq!(private.spki.as_deref(), Some(spki.as_slice()));
    assert_eq!(private.label, "renewed");
    assert_eq!(
        (private.sensitive, private.extractable, private.local),
        (Some(true), Some(false), Some(true))
    );
    assert_eq!(inventory.public_keys[0].spki.as_deref(), Some(&spki[..]));
    lease.close().await.unwrap();

    judge(&hsm, &key.id, &der);

    let mut lease = hsm.lease("demo").await;
    let sha256 = digest::digest(&digest::SHA256, &der);
    let sha256 = sha256.as_ref().try_into().unwrap();
    // What is gone already is well.
    for _ in 0..2 {
        lease.remove_certificate(sha256).await.unwrap();
        lease.remove_pair(&spki).await.unwrap();
    }
    assert_eq!(lease.inventory().await.unwrap(), Default::default());
    let gone = lease.sign(&spki, b"message").await;
    assert!(matches!(gone, Err(TokenError::KeyNotFound)), "{gone:?}");
    lease.close().await.unwrap();
    assert_eq!(hsm.pkcs11_tool("demo", &["-O"]).trim(), "");
}

/// Other programs find the certificate under the id of its key, and the key safe.
fn judge(hsm: &SoftHsm, id: &[u8], der: &[u8]) {
    let file = hsm.folder.path().join("certificate.der");
    let file = file.to_str().unwrap();
    let id = hex(id);
    let read = ["--read-object", "--type", "cert", "--id", &id, "-o", file];
    hsm.pkcs11_tool("demo", &read);
    assert_eq!(fs::read(file).unwrap(), der);
    let keys = hsm.pkcs11_tool("demo", &["-O", "--type", "privkey"]);
    assert!(keys.contains(&format!("ID:         {id}")), "{keys}");
    let access = "Access:     sensitive, always sensitive, never extract, local";
    let access_newer = "Access:     sensitive, always sensitive, never extractable, local";
    assert!(
        keys.contains(access) || keys.contains(access_newer),
        "{keys}"
    );
    // The signature by the token's key is one to openssl too.
    let pem = hsm.folder.path().join("certificate.pem");
    let pem = pem.to_str().unwrap();
    hsm.run(
        "openssl",
        &["x509", "-inform", "DER", "-in", file, "-out", pem],
    );
    hsm.run("openssl", &["verify", "-check_ss_sig", "-CAfile", pem, pem]);
}

#[tokio::test]
async fn rsa_2048_from_making_to_removal() {
    round("rsa-2048").await;
}

#[tokio::test]
async fn rsa_3072_from_making_to_removal() {
    round("rsa-3072").await;
}

#[tokio::test]
async fn rsa_4096_from_making_to_removal() {
    round("rsa-4096").await;
}

#[tokio::test]
async fn p_256_from_making_to_removal() {
    round("p-256").await;
}

#[tokio::test]
async fn p_384_from_making_to_removal() {
    round("p-384").await;
}

#[tokio::test]
async fn ed25519_from_making_to_removal() {
    round("ed25519").await;
}

#[tokio::test]
async fn certificates_of_one_id_and_label_are_told_apart() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.lease("demo").await;
    let spki = lease.generate(&new_key("p-256", 1, "same")).await.unwrap();
    let old = self_signed(&mut lease, &spki, "same", 1).await;
    let new = self_signed(&mut lease, &spki, "same", 2).await;
    for der in [&old, &new, &new] {
        let id = &[1; 16];
        lease
            .write_certificate(der, &spki, id, "same")
            .await
            .unwrap();
    }
    assert_eq!(lease.inventory().await.unwrap().certificates.len(), 2);

    let sha256 = digest::digest(&digest::SHA256, &old);
    lease
        .remove_certificate(sha256.as_ref().try_into().unwrap())
        .await
        .unwrap();
    let left = lease.inventory().await.unwrap().certificates;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].der, new);
    assert_eq!(left[0].key, KeyStatus::Present);
}

#[tokio::test]
async fn keys_of_one_id_are_told_apart_by_their_public_halves() {
    let hsm = SoftHsm::with_token("demo");
    // generate() wants its id to itself, so another program makes the second pair.
    let mut lease = hsm.lease("demo").await;
    let ours = lease.generate(&new_key("p-256", 1, "same")).await.unwrap();
    lease.close().await.unwrap();
    let id = hex(&[1; 16]);
    let make = ["--keypairgen", "--key-type", "EC:prime256v1", "--id", &id];
    hsm.pkcs11_tool("demo", &[&make[..], &["--label", "same"]].concat());

    let mut lease = hsm.lease("demo").await;
    let inventory = lease.inventory().await.unwrap();
    let spkis = inventory
        .public_keys
        .iter()
        .filter_map(|key| key.spki.clone());
    let theirs = spkis.filter(|spki| *spki != ours).collect::<Vec<_>>();
    let [theirs] = theirs.as_slice() else {
        panic!("{inventory:?}");
    };
    // An EC key of SoftHSM's doesn't tell its point, so the inventory can't name either.
    assert!(inventory.private_keys.iter().all(|key| key.spki.is_none()));
    for spki in [&ours, theirs] {
        lease.sign(spki, b"message").await.unwrap();
    }
    lease.remove_pair(&ours).await.unwrap();
    lease.sign(theirs, b"message").await.unwrap();
    let gone = lease.sign(&ours, b"message").await;
    assert!(matches!(gone, Err(TokenError::KeyNotFound)), "{gone:?}");
}

#[tokio::test]
async fn an_id_in_use_is_refused_and_its_key_stays() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.lease("demo").await;
    let key = new_key("p-256", 1, "one");
    let spki = lease.generate(&key).await.unwrap();
    let again = lease.generate(&key).await;
    assert!(
        matches!(again, Err(TokenError::Unsuitable { .. })),
        "{again:?}"
    );
    assert_eq!(lease.inventory().await.unwrap().private_keys.len(), 1);
    lease.sign(&spki, b"message").await.unwrap();
}

#[tokio::test]
async fn a_certificate_for_another_key_is_not_written() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.lease("demo").await;
    let one = lease.generate(&new_key("p-256", 1, "one")).await.unwrap();
    let other = lease.generate(&new_key("p-256", 2, "other")).await.unwrap();
    let der = self_signed(&mut lease, &other, "other", 1).await;
    for certificate in [&der[..], b"rubbish", &[]] {
        let written = lease
            .write_certificate(certificate, &one, &[1; 16], "one")
            .await;
        assert!(
            matches!(written, Err(TokenError::Unsuitable { .. })),
            "{written:?}"
        );
    }
    assert_eq!(lease.inventory().await.unwrap().certificates, []);
}

#[tokio::test]
async fn nothing_private_is_done_before_a_login() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.lease("demo").await;
    let spki = lease.generate(&new_key("p-256", 1, "one")).await.unwrap();
    let der = self_signed(&mut lease, &spki, "one", 1).await;
    lease
        .write_certificate(&der, &spki, &[1; 16], "one")
        .await
        .unwrap();
    lease.close().await.unwrap();

    let mut lease = hsm.try_lease("demo").await.unwrap();
    let inventory = lease.inventory().await.unwrap();
    assert_eq!(inventory.private_keys, []);
    assert_eq!(inventory.certificates[0].key, KeyStatus::Present);
    let made = lease.generate(&new_key("p-256", 2, "two")).await;
    assert!(matches!(made, Err(TokenError::LoginRequired)), "{made:?}");
    for refused in [
        lease.sign(&spki, b"message").await.map(drop),
        lease.remove_pair(&spki).await,
        lease.remove_by_id(&[1; 16]).await,
    ] {
        assert!(
            matches!(refused, Err(TokenError::LoginRequired)),
            "{refused:?}"
        );
    }
    assert_eq!(lease.inventory().await.unwrap(), inventory);
}

#[tokio::test]
async fn a_pair_that_does_not_bear_the_id_it_was_given_is_found_by_its_key() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.lease("demo").await;
    let key = new_key("p-256", 1, "pending");
    let spki = lease.generate(&key).await.unwrap();
    // Another pair bears the id that is named, as on a card with ids of its own.
    let other = lease.generate(&new_key("p-256", 2, "other")).await.unwrap();
    let der = self_signed(&mut lease, &spki, "renewed", 1).await;
    for id in [[2; 16], [3; 16]] {
        lease
            .write_certificate(&der, &spki, &id, "renewed")
            .await
            .unwrap();
        let pending = KnownAs {
            id,
            label: "pending".to_owned(),
        };
        lease
            .relabel_pair(&spki, &pending, "renewed")
            .await
            .unwrap();
    }
    let inventory = lease.inventory().await.unwrap();
    let [certificate] = &inventory.certificates[..] else {
        panic!("{inventory:?}");
    };
    assert_eq!(certificate.id, key.id);
    for keys in [&inventory.private_keys, &inventory.public_keys] {
        for key in keys {
            let label = if key.spki.as_ref() == Some(&other) {
                "other"
            } else {
                "renewed"
            };
            assert_eq!(key.label, label);
        }
    }
}

#[tokio::test]
async fn a_key_signs_through_its_certificate_as_long_as_both_are_there() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.lease("demo").await;
    let key = new_key("p-256", 1, "one");
    let spki = lease.generate(&key).await.unwrap();
    let der = self_signed(&mut lease, &spki, "one", 1).await;
    let missing = lease.sign_by_certificate(&der, b"message").await;
    assert!(
        matches!(missing, Err(TokenError::KeyNotFound)),
        "{missing:?}"
    );
    // Under an id that leads to no key, it leads there by its public key.
    for id in ["01".repeat(16), "07".to_owned()] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("certificate.der");
        fs::write(&file, &der).unwrap();
        let file = file.to_str().unwrap();
        let object = ["--write-object", file, "--type", "cert", "--id", &id];
        hsm.pkcs11_tool("demo", &object);
        lease.close().await.unwrap();
        lease = hsm.lease("demo").await;
        lease.sign_by_certificate(&der, b"message").await.unwrap();
        let sha256 = digest::digest(&digest::SHA256, &der);
        lease
            .remove_certificate(sha256.as_ref().try_into().unwrap())
            .await
            .unwrap();
    }
    lease
        .write_certificate(&der, &spki, &key.id, "one")
        .await
        .unwrap();
    lease.remove_pair(&spki).await.unwrap();
    let gone = lease.sign_by_certificate(&der, b"message").await;
    assert!(matches!(gone, Err(TokenError::KeyNotFound)), "{gone:?}");
    let rubbish = lease.sign_by_certificate(b"rubbish", b"message").await;
    assert!(
        matches!(rubbish, Err(TokenError::Unsuitable { .. })),
        "{rubbish:?}"
    );
}

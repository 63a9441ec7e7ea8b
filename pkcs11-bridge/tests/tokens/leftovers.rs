//! Half objects, as interrupted calls leave them behind.

use pkcs11_bridge::{Class, Halves, Inventory, KeyStatus, KeyType, TokenError};

use crate::{
    certificate::self_signed,
    harness::{PIN, SoftHsm, hex, library, new_key, player, plays},
};

#[tokio::test]
async fn half_pairs_are_listed_and_removed_by_their_id() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.lease("demo").await;
    let kept = lease.generate(&new_key("p-256", 9, "kept")).await.unwrap();
    let public = lease.generate(&new_key("p-256", 1, "half")).await.unwrap();
    lease.generate(&new_key("p-256", 2, "half")).await.unwrap();
    lease
        .generate(&new_key("rsa-2048", 3, "half"))
        .await
        .unwrap();
    lease.close().await.unwrap();
    for (id, half) in [(1, "privkey"), (2, "pubkey"), (3, "pubkey")] {
        let id = hex(&[id; 16]);
        hsm.pkcs11_tool("demo", &["--delete-object", "--type", half, "--id", &id]);
    }

    let mut lease = hsm.lease("demo").await;
    let inventory = lease.inventory().await.unwrap();
    assert_eq!(inventory.public_keys.len(), 2);
    let spki_of = |id: u8| {
        let key = inventory.private_keys.iter().find(|key| key.id == [id; 16]);
        key.unwrap().spki.clone()
    };
    assert_eq!(spki_of(9), Some(kept.clone()));
    // An EC key without its public half can't be named; an RSA key names itself.
    assert_eq!(spki_of(2), None);
    assert!(spki_of(3).is_some());
    let refused = lease.sign(&public, b"message").await;
    assert!(
        matches!(refused, Err(TokenError::KeyNotFound)),
        "{refused:?}"
    );

    for id in 1..=3 {
        lease.remove_by_id(&[id; 16]).await.unwrap();
        lease.remove_by_id(&[id; 16]).await.unwrap();
    }
    let inventory = lease.inventory().await.unwrap();
    assert_eq!(inventory.public_keys.len(), 1);
    assert_eq!(inventory.private_keys.len(), 1);
    lease.sign(&kept, b"message").await.unwrap();
}

#[tokio::test]
async fn objects_without_content_are_listed_as_they_are() {
    if plays("maker") {
        return make_blank_objects();
    }
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.lease("demo").await;
    let kept = lease.generate(&new_key("p-256", 9, "kept")).await.unwrap();
    lease.close().await.unwrap();
    // The module's configuration belongs to a process, so another one makes them.
    let test = "leftovers::objects_without_content_are_listed_as_they_are";
    let made = player("maker", test)
        .env("SOFTHSM2_CONF", &hsm.module.environment["SOFTHSM2_CONF"])
        .status();
    assert!(made.unwrap().success());

    let mut lease = hsm.lease("demo").await;
    let inventory = lease.inventory().await.unwrap();
    let blank = inventory.certificates.iter().find(|one| one.der.is_empty());
    let blank = blank.unwrap();
    assert_eq!(
        (blank.id.as_slice(), blank.key),
        (&[][..], KeyStatus::Absent)
    );
    assert_eq!(inventory.private_keys.len(), 2);
    lease.sign(&kept, b"message").await.unwrap();
    lease.remove_pair(&kept).await.unwrap();
    // What isn't known to be ours stays.
    let inventory = lease.inventory().await.unwrap();
    assert_eq!(inventory.private_keys.len(), 1);
    assert_eq!(inventory.certificates.len(), 1);
    assert!(inventory.private_keys[0].is_half() && inventory.certificates[0].is_half());

    // Only as many as are expected, of the class and the type that was being made.
    let halves = |class, key_type, count| Halves {
        class,
        key_type,
        label: "ours".to_owned(),
        count,
    };
    for refused in [
        halves(Class::Certificate, None, 2),
        halves(Class::PublicKey, None, 1),
        halves(Class::PrivateKey, Some(KeyType::Rsa2048), 1),
    ] {
        let refused = lease.remove_halves(&refused).await;
        assert!(
            matches!(refused, Err(TokenError::Unsuitable { .. })),
            "{refused:?}"
        );
    }
    for ours in [
        halves(Class::Certificate, None, 1),
        halves(Class::PrivateKey, Some(KeyType::P256), 1),
    ] {
        lease.remove_halves(&ours).await.unwrap();
    }
    assert_eq!(lease.inventory().await.unwrap(), Inventory::default());
}

#[tokio::test]
async fn whole_objects_are_no_halves() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.lease("demo").await;
    lease.generate(&new_key("p-256", 9, "ours")).await.unwrap();
    let before = lease.inventory().await.unwrap();
    let halves = Halves {
        class: Class::PrivateKey,
        key_type: Some(KeyType::P256),
        label: "ours".to_owned(),
        count: 0,
    };
    lease.remove_halves(&halves).await.unwrap();
    assert_eq!(lease.inventory().await.unwrap(), before);
}

/// Makes what no well-behaved program can be asked to make: a certificate with neither value
/// nor id, and a private key with neither point nor id.
fn make_blank_objects() {
    use cryptoki::{
        context::{CInitializeArgs, CInitializeFlags, Pkcs11},
        object::{Attribute, CertificateType, KeyType, ObjectClass},
        session::UserType,
        types::AuthPin,
    };
    let module = Pkcs11::new(library()).unwrap();
    module
        .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
        .unwrap();
    let slot = module.get_slots_with_initialized_token().unwrap()[0];
    let session = module.open_rw_session(slot).unwrap();
    let pin = AuthPin::new(PIN.into());
    session.login(UserType::User, Some(&pin)).unwrap();
    session
        .create_object(&[
            Attribute::Class(ObjectClass::CERTIFICATE),
            Attribute::CertificateType(CertificateType::X_509),
            Attribute::Token(true),
            Attribute::Private(false),
            Attribute::Subject(Vec::new()),
            Attribute::Value(Vec::new()),
        ])
        .unwrap();
    session
        .create_object(&[
            Attribute::Class(ObjectClass::PRIVATE_KEY),
            Attribute::KeyType(KeyType::EC),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::EcParams(vec![6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]),
            Attribute::Value(vec![7; 32]),
        ])
        .unwrap();
}

#[tokio::test]
async fn a_certificate_whose_pair_lost_a_half_is_not_written_twice() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.lease("demo").await;
    let spki = lease.generate(&new_key("p-256", 1, "one")).await.unwrap();
    let der = self_signed(&mut lease, &spki, "one", 1).await;
    lease
        .write_certificate(&der, &spki, &[1; 16], "one")
        .await
        .unwrap();
    lease.close().await.unwrap();
    let id = hex(&[1; 16]);
    hsm.pkcs11_tool(
        "demo",
        &["--delete-object", "--type", "pubkey", "--id", &id],
    );

    let mut lease = hsm.lease("demo").await;
    lease
        .write_certificate(&der, &spki, &[1; 16], "one")
        .await
        .unwrap();
    assert_eq!(lease.inventory().await.unwrap().certificates.len(), 1);
}

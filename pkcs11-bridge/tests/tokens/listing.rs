//! Listing what all modules have.

use std::path::PathBuf;

use pkcs11_bridge::{
    KeyStatus, KeyType, ModuleSpec, TokenError, TokenListing, TokenUri, list, list_each,
    tokens as tokens_of,
};

use crate::{
    certificate::self_signed,
    harness::{SoftHsm, launcher, new_key, spy},
};

#[tokio::test]
async fn modules_are_listed_in_order_each_with_its_tokens_or_its_trouble() {
    let hsm = SoftHsm::with_token("demo");
    hsm.add_token("second");
    let mut lease = hsm.lease("demo").await;
    let spki = lease.generate(&new_key("p-256", 1, "one")).await.unwrap();
    let der = self_signed(&mut lease, &spki, "one", 1).await;
    lease
        .write_certificate(&der, &spki, &[1; 16], "one")
        .await
        .unwrap();
    lease.close().await.unwrap();

    let at = |name: &str, path: &str| ModuleSpec {
        name: name.to_owned(),
        path: PathBuf::from(path),
        ..hsm.module.clone()
    };
    let passwords = at("not a library", "/etc/passwd");
    let missing = at("missing", "/nowhere/module.so");
    let listings = list(&launcher(), &[missing, hsm.module.clone(), passwords]).await;
    let names: Vec<_> = listings.iter().map(|one| one.module.as_str()).collect();
    assert_eq!(names, ["missing", "softhsm", "not a library"]);
    assert!(matches!(
        &listings[0].tokens,
        Err(TokenError::ModuleMissing { path }) if path == "/nowhere/module.so"
    ));
    assert!(matches!(
        &listings[2].tokens,
        Err(TokenError::ModuleUnusable { path, .. }) if path == "/etc/passwd"
    ));

    let tokens = listings[1].tokens.as_ref().unwrap();
    let by_label = |label| tokens.iter().find(|one| one.token.label == label).unwrap();
    let demo = by_label("demo");
    assert!(demo.problem.is_none());
    assert!(demo.token.initialized && demo.token.writable);
    assert_eq!(demo.inventory.certificates[0].der, der);
    assert_eq!(demo.inventory.certificates[0].key, KeyStatus::Present);
    assert_eq!(by_label("second").inventory, Default::default());
    // SoftHSM2 always has a free slot as well.
    assert!(tokens.iter().any(|one| !one.token.initialized));

    let without_objects = tokens_of(&launcher(), std::slice::from_ref(&hsm.module)).await;
    let without_objects = without_objects[0].tokens.as_ref().unwrap();
    let makes = |one: &&TokenListing| one.token.label == "demo";
    let demo_again = without_objects.iter().find(makes).unwrap();
    assert_eq!(demo_again.token.key_types, KeyType::ALL);
    assert_eq!(demo_again.inventory, Default::default());

    let uri: TokenUri = demo.token.uri.to_string().parse().unwrap();
    assert!(uri.matches(&demo.token));
    assert!(!uri.matches(&by_label("second").token));
}

#[tokio::test]
async fn certificates_are_shown_as_they_come_each_knowing_of_its_key() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.lease("demo").await;
    let spki = lease.generate(&new_key("p-256", 1, "one")).await.unwrap();
    // More than travel at a time.
    for serial in 1..=70 {
        let der = self_signed(&mut lease, &spki, "one", serial).await;
        lease
            .write_certificate(&der, &spki, &[1; 16], "one")
            .await
            .unwrap();
    }
    lease.close().await.unwrap();

    let mut shown = Vec::new();
    let modules = std::slice::from_ref(&hsm.module);
    let listings = list_each(&launcher(), modules, |module, token, entry| {
        assert_eq!((module, token.label.as_str()), ("softhsm", "demo"));
        assert_eq!(entry.key, KeyStatus::Present);
        shown.push(entry.clone());
    })
    .await;
    let tokens = listings[0].tokens.as_ref().unwrap();
    let demo = tokens.iter().find(|one| one.token.label == "demo").unwrap();
    assert_eq!(shown.len(), 70);
    assert_eq!(shown, demo.inventory.certificates);
    assert_eq!(demo.inventory.public_keys.len(), 1);
}

#[tokio::test]
async fn without_a_public_key_nothing_tells_before_a_login_whether_the_private_one_is_there() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.lease("demo").await;
    let spki = lease.generate(&new_key("p-256", 1, "one")).await.unwrap();
    let der = self_signed(&mut lease, &spki, "one", 1).await;
    lease
        .write_certificate(&der, &spki, &[1; 16], "one")
        .await
        .unwrap();
    lease.close().await.unwrap();
    let id = "01".repeat(16);
    hsm.pkcs11_tool(
        "demo",
        &["--delete-object", "--type", "pubkey", "--id", &id],
    );

    let listings = list(&launcher(), std::slice::from_ref(&hsm.module)).await;
    let tokens = listings[0].tokens.as_ref().unwrap();
    let demo = tokens.iter().find(|one| one.token.label == "demo").unwrap();
    assert_eq!(demo.inventory.certificates[0].key, KeyStatus::Unknown);

    // After it, the certificate itself names the key.
    let mut lease = hsm.lease("demo").await;
    let inventory = lease.inventory().await.unwrap();
    assert_eq!(inventory.certificates[0].key, KeyStatus::Present);
    assert_eq!(inventory.private_keys[0].spki.as_deref(), Some(&spki[..]));
    lease.sign(&spki, b"message").await.unwrap();
    lease.remove_pair(&spki).await.unwrap();
    let inventory = lease.inventory().await.unwrap();
    assert_eq!(inventory.certificates[0].key, KeyStatus::Absent);
}

#[tokio::test]
async fn what_a_module_prints_disturbs_nothing() {
    let hsm = SoftHsm::with_token("demo");
    for output in ["/dev/stdout", "/dev/stderr"] {
        let mut module = hsm.module.clone();
        let softhsm = module.path.to_str().unwrap().to_owned();
        module.environment.insert("PKCS11SPY".to_owned(), softhsm);
        module
            .environment
            .insert("PKCS11SPY_OUTPUT".to_owned(), output.to_owned());
        module.path = spy();
        let listings = list(&launcher(), &[module]).await;
        assert_eq!(listings[0].tokens.as_ref().unwrap()[0].token.label, "demo");
    }
}

//! PINs, right and wrong.

use pkcs11_bridge::TokenError;

use crate::harness::{PIN, SoftHsm, new_key, pin};

#[tokio::test]
async fn a_wrong_pin_is_refused_with_what_is_known_about_the_tries() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.try_lease("demo").await.unwrap();
    assert!(lease.token().pin.required);
    assert!(!lease.token().pin.count_low);
    let refused = lease.login(&pin("9999")).await;
    let Err(TokenError::PinIncorrect { status }) = refused else {
        panic!("{refused:?}");
    };
    assert!(status.count_low);
    assert!(!status.locked);
    let made = lease.generate(&new_key("p-256", 1, "x")).await;
    assert!(matches!(made, Err(TokenError::LoginRequired)), "{made:?}");
    // The lease goes on: the person may type another.
    lease.login(&pin(PIN)).await.unwrap();
    lease.close().await.unwrap();
}

#[tokio::test]
async fn every_login_looks_at_its_pin() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.lease("demo").await;
    lease.login(&pin(PIN)).await.unwrap();
    let refused = lease.login(&pin("9999")).await;
    assert!(
        matches!(refused, Err(TokenError::PinIncorrect { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_pin_of_impossible_length_costs_no_try() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.try_lease("demo").await.unwrap();
    for digits in ["", "1"] {
        let refused = lease.login(&pin(digits)).await;
        assert!(
            matches!(refused, Err(TokenError::PinLength { min: 4, max: 255 })),
            "{refused:?}"
        );
    }
    lease.close().await.unwrap();
    let lease = hsm.lease("demo").await;
    assert!(!lease.token().pin.count_low);
}

#[tokio::test]
async fn a_token_without_a_pin_pad_takes_no_login_on_the_reader() {
    let hsm = SoftHsm::with_token("demo");
    let mut lease = hsm.try_lease("demo").await.unwrap();
    let refused = lease.login_on_reader().await;
    assert!(matches!(refused, Err(TokenError::NoPinPad)), "{refused:?}");
}

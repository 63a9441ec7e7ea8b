//! Self-signed certificates by keys on a token, put together by hand.

use pkcs11_bridge::{KeyType, Lease};

/// A certificate for a key, signed by that key.
pub(crate) async fn self_signed(lease: &mut Lease, spki: &[u8], name: &str, serial: u8) -> Vec<u8> {
    let algorithm: &[u8] = match KeyType::of(spki).unwrap() {
        // ecdsa-with-SHA256, ecdsa-with-SHA384, id-Ed25519, sha256WithRSAEncryption
        KeyType::P256 => &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2],
        KeyType::P384 => &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3],
        KeyType::Ed25519 => &[6, 3, 0x2b, 0x65, 0x70],
        _ => &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11, 5, 0],
    };
    let algorithm = element(0x30, &[algorithm]);
    let common_name = element(0x0c, &[name.as_bytes()]);
    let attribute = element(0x30, &[&[6, 3, 0x55, 4, 3], &common_name]);
    let subject = element(0x30, &[&element(0x31, &[&attribute])]);
    let times = [b"250101000000Z", b"350101000000Z"].map(|time| element(0x17, &[time]));
    let tbs = element(
        0x30,
        &[
            &[0xa0, 3, 2, 1, 2],
            &[2, 1, serial],
            &algorithm,
            &subject,
            &element(0x30, &[&times[0], &times[1]]),
            &subject,
            spki,
        ],
    );
    let signature = lease.sign(spki, &tbs).await.unwrap();
    element(0x30, &[&tbs, &algorithm, &element(3, &[&[0], &signature])])
}

fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut bytes = vec![tag];
    match content.len() {
        length @ 0..128 => bytes.push(length as u8),
        length @ 128..256 => bytes.extend([0x81, length as u8]),
        length => {
            bytes.push(0x82);
            bytes.extend((length as u16).to_be_bytes());
        }
    }
    [bytes, content].concat()
}

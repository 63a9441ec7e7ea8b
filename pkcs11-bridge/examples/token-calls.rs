//! A token at the hands of bare PKCS#11 calls, for `make bench`: it fills tokens, and it times
//! what a renewal cannot do without.
//!
//! `token-calls MODULE LABEL`, with the PIN in the environment variable `TOKEN_PIN`, answers each
//! line of stdin with one on stdout, all bytes in hexadecimal:
//!
//! - `pair ID LABEL` makes a P-256 pair: its SubjectPublicKeyInfo;
//! - `certificate ID LABEL DER` stores a certificate: `done`;
//! - `time ID DER` makes a pair, signs three times (request, proof, receipt), writes the
//!   certificate, reads it back, and removes it all again: the nanoseconds of everything but the
//!   removal;
//! - `clear` removes every certificate and key: `done`.

use std::{
    env,
    error::Error,
    io::{self, BufRead as _, Write as _},
    time::Instant,
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    mechanism::Mechanism,
    object::{Attribute, AttributeType, CertificateType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    types::AuthPin,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let mut arguments = env::args().skip(1);
    let path = arguments.next().ok_or("no module is named")?;
    let label = arguments.next().ok_or("no token is named")?;
    let pin = env::var("TOKEN_PIN")?;
    let module = Pkcs11::new(path)?;
    module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))?;
    let session = open(&module, &label)?;
    session.login(UserType::User, Some(&AuthPin::new(pin.into())))?;
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        let answer = match words[..] {
            ["pair", id, label] => {
                let (public, _) = generate(&session, &bytes(id)?, label)?;
                hex(&public_key(&session, public)?)
            }
            ["certificate", id, label, der] => {
                store(&session, &bytes(id)?, label, &bytes(der)?)?;
                "done".to_owned()
            }
            ["time", id, der] => time(&session, &bytes(id)?, &bytes(der)?)?.to_string(),
            ["clear"] => {
                clear(&session)?;
                "done".to_owned()
            }
            _ => return Err(format!("not understood: {line}").into()),
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn open(module: &Pkcs11, label: &str) -> Outcome<Session> {
    for slot in module.get_slots_with_initialized_token()? {
        if module.get_token_info(slot)?.label() == label {
            return Ok(module.open_rw_session(slot)?);
        }
    }
    Err(format!("there is no token {label}").into())
}

fn time(session: &Session, id: &[u8], der: &[u8]) -> Outcome<u128> {
    let begin = Instant::now();
    let (public, private) = generate(session, id, "timed")?;
    public_key(session, public)?;
    for digest in [[1; 32], [2; 32], [3; 32]] {
        session.sign(&Mechanism::Ecdsa, private, &digest)?;
    }
    let certificate = store(session, id, "timed", der)?;
    let read = session.get_attributes(certificate, &[AttributeType::Value])?;
    let took = begin.elapsed();
    if !matches!(&read[..], [Attribute::Value(value)] if value == der) {
        return Err("the certificate is not what was written".into());
    }
    for object in [certificate, public, private] {
        session.destroy_object(object)?;
    }
    Ok(took.as_nanos())
}

fn clear(session: &Session) -> Outcome<()> {
    for class in [
        ObjectClass::CERTIFICATE,
        ObjectClass::PUBLIC_KEY,
        ObjectClass::PRIVATE_KEY,
    ] {
        for object in session.find_objects(&[Attribute::Class(class)])? {
            session.destroy_object(object)?;
        }
    }
    Ok(())
}

fn generate(session: &Session, id: &[u8], label: &str) -> Outcome<(ObjectHandle, ObjectHandle)> {
    let name = [
        Attribute::Token(true),
        Attribute::Id(id.to_vec()),
        Attribute::Label(label.as_bytes().to_vec()),
    ];
    let mut public = name.to_vec();
    public.extend([
        Attribute::EcParams(P256.to_vec()),
        Attribute::Verify(true),
        Attribute::Private(false),
    ]);
    let mut private = name.to_vec();
    private.extend([
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Sign(true),
        Attribute::Extractable(false),
    ]);
    Ok(session.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private)?)
}

/// A P-256 key as SubjectPublicKeyInfo (RFC 5480).
fn public_key(session: &Session, public: ObjectHandle) -> Outcome<Vec<u8>> {
    let point = match &session.get_attributes(public, &[AttributeType::EcPoint])?[..] {
        // An OCTET STRING with the uncompressed point.
        [Attribute::EcPoint(point)] if point.len() == 67 => point[2..].to_vec(),
        other => return Err(format!("not a point on P-256: {other:?}").into()),
    };
    Ok([SPKI, &point].concat())
}

fn store(session: &Session, id: &[u8], label: &str, der: &[u8]) -> Outcome<ObjectHandle> {
    let template = [
        Attribute::Class(ObjectClass::CERTIFICATE),
        Attribute::CertificateType(CertificateType::X_509),
        Attribute::Token(true),
        Attribute::Private(false),
        Attribute::Id(id.to_vec()),
        Attribute::Label(label.as_bytes().to_vec()),
        // Nothing here looks a certificate up by its subject.
        Attribute::Subject(Vec::new()),
        Attribute::Value(der.to_vec()),
    ];
    Ok(session.create_object(&template)?)
}

/// The name of the curve.
const P256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];

/// What stands before the point.
const SPKI: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 3, 1, 7, 3, 0x42, 0,
];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Outcome<Vec<u8>> {
    hex.as_bytes()
        .chunks(2)
        .map(|digits| Ok(u8::from_str_radix(std::str::from_utf8(digits)?, 16)?))
        .collect()
}

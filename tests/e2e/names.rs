//! Names as CAs of this world write them, on a token: read by people in the list and in the
//! dialogs, and renewed as they stand.

use std::fs;

use base64ct::{Base64, Encoding as _};
use protocol::{certificate::Certificate, csr::SignedRequest};
use reference_bank::{Clock, time};
use serde_json::Value;
use tests::{
    Answer, Home, Token,
    programs::openssl,
    software::{Attribute, Root, client_auth, element, extension, key_usage, name},
    token::PIN,
};

const COMMON_NAME: &[u8] = b"\x55\x04\x03";
const ORGANISATION: &[u8] = b"\x55\x04\x0a";
const UNIT: &[u8] = b"\x55\x04\x0b";

const UTF8: u8 = 0x0c;
const PRINTABLE: u8 = 0x13;
const TELETEX: u8 = 0x14;
const BMP: u8 = 0x1e;
const UNIVERSAL: u8 = 0x1c;

/// Twenty bytes, the most that RFC 5280, section 4.1.2.2, allows.
const SERIAL: [u8; 20] = [
    0x7f, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe,
    0xfe, 0xfe, 0xfe, 0x01,
];

fn bmp(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn universal(text: &str) -> Vec<u8> {
    let points = text.chars().flat_map(|c| u32::from(c).to_be_bytes());
    points.collect()
}

/// A PC whose token has certificates of a CA that knows every string type.
struct Pc {
    home: Home,
    token: Token,
    root: Root,
}

impl Pc {
    fn new() -> Self {
        let token = Token::new("Names");
        let home = Home::with_token(&token);
        let root = Root::new();
        let pem = openssl(&["x509", "-inform", "DER"], &root.certificate).text();
        home.install_profile(
            "names",
            &format!(
                "issuers = ['''{pem}''']\n[name]\nja = \"文字銀行\"\nen = \"Letter Bank\"\n\
                 [help-desk]\nphone = \"0120-000-000\"\n\
                 [[origins]]\norigin = \"https://letters.example\"\nrole = \"bank\"\n"
            ),
        );
        Self { home, token, root }
    }

    /// A certificate of that subject for 20 more days, with its key; the last byte of its serial
    /// number is the key's id.
    fn holds(&self, id: u8, subject: &[Vec<Attribute>]) -> Certificate {
        let key = format!("{id:02x}");
        let spki = self.token.generate("EC:prime256v1", &key, &key);
        let mut serial = SERIAL;
        serial[19] = id;
        // As UTCTime: YYMMDDhhmmssZ.
        let ends =
            time::rfc3339(Clock::default().now() + 20 * time::DAY).replace(['-', ':', 'T'], "");
        let ends = &ends[2..];
        let subject = name(subject);
        let extensions = [key_usage(), client_auth(), user_principal_name()];
        let der = self.root.issue(&serial, &subject, &spki, &extensions, ends);
        self.token.write_certificate(&der, &key, &key);
        Certificate::from_der(&der).unwrap()
    }

    fn list(&self) -> Vec<Value> {
        let list = self.home.run(&["list", "--json"]);
        let list: Value = serde_json::from_str(&list.text()).unwrap();
        list["certificates"].as_array().unwrap().clone()
    }
}

/// SubjectAltName with the UPN 経理-01@文字.example.
fn user_principal_name() -> Vec<u8> {
    let oid = element(6, b"\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03");
    let value = element(0xa0, &element(UTF8, "経理-01@文字.example".as_bytes()));
    let other_name = element(0xa0, &[oid, value].concat());
    extension(b"\x55\x1d\x11", false, &element(0x30, &other_name))
}

#[test]
fn each_string_type_is_read_in_the_list_and_in_the_dialogs() {
    let pc = Pc::new();
    let cases: [(&str, Vec<Attribute>); 7] = [
        ("経理 太郎", vec![(COMMON_NAME, UTF8, "経理 太郎".into())]),
        (
            "keiri-01",
            vec![(COMMON_NAME, PRINTABLE, b"keiri-01".to_vec())],
        ),
        ("更新担当", vec![(COMMON_NAME, BMP, bmp("更新担当"))]),
        ("Köln", vec![(COMMON_NAME, TELETEX, b"K\xf6ln".to_vec())]),
        ("髙橋", vec![(COMMON_NAME, UNIVERSAL, universal("髙橋"))]),
        // Without a common name the whole subject stands for it.
        ("OU=経理部", vec![(UNIT, BMP, bmp("経理部"))]),
        // What turns the direction of writing is left out of a name.
        (
            "keiri-99",
            vec![(COMMON_NAME, UTF8, "keiri-\u{202e}99".into())],
        ),
    ];
    for (id, (_, attributes)) in (1..).zip(&cases) {
        let organisation = vec![(ORGANISATION, TELETEX, b"Z\xfcrich".to_vec())];
        let relatives = match attributes[0].0 {
            UNIT => vec![attributes.clone()],
            _ => vec![organisation, attributes.clone()],
        };
        let _certificate = pc.holds(id, &relatives);
    }

    let list = pc.list();
    let table = pc.home.run(&["list"]).text();
    assert_eq!(list.len(), cases.len());
    assert!(!table.contains('\u{202e}'), "{table:?}");
    for (id, (shown, _)) in (1u8..).zip(&cases) {
        let serial = Certificate::from_der(&pc.token.certificate(&format!("{id:02x}")))
            .unwrap()
            .serial_hex();
        assert_eq!(serial.len(), 40);
        let one = list.iter().find(|one| one["serial"] == serial).unwrap();
        assert_eq!(one["name"], *shown);
        assert!(table.lines().any(|line| line.starts_with(shown)), "{table}");

        let before = pc.home.person.asked().len();
        pc.home.person.answers(&[Answer::No]);
        let id = one["id"].as_str().unwrap();
        let declined = pc.home.run(&["renew", id]);
        assert_eq!(declined.status, Some(1), "{}", declined.stderr);
        let asked = pc.home.person.asked();
        let text = &asked[before].description;
        assert!(text.contains(&format!("：{shown}\n")), "{text}");
    }
}

#[test]
fn a_name_of_many_types_goes_through_a_whole_renewal_as_it_stands() {
    let pc = Pc::new();
    let subject = [
        vec![(ORGANISATION, BMP, bmp("文字商事"))],
        vec![
            (UNIT, TELETEX, b"Z\xfcrich".to_vec()),
            (UNIT, UTF8, "経理部".into()),
        ],
        vec![(COMMON_NAME, UNIVERSAL, universal("経理01"))],
    ];
    let old = pc.holds(1, &subject);
    pc.home.person.answers(&[Answer::Yes, Answer::Pin(PIN)]);
    let made = pc.home.run(&["renew", &old.id()]);
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    let judged = openssl(&["req", "-verify", "-noout"], &made.stdout);
    assert!(judged.stderr.contains("verify OK"), "{}", judged.stderr);
    let request = SignedRequest::from_pem(&made.text()).unwrap();
    assert_eq!(request.subject_der(), old.subject_der());
    assert_eq!(request.san_extension_der(), old.san_extension_der());

    // The new one ends in 2049, with a serial number of twenty bytes too.
    let extensions = [key_usage(), client_auth(), user_principal_name()];
    let new = pc.root.issue(
        &SERIAL,
        request.subject_der(),
        request.spki_der(),
        &extensions,
        "491231235959Z",
    );
    let answer = pc.home.path("new.txt");
    fs::write(&answer, Base64::encode_string(&new)).unwrap();
    pc.home.person.answers(&[Answer::Yes, Answer::Pin(PIN)]);
    let done = pc.home.run(&[
        "renew",
        &old.id(),
        "--certificate",
        answer.to_str().unwrap(),
    ]);
    assert_eq!(done.status, Some(0), "{}", done.stderr);
    let list = pc.list();
    let names: Vec<_> = list.iter().map(|one| one["name"].as_str()).collect();
    assert_eq!(names, [Some("経理01"); 2]);
    let text = list[1]["subject"].as_str().unwrap();
    for part in ["CN=経理01", "OU=Zürich", "OU=経理部", "O=文字商事"] {
        assert!(text.contains(part), "{text}");
    }
    let asked = pc.home.person.asked();
    let install = &asked
        .iter()
        .find(|dialog| dialog.description.contains("［2/2］"))
        .unwrap();
    let serial = Certificate::from_der(&new).unwrap().serial_hex();
    let flat: String = install.description.split_whitespace().collect();
    assert!(
        flat.to_lowercase().contains(&serial),
        "the whole serial number: {}",
        install.description
    );
}

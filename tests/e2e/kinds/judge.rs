//! What other programs say of a request, of what a key signed, and of a token.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;
use tests::{
    Token,
    programs::{self, Ran, openssl},
    token,
};

/// openssl with the CA that it is to trust, and a folder for its files.
pub(super) struct Judge {
    folder: TempDir,
    authority: PathBuf,
}

impl Judge {
    pub(super) fn new(authority: &Path) -> Self {
        Self {
            folder: TempDir::new().expect("a temporary folder can be made"),
            authority: authority.to_owned(),
        }
    }

    /// The request (DER) is signed by its own key, of that type, and names whom the old
    /// certificate names, byte for byte.
    #[track_caller]
    pub(super) fn request(&self, csr: &[u8], old: &[u8], key_type: &str) {
        let verified = openssl(&["req", "-inform", "DER", "-verify", "-noout"], csr);
        assert!(verified.stderr.contains("verify OK"), "{}", verified.stderr);
        let text = openssl(&["req", "-inform", "DER", "-noout", "-text"], csr).text();
        assert!(text.contains(key_words(key_type)), "{text}");
        let (request, certificate) = (Asn1::of(csr), Asn1::of(old));
        // RFC 2986: version, subject. RFC 5280: version, serial, algorithm, issuer, validity,
        // subject.
        assert_eq!(request.member(1), certificate.member(5));
        let names = certificate.after("X509v3 Subject Alternative Name");
        assert!(names.is_some(), "the bank's certificates have one");
        assert_eq!(request.after("X509v3 Subject Alternative Name"), names);
    }

    /// The CMS (DER) is signed by this certificate (DER), which is the CA's, and its content is
    /// exactly that.
    #[track_caller]
    pub(super) fn signed_by(&self, signer: &[u8], cms: &[u8], content: &[u8]) {
        let text = openssl(&["x509", "-inform", "DER", "-noout", "-text"], signer).text();
        let ed25519 = text.contains("Public Key Algorithm: ED25519");
        let (verified, path) = if ed25519 {
            self.verified_by_gnutls(cms)
        } else {
            self.verified_by_openssl(cms)
        };
        assert_eq!(verified.status, Some(0), "{}", verified.stderr);
        let found = fs::read(&path).expect("the judge wrote it");
        assert!(found == content, "it contains something else");
        // It holds the signer's certificate and no other.
        let pem = openssl(&["pkcs7", "-inform", "DER", "-print_certs"], cms).stdout;
        let found = openssl(&["x509", "-outform", "DER"], &pem).stdout;
        assert!(found == signer, "another certificate signed");
    }

    fn verified_by_openssl(&self, cms: &[u8]) -> (Ran, PathBuf) {
        let path = self.folder.path().join("content");
        let mut command = Command::new("openssl");
        command
            .args(["cms", "-verify", "-binary", "-inform", "DER"])
            .args(["-purpose", "any", "-CAfile"])
            .arg(&self.authority)
            .arg("-out")
            .arg(&path);
        (programs::try_run_with_input(&mut command, cms), path)
    }

    /// OpenSSL 3.0 verifies no Ed25519 signature within a CMS.
    fn verified_by_gnutls(&self, cms: &[u8]) -> (Ran, PathBuf) {
        let path = self.folder.path().join("content");
        let mut command = Command::new("certtool");
        command
            .args(["--p7-verify", "--inder", "--p7-show-data"])
            .arg("--load-ca-certificate")
            .arg(&self.authority)
            .arg("--outfile")
            .arg(&path);
        (programs::try_run_with_input(&mut command, cms), path)
    }
}

/// The serial number of a certificate (DER), in lower-case hexadecimal.
pub(super) fn serial(certificate: &[u8]) -> String {
    let text = openssl(
        &["x509", "-inform", "DER", "-noout", "-serial"],
        certificate,
    )
    .text();
    let number = text.trim().trim_start_matches("serial=");
    number.to_ascii_lowercase()
}

/// The certificate (DER) is on the token under the id of its key, which was made there and
/// never leaves it: by pkcs11-tool's word and by p11tool's.
#[track_caller]
pub(super) fn is_installed(token: &Token, certificate: &[u8], key_type: &str) {
    let objects = token.objects();
    let serial = serial(certificate);
    let id = objects
        .iter()
        .find(|object| object.serial == serial)
        .map(|object| object.id.clone())
        .unwrap_or_else(|| panic!("no certificate {serial} in {objects:?}"));
    assert!(token.certificate(&id) == certificate);
    let pem = openssl(
        &["x509", "-inform", "DER", "-noout", "-pubkey"],
        certificate,
    )
    .stdout;
    let key = openssl(&["pkey", "-pubin", "-outform", "DER"], &pem).stdout;
    assert!(token.public_key(&id) == key, "the id is another key's");
    let private: Vec<_> = objects
        .iter()
        .filter(|object| object.class == "Private Key Object" && object.id == id)
        .collect();
    let [private] = private[..] else {
        panic!("not one key with id {id} in {objects:?}");
    };
    assert_eq!(
        private.access,
        "sensitive, always sensitive, never extractable, local"
    );

    let listing = p11tool(token, &id);
    let kinds = match key_type {
        "ed25519" => ["X.509 Certificate (EdDSA", "Private key (EdDSA"],
        "p-256" | "p-384" => ["X.509 Certificate (EC", "Private key (EC"],
        _ => ["X.509 Certificate (RSA", "Private key (RSA"],
    };
    for kind in kinds {
        assert!(listing.contains(kind), "{kind}: {listing}");
    }
    let flags = listing
        .lines()
        .find(|line| line.contains("CKA_PRIVATE"))
        .unwrap_or_else(|| panic!("no private key in {listing}"));
    for flag in ["CKA_NEVER_EXTRACTABLE", "CKA_SENSITIVE"] {
        assert!(flags.contains(flag), "{flags}");
    }
}

/// What GnuTLS finds on the token under an id (hexadecimal).
fn p11tool(token: &Token, id: &str) -> String {
    let certificate = token.uri(id, "cert");
    let object = certificate.replace(";type=cert", "");
    let mut command = Command::new("p11tool");
    command
        .arg("--provider")
        .arg(Token::module())
        .args(["--login", "--set-pin", token::PIN, "--list-all", &object])
        .env("SOFTHSM2_CONF", token.settings());
    programs::run(&mut command).text()
}

/// How `openssl req -text` describes a type of key.
fn key_words(key_type: &str) -> &'static str {
    match key_type {
        "rsa-2048" => "Public-Key: (2048 bit)",
        "rsa-3072" => "Public-Key: (3072 bit)",
        "rsa-4096" => "Public-Key: (4096 bit)",
        "p-256" => "NIST CURVE: P-256",
        "p-384" => "NIST CURVE: P-384",
        "ed25519" => "ED25519 Public-Key:",
        other => panic!("there is no type {other}"),
    }
}

/// A structure as `openssl asn1parse` takes it apart.
struct Asn1<'a> {
    der: &'a [u8],
    elements: Vec<Element>,
}

struct Element {
    depth: usize,
    from: usize,
    to: usize,
    text: String,
}

impl<'a> Asn1<'a> {
    fn of(der: &'a [u8]) -> Self {
        let listing = openssl(&["asn1parse", "-inform", "DER"], der).text();
        let elements = listing.lines().map(Element::parse).collect();
        Self { der, elements }
    }

    /// The bytes of a member of the signed part, counted from 0.
    fn member(&self, number: usize) -> &'a [u8] {
        let mut members = self.elements.iter().filter(|element| element.depth == 2);
        let element = members.nth(number).expect("it has so many members");
        &self.der[element.from..element.to]
    }

    /// The bytes of the octet string that follows an object identifier of that name.
    fn after(&self, name: &str) -> Option<&'a [u8]> {
        let at = self
            .elements
            .iter()
            .position(|element| element.text.ends_with(name))?;
        let value = self.elements[at..]
            .iter()
            .find(|element| element.text.contains("OCTET STRING"))?;
        Some(&self.der[value.from..value.to])
    }
}

impl Element {
    /// Reads a line such as `   12:d=2  hl=2 l=   9 prim: OBJECT            :commonName`.
    fn parse(line: &str) -> Self {
        let number = |after: &str| -> usize {
            let (_, rest) = line.split_once(after).expect("every line has it");
            let digits = rest.trim_start();
            let end = digits.find(|c: char| !c.is_ascii_digit());
            digits[..end.unwrap_or(digits.len())]
                .parse()
                .expect("openssl counts in digits")
        };
        let (from, _) = line.split_once(':').expect("every line has it");
        let from: usize = from.trim().parse().expect("openssl counts in digits");
        Self {
            depth: number(":d="),
            from,
            to: from + number(" hl=") + number(" l="),
            text: line.trim_end().to_owned(),
        }
    }
}

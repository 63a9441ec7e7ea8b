//! Keys, a CA of two levels and customers' certificates, all made by the openssl command line.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use protocol::{
    accept::{AcceptError, AcceptedCertificate, Expected, accept},
    certificate::Certificate,
    csr::{RequestToSign, SignedRequest},
};
use tempfile::TempDir;
use tests::programs::{self, Ran};

/// The subject that most tests renew.
pub(super) const SUBJECT: &str = "/C=JP/O=しんきん商事株式会社/OU=経理部/CN=経理01";

/// Configuration of `openssl req` and `openssl ca`, and the extensions of each kind of
/// certificate.
const SETTINGS: &str = "
[req]
distinguished_name = name
prompt = no
utf8 = yes
string_mask = ${ENV::STRING_MASK}
[name]
CN = unused
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[intermediate]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
[customer]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
subjectAltName = otherName:1.3.6.1.4.1.311.20.2.3;UTF8:keiri-01@example,email:keiri@example.jp
[server]
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
[signer-only-of-contracts]
keyUsage = critical,nonRepudiation
extendedKeyUsage = clientAuth
[ca]
default_ca = issuing
[issuing]
database = index.txt
new_certs_dir = .
certificate = intermediate.pem
private_key = intermediate.key
rand_serial = yes
default_md = sha256
default_days = 365
default_crl_days = 30
policy = anything
preserve = yes
copy_extensions = copy
unique_subject = no
x509_extensions = issued
[issued]
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
[anything]
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = optional
";

/// A folder in which openssl works.
pub(super) struct World {
    folder: TempDir,
}

impl World {
    /// A root, and an intermediate that it issued.
    pub(super) fn new() -> Self {
        let world = Self {
            folder: TempDir::new().expect("a temporary folder can be made"),
        };
        world.write("openssl.cnf", SETTINGS);
        world.write("index.txt", "");
        world.key("root", "P-384");
        world.key("intermediate", "rsa:2048");
        world.request("root", "/CN=Root", "utf8only");
        world.openssl(
            "x509 -req -in root.csr -signkey root.key -days 3650 -out root.pem
             -extfile openssl.cnf -extensions root",
        );
        world.request(
            "intermediate",
            "/C=JP/CN=しんきん電子証明書認証局",
            "utf8only",
        );
        world.openssl(
            "x509 -req -in intermediate.csr -CA root.pem -CAkey root.key -CAcreateserial -days 1825
             -out intermediate.pem -extfile openssl.cnf -extensions intermediate",
        );
        let authorities = [world.read("root.pem"), world.read("intermediate.pem")].concat();
        world.write("authorities.pem", authorities);
        world
    }

    /// Runs openssl, which must succeed. Arguments are separated by white space.
    pub(super) fn openssl(&self, arguments: &str) -> Ran {
        programs::run(&mut self.command(arguments))
    }

    /// Runs openssl, and leaves it to the caller what its status should be.
    pub(super) fn try_openssl(&self, arguments: &str) -> Ran {
        programs::try_run(&mut self.command(arguments))
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new("openssl");
        command
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .env("OPENSSL_CONF", self.path("openssl.cnf"))
            .env("STRING_MASK", "utf8only");
        command
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("the folder can be written");
    }

    pub(super) fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        fs::read(self.folder.path().join(name)).expect("openssl wrote the file")
    }

    /// Makes the key `NAME.key` of a kind like `rsa:2048` or `P-256`; answers its public key.
    pub(super) fn key(&self, name: &str, kind: &str) -> Vec<u8> {
        let option = match kind.strip_prefix("rsa:") {
            Some(bits) => format!("RSA -pkeyopt rsa_keygen_bits:{bits}"),
            None => format!("EC -pkeyopt ec_paramgen_curve:{kind}"),
        };
        self.openssl(&format!(
            "genpkey -quiet -algorithm {option} -out {name}.key"
        ));
        self.openssl(&format!(
            "pkey -in {name}.key -pubout -outform DER -out {name}.spki"
        ));
        self.read(format!("{name}.spki"))
    }

    /// A signature by `NAME.key`, as a token would make it.
    pub(super) fn sign(&self, name: &str, kind: &str, message: &[u8]) -> Vec<u8> {
        let digest = if kind == "P-384" { "sha384" } else { "sha256" };
        self.write("message", message);
        self.openssl(&format!(
            "dgst -{digest} -sign {name}.key -out signature message"
        ));
        self.read("signature")
    }

    /// Makes `NAME.csr` for `NAME.key`: openssl's own request, for certificates to start from.
    pub(super) fn request(&self, name: &str, subject: &str, string_mask: &str) {
        let mut command = self.command(&format!(
            "req -new -key {name}.key -out {name}.csr -config openssl.cnf -utf8"
        ));
        // Not among the words of the other arguments: subjects have spaces.
        command
            .args(["-subj", subject])
            .env("STRING_MASK", string_mask);
        programs::run(&mut command);
    }

    /// A customer's certificate for 20 more days, with a new key `NAME.key`.
    pub(super) fn old(&self, name: &str, kind: &str) -> Certificate {
        self.key(name, kind);
        self.request(name, SUBJECT, "utf8only");
        self.issue(name, "-days 20", "customer");
        self.certificate(name)
    }

    /// `openssl x509 -req` of `NAME.csr` to `NAME.pem`, by the intermediate.
    pub(super) fn issue(&self, name: &str, options: &str, extensions: &str) {
        self.openssl(&format!(
            "x509 -req -in {name}.csr -CA intermediate.pem -CAkey intermediate.key -CAcreateserial
             -out {name}.pem -extfile openssl.cnf -extensions {extensions} {options}"
        ));
    }

    /// The certificate in `NAME.pem`.
    pub(super) fn certificate(&self, name: &str) -> Certificate {
        Certificate::from_der(&self.der(name)).expect("openssl writes certificates")
    }

    /// The DER of the certificate in `NAME.pem`.
    pub(super) fn der(&self, name: &str) -> Vec<u8> {
        self.openssl(&format!("x509 -in {name}.pem -outform DER"))
            .stdout
    }

    /// Our request for the successor of `old`, with a new key `NAME.key`; also as `NAME.csr`.
    pub(super) fn renew(&self, name: &str, kind: &str, old: &Certificate) -> SignedRequest {
        let spki = self.key(name, kind);
        let request = RequestToSign::renewing(old, &spki).expect("the key is new");
        let signature = self.sign(name, kind, request.message());
        let request = request.assemble(&signature).expect("openssl signs");
        self.write(&format!("{name}.csr"), request.to_pem());
        request
    }

    /// Our verdict on an answer to the request for `NAME.key`, with the root as the one issuer.
    pub(super) fn accept(
        &self,
        answer: &[u8],
        name: &str,
        old: &Certificate,
    ) -> Result<AcceptedCertificate, AcceptError> {
        accept(
            answer,
            &Expected {
                spki_der: &self.read(format!("{name}.spki")),
                subject_der: old.subject_der(),
                later_than: Some(old.not_after()),
                issuers: &[self.der("root")],
                now: now(),
            },
        )
    }
}

/// Unix time in seconds.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.expect("it is after 1970").as_secs()).expect("and before the year 292e9")
}

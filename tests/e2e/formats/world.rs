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
[person]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
subjectAltName = critical,@person-names
[person-names]
otherName.1 = 1.3.6.1.4.1.311.20.2.3;FORMAT:UTF8,UTF8:経理-01@信金.example
otherName.2 = 1.3.6.1.5.5.7.8.9;FORMAT:UTF8,UTF8:経理@信金.example
email.1 = keiri@example.jp
URI.1 = urn:uuid:6d1c1f1e-2c4b-4a7e-9a53-0b6a1d3f2e11
dirName.1 = person-directory
[person-directory]
C = JP
O = Keiri
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

    /// Makes the key `NAME.key` of a kind like `rsa:2048`, `P-256` or `ed25519`; answers its
    /// public key.
    pub(super) fn key(&self, name: &str, kind: &str) -> Vec<u8> {
        let option = match kind.strip_prefix("rsa:") {
            Some(bits) => format!("RSA -pkeyopt rsa_keygen_bits:{bits}"),
            None if kind == "ed25519" => "ED25519".to_owned(),
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
        self.write("message", message);
        let sign = match kind {
            "ed25519" => format!("pkeyutl -sign -rawin -inkey {name}.key -in message"),
            "P-384" => format!("dgst -sha384 -sign {name}.key message"),
            _ => format!("dgst -sha256 -sign {name}.key message"),
        };
        let signature = self.openssl(&sign).stdout;
        self.write("signature", signature);
        self.read("signature")
    }

    /// What a judge says of a CMS file by a key of that kind, under the authorities; it writes
    /// what was signed to `content`. OpenSSL 3.0 verifies no Ed25519 signature within a CMS.
    pub(super) fn judge_signed(&self, kind: &str, file: &str) -> Ran {
        if kind != "ed25519" {
            return self.try_openssl(&format!(
                "cms -verify -binary -inform DER -out content -CAfile authorities.pem
                 -purpose any -in {file}"
            ));
        }
        let mut command = Command::new("certtool");
        command
            .args(["--p7-verify", "--inder", "--infile", file])
            .args(["--load-ca-certificate", "authorities.pem"])
            .args(["--p7-show-data", "--outfile", "content"])
            .current_dir(self.folder.path());
        programs::try_run(&mut command)
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

    /// Makes `NAME.key`, and `NAME.pem` for it: a CA's certificate with that subject, signed by
    /// the CA in `ISSUER.pem`, or by itself.
    pub(super) fn authority(&self, name: &str, subject: &str, issuer: Option<&str>) {
        self.key(name, "P-256");
        self.request(name, subject, "utf8only");
        self.certify(name, name, issuer.unwrap_or(name), "root", "-days 1825");
    }

    /// A certificate `NAME.pem` for `REQUEST.csr` by the CA with `ISSUER.key`, whose certificate
    /// is `ISSUER.pem` unless it signs itself.
    pub(super) fn certify(
        &self,
        name: &str,
        request: &str,
        issuer: &str,
        extensions: &str,
        options: &str,
    ) {
        let signer = if request == issuer {
            format!("-signkey {issuer}.key")
        } else {
            format!("-CA {issuer}.pem -CAkey {issuer}.key")
        };
        self.openssl(&format!(
            "x509 -req -in {request}.csr {signer} -out {name}.pem -extfile openssl.cnf
             -extensions {extensions} {options}"
        ));
    }

    /// Several files in one.
    pub(super) fn together(&self, names: &[&str]) -> Vec<u8> {
        let files = names.iter().map(|name| self.read(format!("{name}.pem")));
        files.collect::<Vec<_>>().concat()
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
        self.accept_from(&["root"], answer, name, old)
    }

    /// As [`Self::accept`], with the certificates in `ISSUER.pem` as the profile's.
    pub(super) fn accept_from(
        &self,
        issuers: &[&str],
        answer: &[u8],
        name: &str,
        old: &Certificate,
    ) -> Result<AcceptedCertificate, AcceptError> {
        let issuers: Vec<_> = issuers.iter().map(|issuer| self.der(issuer)).collect();
        accept(
            answer,
            &Expected {
                spki_der: &self.read(format!("{name}.spki")),
                subject_der: old.subject_der(),
                later_than: Some(old.not_after()),
                issuers: &issuers,
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

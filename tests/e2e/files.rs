//! A renewal by way of files: `koshin renew` makes the request and takes the answer, with the
//! openssl command line as the CA and as the judge, and pkcs11-tool as the token's witness.

use std::{fs, path::PathBuf, process::Command};

use serde_json::Value;
use tests::{
    Agent, Answer, Home, Token,
    programs::{self, Ran},
    token::{PIN, WRONG_PIN},
};

/// 16 bytes, as a bank would give them.
const NONCE: &str = "AAECAwQFBgcICQoLDA0ODw";

const CUSTOMER: &str = "basicConstraints=critical,CA:FALSE\n\
                        keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n";

/// A token with a certificate that expires in 20 days, and a CA that has only files.
struct Counter {
    home: Home,
    token: Token,
}

impl Counter {
    fn new(kind: &str) -> Self {
        Self::wanting(&["p-256", "rsa-2048"], kind)
    }

    /// A CA that takes keys of these types, and a customer's key of a kind (pkcs11-tool's name).
    fn wanting(key_types: &[&str], kind: &str) -> Self {
        let token = Token::new("Files");
        let home = Home::with_token(&token);
        let counter = Self { home, token };
        fs::write(counter.path("customer.ext"), CUSTOMER).unwrap();
        counter.make_ca("ca", "Files CA");
        counter.install_profile(key_types, &["ca"]);
        let public_key = counter.token.generate(kind, "01", "keiri-01");
        fs::write(counter.path("old.spki"), public_key).unwrap();
        counter.openssl("pkey -pubin -inform DER -in old.spki -out old.pub");
        counter.openssl(
            "x509 -new -force_pubkey old.pub -subj /C=JP/O=Files/CN=keiri-01 -days 20 \
             -CA ca.pem -CAkey ca.key -extfile customer.ext -out old.pem",
        );
        let old = counter.openssl("x509 -in old.pem -outform DER").stdout;
        counter.token.write_certificate(&old, "01", "keiri-01");
        counter
    }

    /// The profile, with these CAs as issuers.
    fn install_profile(&self, key_types: &[&str], issuers: &[&str]) {
        let issuers: Vec<String> = issuers
            .iter()
            .map(|name| fs::read_to_string(self.path(&format!("{name}.pem"))).unwrap())
            .collect();
        self.home.install_profile(
            "files",
            &format!(
                "issuers = {issuers:?}\nkey-types = {key_types:?}\n\
                 [name]\nja = \"窓口銀行\"\nen = \"Counter Bank\"\n\
                 [help-desk]\nphone = \"0120-000-000\"\n\
                 [[origins]]\norigin = \"https://counter.example\"\nrole = \"bank\"\n"
            ),
        );
    }

    fn make_ca(&self, name: &str, common_name: &str) {
        let mut command = Command::new("openssl");
        command
            .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes".split(' '))
            .args([
                "-days",
                "3650",
                "-subj",
                &format!("/C=JP/O=Files/CN={common_name}"),
            ])
            .args(["-addext", "keyUsage=critical,keyCertSign,cRLSign"])
            .args([
                "-keyout",
                &format!("{name}.key"),
                "-out",
                &format!("{name}.pem"),
            ])
            .current_dir(self.home.path(""));
        programs::run(&mut command);
    }

    /// What is signed in a CMS file, which must be by a certificate of the CA's.
    fn content(&self, cms: &str) -> Vec<u8> {
        let print = self.openssl(&format!("asn1parse -inform DER -in {cms}"));
        if !print.text().contains("ED25519") {
            let verify = "cms -verify -CAfile ca.pem -purpose any -binary -inform DER -in";
            return self.openssl(&format!("{verify} {cms}")).stdout;
        }
        // OpenSSL 3.0 verifies no Ed25519 signature within a CMS.
        let mut command = Command::new("certtool");
        command
            .args(["--p7-verify", "--inder", "--infile", cms])
            .args(["--load-ca-certificate", "ca.pem"])
            .args(["--p7-show-data", "--outfile", "content"])
            .current_dir(self.home.path(""));
        programs::run(&mut command);
        fs::read(self.path("content")).unwrap()
    }

    /// `new.csr` is signed by its own key. OpenSSL 3.0 says so, and exits with 0 if it is not.
    #[track_caller]
    fn request_verifies(&self) {
        let judged = self.openssl("req -in new.csr -verify -noout");
        assert!(judged.stderr.contains("verify OK"), "{}", judged.stderr);
    }

    /// What the CA does with `new.csr`.
    fn issue(&self, ca: &str, answer: &str) {
        self.openssl(&format!(
            "x509 -req -in new.csr -CA {ca}.pem -CAkey {ca}.key -days 365 \
             -copy_extensions copyall -extfile customer.ext -out {answer}"
        ));
    }

    fn openssl(&self, arguments: &str) -> Ran {
        let mut command = Command::new("openssl");
        command
            .args(arguments.split_whitespace())
            .current_dir(self.home.path(""));
        programs::run(&mut command)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path(name)
    }

    fn koshin(&self, arguments: &str) -> Ran {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let mut command = self.home.koshin(&arguments);
        programs::try_run(command.current_dir(self.home.path("")))
    }

    fn request(&self) -> Ran {
        self.home.person.answers(&[Answer::Yes, Answer::Pin(PIN)]);
        let made = self.koshin(&format!(
            "renew keiri-01 --csr-out new.csr --proof-out proof.p7s --nonce {NONCE}"
        ));
        assert_eq!(made.status, Some(0), "{}", made.stderr);
        made
    }

    fn serials_on_token(&self) -> Vec<String> {
        let objects = self.token.objects().into_iter();
        objects
            .filter(|object| object.class.starts_with("Certificate"))
            .map(|object| object.id)
            .collect()
    }

    fn pairs_on_token(&self) -> usize {
        let objects = self.token.objects().into_iter();
        objects
            .filter(|object| object.class.starts_with("Private Key"))
            .count()
    }
}

/// The code of an error as JSON.
fn code(ran: &Ran) -> String {
    let error: Value =
        serde_json::from_str(&ran.stderr).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    assert_eq!(error["version"], 1);
    error["error"]["code"].as_str().unwrap().to_owned()
}

#[test]
fn a_p_256_certificate_is_renewed_by_way_of_files() {
    renewed(&Counter::new("EC:prime256v1"));
}

#[test]
fn an_rsa_certificate_is_renewed_by_way_of_files() {
    renewed(&Counter::new("RSA:2048"));
}

#[test]
fn an_ed25519_certificate_is_renewed_by_way_of_files() {
    renewed(&Counter::wanting(&["ed25519"], "EC:edwards25519"));
}

fn renewed(counter: &Counter) {
    let made = counter.request();
    assert!(made.stdout.is_empty(), "{}", made.text());

    counter.request_verifies();
    let content = counter.content("proof.p7s");
    let csr = counter.openssl("req -in new.csr -outform DER").stdout;
    assert_eq!(content, csr, "the old key answers for exactly this request");
    let old = counter.openssl("x509 -in old.pem -noout -subject").text();
    let new = counter.openssl("req -in new.csr -noout -subject").text();
    assert_eq!(old, new);

    counter.issue("ca", "new.pem");
    counter
        .home
        .person
        .answers(&[Answer::Yes, Answer::Pin(PIN)]);
    let done =
        counter.koshin("renew keiri-01 --certificate new.pem --receipt-out receipt.p7s --json");
    assert_eq!(done.status, Some(0), "{}", done.stderr);
    let answer: Value = serde_json::from_str(&done.text()).unwrap();
    assert_eq!(answer["version"], 1);
    let serial = counter.openssl("x509 -in new.pem -noout -serial").text();
    let serial = serial.trim().trim_start_matches("serial=").to_lowercase();
    let told = &answer["renewal"]["new_certificate"]["serial"];
    let plain = |serial: &str| serial.trim_start_matches('0').to_owned();
    assert_eq!(plain(told.as_str().unwrap()), plain(&serial));

    let content = counter.content("receipt.p7s");
    let delivered = counter.openssl("x509 -in new.pem -outform DER").stdout;
    assert_eq!(
        content, delivered,
        "the new key answers for its certificate"
    );

    assert_eq!(
        counter.pairs_on_token(),
        2,
        "the old pair stays until the bank's word"
    );
    let new_id = counter
        .serials_on_token()
        .into_iter()
        .find(|id| id != "01")
        .expect("the new certificate is on the token");
    assert_eq!(counter.token.certificate(&new_id), delivered);
    let keys = counter.token.objects();
    let key = keys
        .iter()
        .find(|object| object.class.starts_with("Private Key") && object.id == new_id)
        .expect("the new key has its certificate's id");
    for access in ["sensitive", "never extractable", "local"] {
        assert!(key.access.contains(access), "{key:?}");
    }

    let list = counter.koshin("list --json");
    let list: Value = serde_json::from_str(&list.text()).unwrap();
    assert_eq!(list["certificates"].as_array().unwrap().len(), 2);
    assert_eq!(list["certificates"][0]["status"], "due");
    assert_eq!(list["certificates"][1]["status"], "valid");
}

#[test]
fn a_request_is_found_again_with_the_same_bytes() {
    let counter = Counter::new("EC:prime256v1");
    counter.request();
    let first = fs::read(counter.path("new.csr")).unwrap();
    counter.home.person.answers(&[]);
    let again = counter.koshin("renew keiri-01");
    assert_eq!(again.status, Some(0), "{}", again.stderr);
    assert_eq!(again.stdout, first);
}

#[test]
fn no_at_the_first_dialog_leaves_nothing() {
    let counter = Counter::new("EC:prime256v1");
    counter.home.person.answers(&[Answer::No]);
    let refused = counter.koshin("--json renew keiri-01 --csr-out new.csr");
    assert_eq!(refused.status, Some(1), "{}", refused.stderr);
    assert_eq!(code(&refused), "consent-declined");
    assert!(!counter.path("new.csr").exists());
    assert_eq!(counter.pairs_on_token(), 1);
    counter.request();
}

#[test]
fn a_wrong_pin_is_told_with_what_to_do() {
    let counter = Counter::new("EC:prime256v1");
    let answers = [Answer::Yes, Answer::Pin(WRONG_PIN), Answer::Cancel];
    counter.home.person.answers(&answers);
    let refused = counter.koshin("--language en renew keiri-01 --csr-out new.csr");
    assert_eq!(refused.status, Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("\nerror: "), "{}", refused.stderr);
    assert!(refused.stderr.contains("\nhint: "), "{}", refused.stderr);
    assert!(!refused.stderr.contains(WRONG_PIN));
    assert_eq!(counter.pairs_on_token(), 1);
    counter.request();
}

#[test]
fn files_that_are_there_are_not_overwritten_and_nobody_is_asked() {
    let counter = Counter::new("EC:prime256v1");
    fs::write(counter.path("new.csr"), "precious").unwrap();
    let refused = counter.koshin("--json renew keiri-01 --csr-out new.csr");
    assert_eq!(refused.status, Some(2));
    assert_eq!(code(&refused), "file-exists");
    assert!(counter.home.person.asked().is_empty());
    counter
        .home
        .person
        .answers(&[Answer::Yes, Answer::Pin(PIN)]);
    let forced = counter.koshin("renew keiri-01 --csr-out new.csr --force");
    assert_eq!(forced.status, Some(0), "{}", forced.stderr);
    counter.request_verifies();
}

#[test]
fn a_wrong_answer_of_the_ca_is_refused_and_the_right_one_then_taken() {
    let counter = Counter::new("EC:prime256v1");
    counter.request();
    counter.make_ca("stranger", "Files CA");
    counter.issue("stranger", "strange.pem");
    let refused = counter.koshin("--json renew keiri-01 --certificate strange.pem");
    assert_eq!(refused.status, Some(1), "{}", refused.stderr);
    assert_eq!(code(&refused), "certificate-untrusted");
    fs::write(counter.path("rubbish.pem"), vec![0xff; 1 << 20]).unwrap();
    let refused = counter.koshin("--json renew keiri-01 --certificate rubbish.pem");
    assert_eq!(refused.status, Some(2), "{}", refused.stderr);
    assert_eq!(code(&refused), "answer-too-large");
    fs::write(counter.path("rubbish.pem"), "no certificate").unwrap();
    let refused = counter.koshin("--json renew keiri-01 --certificate rubbish.pem");
    assert_eq!(refused.status, Some(1), "{}", refused.stderr);
    assert_eq!(code(&refused), "certificate-unreadable");

    counter.issue("ca", "new.pem");
    counter.openssl("x509 -in new.pem -outform DER -out new.der");
    counter
        .home
        .person
        .answers(&[Answer::Yes, Answer::Pin(PIN)]);
    let done = counter.koshin("renew keiri-01 --certificate new.der");
    assert_eq!(done.status, Some(0), "{}", done.stderr);
}

#[test]
fn a_ca_that_rolls_over_in_mid_renewal_needs_the_new_profile() {
    let counter = Counter::new("EC:prime256v1");
    let agent = Agent::start(&counter.home);
    counter.request();
    // Another key under the same name, as CAs roll over.
    counter.make_ca("next", "Files CA");
    counter.issue("next", "new.pem");
    let refused = counter.koshin("--json renew keiri-01 --certificate new.pem");
    assert_eq!(refused.status, Some(1), "{}", refused.stderr);
    assert_eq!(code(&refused), "certificate-untrusted");

    // Agents read profiles when they start.
    agent.stop();
    counter.install_profile(&["p-256"], &["ca", "next"]);
    let _agent = Agent::start(&counter.home);
    counter
        .home
        .person
        .answers(&[Answer::Yes, Answer::Pin(PIN)]);
    let done = counter.koshin("renew keiri-01 --certificate new.pem");
    assert_eq!(done.status, Some(0), "{}", done.stderr);
    assert_eq!(counter.serials_on_token().len(), 2);
}

#[test]
fn a_renewal_that_is_given_up_leaves_the_old_pair_alone() {
    let counter = Counter::new("EC:prime256v1");
    counter.request();
    counter.home.person.answers(&[Answer::Pin(PIN)]);
    let cancelled = counter.koshin("renew keiri-01 --cancel");
    assert_eq!(cancelled.status, Some(0), "{}", cancelled.stderr);
    let answer = counter.koshin("--json renew keiri-01 --cancel");
    assert_eq!(answer.status, Some(1), "{}", answer.stderr);
    assert_eq!(code(&answer), "no-renewal");
}

#[test]
fn a_name_that_fits_nothing_lists_what_there_is() {
    let counter = Counter::new("EC:prime256v1");
    let unknown = counter.koshin("--language en renew keiri-99");
    assert_eq!(unknown.status, Some(2));
    assert!(unknown.stderr.contains("keiri-01"), "{}", unknown.stderr);
    assert!(counter.home.person.asked().is_empty());
}

#[test]
fn a_home_without_modules_says_what_is_missing() {
    let home = Home::empty();
    let list = home.run(&["--json", "list"]);
    assert_eq!(list.status, Some(2), "{}", list.stderr);
    assert_eq!(code(&list), "module-missing");
}

//! 電子証明書取得: from the login screen by the bank's one-time code to a certificate that logs in,
//! for a token without any and for one past grace; and whatever else must not lead there.

mod codes;

use base64ct::{Base64, Encoding as _};
use protocol::{
    bridge::{Kind, Nonce, ProblemCode, RenewalView, State},
    certificate::{Certificate, Subject},
    csr::{AcquisitionCode, RequestToSign, SignedRequest},
};
use reference_bank::CertificateStatus;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{
    Answer, Loopback, Scene, Token,
    agent::files_containing,
    course::{ended, new_serial},
    curl::Reply,
    programs::openssl,
    scene::{ADMINISTRATOR, USER},
    token,
    visit::AcquisitionPage,
};

const PIN: Answer = Answer::Pin(token::PIN);

/// A code like one of the bank's, which it never gave.
const NO_CODE: &str = "0000-0000-0000-0000";

#[test]
fn a_token_without_any_certificate_gets_one_that_logs_in() {
    let scene = Scene::new();
    let code = code(&scene);
    let view = acquire(&scene, &code);
    assert_eq!(
        (view.kind, view.certificate.as_deref()),
        (Kind::Acquire, None)
    );
    assert_eq!(view.proof, None);

    let login = scene.visit().login(USER, &key_of(&scene, &view));
    assert_eq!(login.header("location"), Some("/main"), "{}", login.body);
    assert_eq!(scene.bank.last_login(USER), Some((new_serial(&view), 200)));
    let dialogs = scene.home.person.asked();
    let commands: Vec<_> = dialogs.iter().map(|dialog| &dialog.command[..]).collect();
    assert_eq!(commands, ["CONFIRM", "GETPIN", "GETPIN", "CONFIRM"]);
    assert!(
        dialogs[0].description.contains(USER),
        "the subject is shown"
    );
    assert!(
        dialogs[1].description.contains("電話") && dialogs[1].description.contains("0120-000-000"),
        "{}",
        dialogs[1].description
    );
}

#[test]
fn openssl_reads_the_request_with_the_bank_s_own_names() {
    let scene = Scene::new();
    let code = code(&scene);
    scene.home.person.answers(&[Answer::Yes, typed(&code), PIN]);
    let visit = scene.visit();
    let page = visit.acquisition_page(USER);
    let begun = Begun::on(&scene.loopback(), &page);
    let csr = Base64::decode_vec(&begun.request()).unwrap();
    let told = openssl(
        &["req", "-inform", "DER", "-verify", "-noout", "-text"],
        &csr,
    );
    assert!(told.stderr.contains("self-signature verify OK"));
    let text = told.text();
    for part in [
        USER,
        "email:keiri-01@customer.example",
        "1.3.6.1.4.1.32473.1.6",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_certificate_past_grace_is_followed_by_an_acquired_one() {
    let scene = Scene::new();
    let customer = scene.customer(USER, "EC:prime256v1", -1);
    let refused = scene.visit().login(USER, customer.key);
    assert_eq!(refused.status, 403);
    // Another ID's expired certificate is none of its business.
    let other = scene.customer(ADMINISTRATOR, "EC:prime256v1", -1);
    let view = acquire(&scene, &code(&scene));
    let dialogs = scene.home.person.asked();
    let install = &dialogs[3].description;
    assert!(install.contains("消す期限切れ"), "{install}");
    let left = scene.token.objects();
    let mut ids: Vec<_> = left.iter().map(|object| object.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let new = key_of(&scene, &view);
    let mut expected = [other.key, &new];
    expected.sort_unstable();
    assert_eq!(ids, expected, "nothing of the expired one is left");
    assert_eq!(left.len(), 6);
    let login = scene.visit().login(USER, &new);
    assert_eq!(login.header("location"), Some("/main"), "{}", login.body);
    let old = scene.bank.certificates_of(USER).unwrap().pop().unwrap();
    assert_eq!(old.status, CertificateStatus::Revoked, "it was followed");
}

#[test]
fn a_request_that_was_made_without_the_code_is_refused() {
    let scene = Scene::new();
    // The old certificate is no secret, and has the very names.
    let old = scene.customer(USER, "EC:prime256v1", -1).old;
    let old = Certificate::from_der(&old.der).unwrap();
    let _code = code(&scene);
    let visit = scene.visit();
    let page = visit.acquisition_page(USER);
    let application = page.application();
    let squatter = Squatter::new();

    let plain = squatter.openssl(&["req", "-new", "-subj", "/CN=keiri-01"]);
    refused(&page.submit(&plain), 422, "other-subject");
    let own = RequestToSign::renewing(&old, &squatter.spki).unwrap();
    refused(&page.submit(&squatter.sign(own)), 422, "not-authorised");
    // A program that took the agent's place knows everything but the code.
    let decode = |text: &str| Base64::decode_vec(text).unwrap();
    let names = decode(&application.subject_alt_name);
    let subject = Subject::from_der(&decode(&application.subject), Some(&names)).unwrap();
    let guess = AcquisitionCode::parse(NO_CODE).unwrap();
    let nonce: Nonce = application.nonce.parse().unwrap();
    let (spki, origin) = (&squatter.spki, &scene.bank.ca_origin);
    let forged = RequestToSign::acquiring(&subject, spki, &guess, origin, nonce.as_bytes());
    refused(
        &page.submit(&squatter.sign(forged.unwrap())),
        422,
        "wrong-code",
    );
    assert_eq!(scene.bank.certificates_of(USER).unwrap().len(), 1);
}

#[test]
fn the_code_is_written_and_sent_nowhere() {
    let scene = Scene::new();
    let code = code(&scene);
    let view = acquire(&scene, &code);
    let visit = scene.visit();
    let html = visit.acquisition_page(USER).html;
    let csr = Base64::decode_vec(view.csr.as_deref().unwrap()).unwrap();
    let (status, log) = scene.agent.stop();
    assert_eq!(status, Some(0));
    for form in [code.clone(), code.replace('-', ""), code.to_lowercase()] {
        assert!(!log.contains(&form), "in the log");
        assert!(!html.contains(&form), "on the page");
        assert!(
            !csr.windows(form.len()).any(|part| part == form.as_bytes()),
            "in the request"
        );
        for folder in ["state", "config", "run", "etc"] {
            let found = files_containing(&scene.home.path(folder), &form);
            assert!(found.is_empty(), "{found:?}");
        }
    }
}

#[test]
fn the_person_picks_one_of_two_tokens() {
    let second = Token::new("Second-Token");
    let scene = Scene::with_settings(&format!(
        "[[modules]]\nname = \"second\"\npath = \"{}\"\nenvironment = {{ SOFTHSM2_CONF = \"{}\" }}\n",
        Token::module().display(),
        second.settings().display()
    ));
    let code = code(&scene);
    // Not the first one that is shown.
    scene.home.person.answers(&[
        Answer::Yes,
        Answer::Next,
        Answer::Yes,
        typed(&code),
        PIN,
        Answer::Yes,
    ]);
    let visit = scene.visit();
    let page = visit.acquisition_page(USER);
    Begun::on(&scene.loopback(), &page).finish();
    assert!(scene.token.objects().is_empty());
    assert_eq!(second.objects().len(), 3);
}

#[test]
fn after_a_restart_the_code_is_asked_for_again() {
    let mut scene = Scene::new();
    let code = code(&scene);
    scene
        .home
        .person
        .answers(&[Answer::Yes, typed(&code), Answer::Hang]);
    let id = {
        let visit = scene.visit();
        let page = visit.acquisition_page(USER);
        let begun = Begun::on(&scene.loopback(), &page);
        scene
            .loopback()
            .until(&begun.id, |state| state == State::Authenticate);
        begun.id
    };
    scene.restart();
    assert_eq!(scene.loopback().settled(&id).state, State::Waiting);
    let again = acquire(&scene, &code);
    assert_eq!(again.id, id, "the same acquisition went on");
}

#[test]
fn a_reloaded_page_gets_the_same_certificate_and_receipt_again() {
    let scene = Scene::new();
    let code = code(&scene);
    scene
        .home
        .person
        .answers(&[Answer::Yes, typed(&code), PIN, Answer::Yes]);
    let visit = scene.visit();
    let page = visit.acquisition_page(USER);
    let begun = Begun::on(&scene.loopback(), &page);
    let csr = begun.request();
    let first: Value = page.submit(&csr).json(200);
    // The answer was lost with the page.
    let page = visit.acquisition_page(USER);
    let again = Begun::on(&scene.loopback(), &page);
    assert_eq!(again.id, begun.id);
    assert_eq!(again.request(), csr);
    let second: Value = page.submit(&csr).json(200);
    assert_eq!(first, second);
    let reply = scene.loopback().deliver(&again.id, &second);
    assert_eq!(reply.status, 200, "{}", reply.body);
    let installed = again.loopback.to_the_end(&again.id);
    // And once more before the receipt.
    let page = visit.acquisition_page(USER);
    let third = Begun::on(&scene.loopback(), &page);
    assert_eq!(third.id, begun.id);
    let receipt = installed.receipt.unwrap();
    assert_eq!(page.hand_in(&receipt).status, 200);
    assert_eq!(scene.bank.certificates_of(USER).unwrap().len(), 1);
}

#[test]
fn no_at_the_second_dialog_has_the_certificate_revoked() {
    let scene = Scene::new();
    let code = code(&scene);
    scene
        .home
        .person
        .answers(&[Answer::Yes, typed(&code), PIN, Answer::No]);
    let visit = scene.visit();
    let page = visit.acquisition_page(USER);
    let begun = Begun::on(&scene.loopback(), &page);
    let answer: Value = page.submit(&begun.request()).json(200);
    let _ = scene.loopback().deliver(&begun.id, &answer);
    let view = begun.loopback.to_the_end(&begun.id);
    assert_eq!(view.state, State::Cancelled);
    let issued = &scene.bank.certificates_of(USER).unwrap()[0];
    let told: Value = page.reject("install-declined").json(200);
    assert_eq!(told, json!({ "revoked": [issued.serial] }));
    assert!(scene.token.objects().is_empty());
}

#[test]
fn no_text_of_an_acquisition_speaks_of_a_renewal() {
    let scene = Scene::new();
    let answers = [Answer::Yes, typed(NO_CODE), Answer::Forgotten];
    scene.home.person.answers(&answers);
    let visit = scene.visit();
    let page = visit.acquisition_page(USER);
    let begun = Begun::on(&scene.loopback(), &page);
    let problem = begun.loopback.to_the_end(&begun.id).problem.unwrap();
    assert_eq!(problem.code, ProblemCode::PinUnknown);
    let mut said = vec![problem.title, problem.detail.unwrap(), problem.remedy];
    assert!(said[0].contains("取得"), "{said:?}");
    let dialogs = scene.home.person.asked();
    assert_eq!(dialogs.len(), 4, "the last one is the help");
    said.extend(dialogs.into_iter().map(|dialog| dialog.description));
    let about_renewing = |text: &String| text.contains("更新");
    assert!(!said.iter().any(about_renewing), "{said:?}");
}

#[test]
fn what_is_no_subject_is_refused() {
    let scene = Scene::new();
    for body in [
        json!({ "kind": "acquire", "nonce": "A".repeat(43) }),
        json!({ "kind": "acquire", "subject": "MAA=", "nonce": "A".repeat(43) }),
        json!({ "kind": "renew", "subject": "MAA=", "nonce": "A".repeat(43) }),
    ] {
        let reply = scene
            .loopback()
            .call("POST", "/v1/renewals")
            .json(&body)
            .send();
        assert_eq!(reply.status, 400, "{}", reply.body);
    }
    assert!(scene.home.person.asked().is_empty());
}

/// A code over the counter.
pub(crate) fn code(scene: &Scene) -> String {
    scene.bank.code(USER).unwrap().text.to_string()
}

/// A code as the person types it.
fn typed(code: &str) -> Answer {
    Answer::Pin(code.to_lowercase().leak())
}

/// A whole acquisition with a willing person.
#[track_caller]
pub(crate) fn acquire(scene: &Scene, code: &str) -> RenewalView {
    let answers = [Answer::Yes, typed(code), PIN, Answer::Yes];
    scene.home.person.answers(&answers);
    let visit = scene.visit();
    let page = visit.acquisition_page(USER);
    Begun::on(&scene.loopback(), &page).finish()
}

/// An acquisition with a code that the bank refuses: with which code of a problem.
#[track_caller]
fn try_code(scene: &Scene, code: &str) -> String {
    scene.home.person.answers(&[Answer::Yes, typed(code), PIN]);
    let visit = scene.visit();
    let page = visit.acquisition_page(USER);
    let begun = Begun::on(&scene.loopback(), &page);
    let reply = page.submit(&begun.request());
    assert!([409, 422].contains(&reply.status), "{}", reply.body);
    let problem: Value = reply.json(reply.status);
    // As the page does: the CA will never answer this request.
    assert_eq!(begun.loopback.cancel(&begun.id).status, 200);
    let _ = begun.loopback.to_the_end(&begun.id);
    problem["code"].as_str().unwrap().to_owned()
}

#[track_caller]
fn refused(reply: &Reply, status: u16, code: &str) {
    let problem: Value = reply.json(status);
    assert_eq!(problem["code"], code);
}

/// An acquisition under way.
struct Begun<'a> {
    loopback: Loopback,
    page: &'a AcquisitionPage<'a>,
    id: String,
}

impl<'a> Begun<'a> {
    #[track_caller]
    fn on(loopback: &Loopback, page: &'a AcquisitionPage<'a>) -> Self {
        let application = page.application();
        let reply = loopback
            .call("POST", "/v1/renewals")
            .json(&json!({
                "kind": "acquire",
                "subject": application.subject,
                "subject_alt_name": application.subject_alt_name,
                "nonce": application.nonce,
            }))
            .send();
        assert!([200, 201].contains(&reply.status), "{}", reply.body);
        let view: RenewalView = reply.json(reply.status);
        Self {
            loopback: loopback.clone(),
            page,
            id: view.id,
        }
    }

    /// Waits for the request: base64.
    #[track_caller]
    fn request(&self) -> String {
        let view = self.loopback.settled(&self.id);
        view.csr.clone().unwrap_or_else(|| panic!("{view:?}"))
    }

    /// Tells the agent, as the page does, that the bank refused the code in this request.
    #[track_caller]
    fn refuse_code(&self, csr: &str, tries_left: u32) {
        let problem: Value = self.page.submit(csr).json(422);
        assert_eq!(problem["code"], "wrong-code");
        assert_eq!(problem["tries_left"], tries_left);
        let nonce = self.page.application().nonce;
        let answer = json!({ "wrong_code": { "tries_left": tries_left, "nonce": nonce } });
        let view: RenewalView = self.loopback.deliver(&self.id, &answer).json(200);
        assert_eq!((view.state, view.csr), (State::EnterCode, None));
        assert_eq!(view.problem.unwrap().code, ProblemCode::CodeRefused);
    }

    /// Another request, after the bank refused the code in this one.
    #[track_caller]
    fn another_after(&self, csr: &str, tries_left: u32) -> String {
        self.refuse_code(csr, tries_left);
        self.request()
    }

    #[track_caller]
    fn finish(&self) -> RenewalView {
        let answer: Value = self.page.submit(&self.request()).json(200);
        let reply = self.loopback.deliver(&self.id, &answer);
        assert_eq!(reply.status, 200, "{}", reply.body);
        let done = self
            .loopback
            .until(&self.id, |state| state == State::Retired || ended(state));
        assert_eq!(done.state, State::Retired, "{done:?}");
        let taken: Value = self
            .page
            .hand_in(done.receipt.as_deref().unwrap())
            .json(200);
        assert_eq!(taken, json!({ "serial": new_serial(&done) }));
        done
    }
}

/// The public key in a request (base64).
fn key_in(csr: &str) -> Vec<u8> {
    let der = Base64::decode_vec(csr).unwrap();
    SignedRequest::from_der(&der).unwrap().spki_der().to_vec()
}

/// The object id of the acquired pair on the token, which pkcs11-tool shows.
fn key_of(scene: &Scene, view: &RenewalView) -> String {
    let serial = new_serial(view);
    let objects = scene.token.objects();
    let certificate = objects
        .iter()
        .find(|object| object.serial.trim_start_matches('0') == serial.trim_start_matches('0'));
    certificate.expect("the certificate is there").id.clone()
}

/// A program with a key of its own, and openssl.
struct Squatter {
    folder: TempDir,
    spki: Vec<u8>,
}

impl Squatter {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let key = folder.path().join("key.pem");
        let key = key.to_str().unwrap();
        let _made = openssl(
            &[
                "ecparam",
                "-name",
                "prime256v1",
                "-genkey",
                "-noout",
                "-out",
                key,
            ],
            b"",
        );
        let public = openssl(&["pkey", "-in", key, "-pubout", "-outform", "DER"], b"");
        Self {
            spki: public.stdout,
            folder,
        }
    }

    /// What openssl makes with the key: base64.
    fn openssl(&self, arguments: &[&str]) -> String {
        let key = self.folder.path().join("key.pem");
        let more = ["-key", key.to_str().unwrap(), "-outform", "DER"];
        Base64::encode_string(&openssl(&[arguments, &more].concat(), b"").stdout)
    }

    fn sign(&self, request: RequestToSign) -> String {
        let key = self.folder.path().join("key.pem");
        let arguments = ["dgst", "-sha256", "-sign", key.to_str().unwrap()];
        let signature = openssl(&arguments, request.message()).stdout;
        Base64::encode_string(request.assemble(&signature).unwrap().der())
    }
}

//! When the old certificate goes from the token, by each of the three rules of a profile, and how
//! a customer whose old certificate is dead already still gets the new one.

use base64ct::{Base64, Encoding as _};
use protocol::bridge::{RenewalView, State};
use reference_bank::{CertificateStatus, OldEnds, Order, Policy, Validity, time::DAY};
use serde_json::{Value, json};
use tests::{
    Agent, Answer, Course, Customer, Home, Loopback, OpenBank, Scene, StandingClock, Token, Visit,
    aftermath::refused,
    course::{WILLING, ended, new_serial},
    scene::{TOKEN, USER},
    token,
};

/// 2027-03-10 23:59:59 in Japan.
const LAST: i64 = 1_804_690_799;

fn scene(old_ends: OldEnds) -> Scene {
    Scene::with_policy(Policy {
        old_ends,
        ..Policy::default()
    })
}

/// The serial numbers of the certificates on the token, and how many private keys there are.
fn on_token(token: &Token) -> (Vec<String>, usize) {
    let objects = token.objects();
    let of = |class: &'static str| {
        let all = objects.iter();
        all.filter(move |object| object.class.starts_with(class))
    };
    let mut serials: Vec<_> = of("Certificate").map(|each| each.serial.clone()).collect();
    serials.sort();
    (serials, of("Private Key").count())
}

fn both(customer: &Customer, renewed: &RenewalView) -> (Vec<String>, usize) {
    let mut serials = vec![customer.old.serial.clone(), new_serial(renewed)];
    serials.sort();
    (serials, 2)
}

fn only_new(renewed: &RenewalView) -> (Vec<String>, usize) {
    (vec![new_serial(renewed)], 1)
}

/// The object id of the new certificate.
fn new_key(token: &Token, renewed: &RenewalView) -> String {
    let serial = new_serial(renewed);
    let objects = token.objects();
    let new = objects.iter().find(|object| object.serial == serial);
    new.expect("it is on the token").id.clone()
}

/// Until the old certificate is gone; the CA takes the receipt.
#[track_caller]
fn retired(course: &Course<'_>) -> RenewalView {
    let done = course
        .loopback
        .until(&course.id, |state| state == State::Retired || ended(state));
    assert_eq!(done.state, State::Retired, "{done:?}");
    let receipt = done.receipt.as_deref().expect("the new key signed it");
    let taken: Value = course.page.hand_in(receipt).json(200);
    assert_eq!(taken, json!({ "serial": new_serial(&done) }));
    done
}

#[test]
fn at_issue_the_old_one_goes_as_soon_as_the_new_one_is_proven() {
    let scene = scene(OldEnds::AtIssue);
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let reply = course.deliver();
    assert_eq!(reply.status, 200, "{}", reply.body);
    let done = retired(&course);
    assert_eq!(on_token(&scene.token), only_new(&done));
    let login = scene.visit().login(USER, &new_key(&scene.token, &done));
    assert_eq!(login.header("location"), Some("/main"));
}

#[test]
fn at_issue_a_crash_before_the_answer_arrives_costs_nothing() {
    let mut scene = scene(OldEnds::AtIssue);
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    let (id, csr) = {
        let visit = scene.visit();
        let course = Course::begin(&scene, &visit, &customer);
        let view = course.request();
        let (csr, proof) = (view.csr.as_deref().unwrap(), view.proof.as_deref().unwrap());
        assert_eq!(course.page.submit(csr, proof).status, 200);
        (course.id, view.csr)
    };
    // The power goes, with browser and agent, and the old certificate is dead.
    scene.restart();
    let fetched = fetch_again(&scene, &customer, &id, csr.as_deref());
    assert_eq!(on_token(&scene.token), only_new(&fetched));
}

#[test]
fn at_issue_a_crash_before_the_installation_costs_nothing() {
    let mut scene = scene(OldEnds::AtIssue);
    let customer = scene.user();
    let install = scene.home.person.gate("install");
    scene.home.person.answers(&[
        Answer::Yes,
        Answer::Pin(token::PIN),
        Answer::When("install", &Answer::Yes),
    ]);
    let (id, csr) = {
        let visit = scene.visit();
        let course = Course::begin(&scene, &visit, &customer);
        let csr = course.request().csr;
        assert_eq!(course.deliver().status, 200);
        let waits = |state| state == State::ConsentToInstall;
        course.loopback.until(&course.id, waits);
        (course.id, csr)
    };
    scene.restart();
    drop(install);
    let login = scene.visit().login(USER, customer.key);
    assert_eq!(
        login.header("location"),
        Some("/redelivery"),
        "{}",
        login.body
    );
    let visit = scene.visit();
    let _ = visit.login(USER, customer.key);
    scene.home.person.answers(WILLING);
    let course = Course::of(scene.loopback(), visit.redelivery_page(customer.key));
    assert_eq!(course.id, id);
    assert_eq!(course.loopback.view(&id).csr, csr);
    let done = retired(&course);
    assert_eq!(on_token(&scene.token).0, only_new(&done).0);
    assert_eq!(scene.bank.certificates_of(USER).unwrap().len(), 2);
}

/// The customer comes back with the dead certificate, and gets what was issued for the same
/// request.
#[track_caller]
fn fetch_again(scene: &Scene, customer: &Customer, id: &str, csr: Option<&str>) -> RenewalView {
    let visit = scene.visit();
    let login = visit.login(USER, customer.key);
    assert_eq!(
        login.header("location"),
        Some("/redelivery"),
        "{}",
        login.body
    );
    let main = visit.bank_page("/main", customer.key);
    assert_eq!(main.header("location"), Some("/redelivery"));
    scene.home.person.answers(WILLING);
    let course = Course::of(scene.loopback(), visit.redelivery_page(customer.key));
    assert_eq!(course.id, id);
    assert_eq!(course.request().csr.as_deref(), csr, "the same request");
    let reply = course.deliver();
    assert_eq!(reply.status, 200, "{}", reply.body);
    let done = retired(&course);
    assert_eq!(scene.bank.certificates_of(USER).unwrap().len(), 2);

    // After the receipt nothing is delivered again, and the old one is only dead.
    let proof = done.proof.as_deref().unwrap();
    let again = course.page.submit(done.csr.as_deref().unwrap(), proof);
    assert_eq!(
        (again.status, again.problem_code()),
        (409, "delivered".to_owned())
    );
    done
}

#[test]
fn at_issue_a_no_after_the_issue_revokes_the_new_one_and_the_next_try_works() {
    no_after_the_issue(OldEnds::AtIssue);
}

#[test]
fn at_first_login_a_no_after_the_issue_revokes_the_new_one_and_the_next_try_works() {
    no_after_the_issue(OldEnds::FirstLogin);
}

fn no_after_the_issue(old_ends: OldEnds) {
    let scene = scene(old_ends);
    let customer = scene.user();
    scene
        .home
        .person
        .answers(&[Answer::Yes, Answer::Pin(token::PIN), Answer::No]);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let csr = course.request().csr.unwrap();
    assert_eq!(course.deliver().status, 200);
    assert_eq!(course.problem(), "install-declined");
    let rejected: Value = course.page.reject("install-declined").json(200);
    let issued = &scene.bank.certificates_of(USER).unwrap()[0];
    assert_eq!(rejected, json!({ "revoked": [issued.serial] }));
    assert_eq!(issued.status, CertificateStatus::Rejected);
    // What was revoked is not delivered again.
    let late = course.page.submit(&csr, "");
    assert_eq!(
        (late.status, late.problem_code()),
        (409, "rejected".to_owned())
    );
    scene.is_as_before(&[&customer]);

    scene.home.person.answers(WILLING);
    let again = Course::begin(&scene, &visit, &customer);
    assert_ne!(again.id, course.id);
    assert_ne!(again.request().csr.unwrap(), csr);
    assert_eq!(again.deliver().status, 200);
    let settled = again.loopback.settled(&again.id);
    let as_ruled = match old_ends {
        OldEnds::AtIssue => State::Retired,
        OldEnds::FirstLogin | OldEnds::Expiry => State::Grace,
    };
    again.loopback.until(&again.id, |state| state == as_ruled);
    let receipt = settled.receipt.unwrap();
    assert_eq!(again.page.hand_in(&receipt).status, 200);
}

#[test]
fn at_first_login_the_old_one_stays_until_the_banks_word() {
    let scene = scene(OldEnds::FirstLogin);
    let customer = scene.user();
    scene.home.person.answers(WILLING);
    let visit = scene.visit();
    let course = Course::begin(&scene, &visit, &customer);
    let bank = Loopback::new(scene.agent.port, &scene.bank.bank_origin);
    let word = json!({ "outcome": "first-login" });
    // Before there is anything to log in with, the word is refused.
    let _request = course.request();
    refused(&bank, "wrong-state", |bank| bank.outcome(&course.id, &word));
    let done = course.finish();
    assert_eq!(on_token(&scene.token), both(&customer, &done));

    let login = scene.visit().login(USER, &new_key(&scene.token, &done));
    assert_eq!(login.header("location"), Some("/main"));
    let said: RenewalView = bank.outcome(&course.id, &word).json(200);
    assert!(
        [State::Grace, State::Retired].contains(&said.state),
        "{said:?}"
    );
    bank.until(&course.id, |state| state == State::Retired);
    assert_eq!(on_token(&scene.token), only_new(&done));
    // Said twice, it changes nothing.
    let again: RenewalView = bank.outcome(&course.id, &word).json(200);
    assert_eq!(again.state, State::Retired);
}

#[test]
fn at_first_login_the_banks_word_counts_after_a_restart_too() {
    let mut scene = scene(OldEnds::FirstLogin);
    let customer = scene.user();
    let done = scene.renew(&customer);
    scene.restart();
    assert_eq!(on_token(&scene.token), both(&customer, &done));
    let asked = scene.home.person.asked().len();
    let bank = Loopback::new(scene.agent.port, &scene.bank.bank_origin);
    let word = json!({ "outcome": "old-revoked" });
    let _said: RenewalView = bank.outcome(&done.id, &word).json(200);
    bank.until(&done.id, |state| state == State::Retired);
    // Nobody is asked for a PIN, so the old private key stays for the next login.
    assert_eq!(on_token(&scene.token), (only_new(&done).0, 2));
    assert_eq!(scene.home.person.asked().len(), asked);
}

/// A customer's PC and a bank whose old certificates end with their validity.
struct Pc {
    agent: Agent,
    clock: StandingClock,
    bank: OpenBank,
    token: Token,
    home: Home,
    customer: Customer,
}

impl Pc {
    /// Five days before the certificate's last.
    fn new() -> Self {
        let token = Token::new(TOKEN);
        let home = Home::with_token(&token);
        let bank = OpenBank::with(|options| options.policy.old_ends = OldEnds::Expiry);
        home.install_profile("mihon", &bank.profile().unwrap());
        let public_key = token.generate("EC:prime256v1", "02", USER);
        let order = Order {
            user: USER,
            public_key: &public_key,
            validity: Validity::Exactly {
                not_before: LAST - 365 * DAY,
                not_after: LAST,
            },
        };
        let old = bank.issue(&order).unwrap();
        token.write_certificate(&old.der, "02", USER);
        let now = LAST - 5 * DAY;
        let clock = StandingClock::new(&home, now);
        bank.clock().hold(now);
        Self {
            agent: start(&home, &clock),
            clock,
            bank,
            token,
            home,
            customer: Customer {
                id: USER,
                key: "02",
                old,
            },
        }
    }

    fn visit(&self) -> Visit<'_> {
        Visit::new(&self.bank, &self.token)
    }

    fn bank_page(&self) -> Loopback {
        Loopback::new(self.agent.port, &self.bank.bank_origin)
    }

    /// The PC is started at that time.
    fn start_at(&mut self, now: i64) {
        self.agent.kill();
        self.clock.set(now);
        self.bank.clock().hold(now);
        self.agent = start(&self.home, &self.clock);
    }
}

fn start(home: &Home, clock: &StandingClock) -> Agent {
    Agent::start_with(clock.rule(&mut home.koshin(&["run"])))
}

#[test]
fn at_expiry_the_old_one_stays_to_its_last_second_and_then_goes_unasked() {
    let mut pc = Pc::new();
    pc.home.person.answers(WILLING);
    let done = {
        let visit = pc.visit();
        let login = visit.login(USER, "02");
        assert_eq!(login.header("location"), Some("/notice"), "{}", login.body);
        let loopback = Loopback::new(pc.agent.port, &pc.bank.ca_origin);
        Course::of(loopback, visit.renewal_page("02")).finish()
    };
    let new = new_key(&pc.token, &done);
    assert_eq!(
        pc.visit().login(USER, &new).header("location"),
        Some("/main")
    );
    // The first login is not this bank's rule.
    let word = json!({ "outcome": "first-login" });
    let said: RenewalView = pc.bank_page().outcome(&done.id, &word).json(200);
    assert_eq!(said.state, State::Grace);
    assert_eq!(pc.visit().login(USER, "02").status, 303);

    pc.start_at(LAST);
    assert_eq!(pc.bank_page().view(&done.id).state, State::Grace);
    assert_eq!(on_token(&pc.token), both(&pc.customer, &done));

    let asked = pc.home.person.asked().len();
    pc.start_at(LAST + 1);
    pc.bank_page()
        .until(&done.id, |state| state == State::Retired);
    assert_eq!(on_token(&pc.token).0, only_new(&done).0);
    assert_eq!(
        pc.home.person.asked().len(),
        asked,
        "nobody is asked for it"
    );
    assert_eq!(
        pc.visit().login(USER, &new).header("location"),
        Some("/main")
    );
}

#[test]
fn a_receipt_is_for_this_renewal_alone() {
    let scene = scene(OldEnds::FirstLogin);
    let customer = scene.user();
    let colleague = scene.customer(tests::scene::ADMINISTRATOR, "EC:prime256v1", 20);
    scene.home.person.answers(&WILLING.repeat(2));
    let visits = [scene.visit(), scene.visit()];
    let mine = Course::begin(&scene, &visits[0], &customer);
    let theirs = Course::begin(&scene, &visits[1], &colleague);
    // A proof under another login's nonce is no proof.
    let [own, other] = [mine.request(), theirs.request()];
    let swapped = mine
        .page
        .submit(own.csr.as_deref().unwrap(), other.proof.as_deref().unwrap());
    assert_eq!(
        (swapped.status, swapped.problem_code()),
        (422, "bad-proof".to_owned())
    );

    let receipt_of = |course: &Course<'_>| {
        assert_eq!(course.deliver().status, 200);
        let grace = |state| state == State::Grace || ended(state);
        course.loopback.until(&course.id, grace).receipt.unwrap()
    };
    let (own, other) = (receipt_of(&mine), receipt_of(&theirs));
    let mut altered = Base64::decode_vec(&own).unwrap();
    *altered.last_mut().unwrap() ^= 1;
    // Another ID's, an altered one, and the old key's word in place of the new one's.
    let old_keys = mine.loopback.view(&mine.id).proof.unwrap();
    for wrong in [other.as_str(), &Base64::encode_string(&altered), &old_keys] {
        let reply = mine.page.hand_in(wrong);
        assert_eq!(
            (reply.status, reply.problem_code()),
            (422, "bad-receipt".to_owned())
        );
    }
    for (course, receipt) in [(&mine, &own), (&theirs, &other), (&mine, &own)] {
        assert_eq!(course.page.hand_in(receipt).status, 200);
    }
}

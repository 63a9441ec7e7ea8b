//! The course of a renewal, as the CA's page drives it.

use protocol::bridge::{RenewalView, State};
use serde_json::{Value, json};

use crate::{Answer, Customer, Loopback, Scene, Visit, curl::Reply, token, visit::RenewalPage};

/// The person agrees to everything and knows the PIN.
pub const WILLING: &[Answer] = &[Answer::Yes, Answer::Pin(token::PIN), Answer::Yes];

/// A renewal under way, with the page that drives it.
pub struct Course<'a> {
    /// The agent.
    pub loopback: Loopback,
    /// The CA's page.
    pub page: RenewalPage<'a>,
    /// The agent's id of the renewal.
    pub id: String,
}

impl<'a> Course<'a> {
    /// Logs in and begins: the page's 更新.
    ///
    /// # Panics
    /// If a step does not go as it should.
    #[track_caller]
    #[must_use]
    pub fn begin(scene: &Scene, visit: &'a Visit<'a>, customer: &Customer) -> Self {
        let login = visit.login(customer.id, customer.key);
        assert_eq!(login.header("location"), Some("/notice"), "{}", login.body);
        let page = visit.renewal_page(customer.key);
        assert_eq!(
            page.certificate, customer.old.sha256,
            "the certificate of this login"
        );
        Self::of(scene.loopback(), page)
    }

    /// Begins on a page that is loaded: a new renewal, or the one that is under way.
    ///
    /// # Panics
    /// If the agent refuses.
    #[track_caller]
    #[must_use]
    pub fn of(loopback: Loopback, page: RenewalPage<'a>) -> Self {
        let nonce = page.nonce();
        let reply = loopback.begin(&page.certificate, &nonce.nonce);
        assert!([200, 201].contains(&reply.status), "{}", reply.body);
        let begun: RenewalView = reply.json(reply.status);
        Self {
            loopback,
            page,
            id: begun.id,
        }
    }

    /// Waits for the request.
    ///
    /// # Panics
    /// If the renewal ends before.
    #[track_caller]
    #[must_use]
    pub fn request(&self) -> RenewalView {
        let view = self.loopback.settled(&self.id);
        assert!(view.csr.is_some() && view.proof.is_some(), "{view:?}");
        view
    }

    /// Waits for the end, and answers the stable code of the problem.
    ///
    /// # Panics
    /// If it goes well.
    #[track_caller]
    #[must_use]
    pub fn problem(&self) -> String {
        let view = self.loopback.until(&self.id, ended);
        let problem = view
            .problem
            .unwrap_or_else(|| panic!("no problem, {:?}", view.state));
        assert!(
            !problem.title.is_empty() && !problem.remedy.is_empty(),
            "{problem:?}"
        );
        problem.code.as_str().to_owned()
    }

    /// Sends the request to the CA, and its answer to the agent; answers what the agent says.
    ///
    /// # Panics
    /// If there is no request, or the CA does not answer.
    #[track_caller]
    #[must_use]
    pub fn deliver(&self) -> Reply {
        let view = self.request();
        let csr = view.csr.as_deref().unwrap_or_default();
        let answer: Value = self
            .page
            .submit(csr, view.proof.as_deref().unwrap_or_default())
            .json(200);
        self.loopback.deliver(&self.id, &answer)
    }

    /// From the request to the receipt that the CA takes.
    ///
    /// # Panics
    /// If a step does not go as it should.
    #[track_caller]
    pub fn finish(&self) -> RenewalView {
        let reply = self.deliver();
        assert!((200..300).contains(&reply.status), "{}", reply.body);
        self.installed()
    }

    /// From the second consent to the receipt that the CA takes.
    ///
    /// # Panics
    /// If a step does not go as it should.
    #[track_caller]
    pub fn installed(&self) -> RenewalView {
        let done = self
            .loopback
            .until(&self.id, |state| state == State::Grace || ended(state));
        assert_eq!(done.state, State::Grace, "{done:?}");
        let receipt = done
            .receipt
            .as_deref()
            .expect("the new key signed a receipt");
        let taken: Value = self.page.hand_in(receipt).json(200);
        assert_eq!(taken, json!({ "serial": new_serial(&done) }));
        done
    }
}

impl Scene {
    /// A whole renewal with a willing person.
    ///
    /// # Panics
    /// If a step does not go as it should.
    #[track_caller]
    pub fn renew(&self, customer: &Customer) -> RenewalView {
        self.home.person.answers(WILLING);
        let visit = self.visit();
        Course::begin(self, &visit, customer).finish()
    }
}

/// Whether a renewal has ended without a certificate.
#[must_use]
pub fn ended(state: State) -> bool {
    matches!(state, State::Cancelled | State::Failed | State::Expired)
}

/// The serial number of the new certificate.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn new_serial(view: &RenewalView) -> String {
    let new = view.new_certificate.as_ref();
    new.expect("there is a new certificate").serial.clone()
}

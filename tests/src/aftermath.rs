//! What must hold after a renewal that came to nothing, said by other programs than Koshin.

use protocol::bridge::{Problem, RenewalView};

use crate::{Customer, Loopback, Scene, curl::Reply};

impl Scene {
    /// The old certificates log in, and nothing but what these customers had is on the token.
    ///
    /// # Panics
    /// If it is otherwise.
    #[track_caller]
    pub fn is_as_before(&self, customers: &[&Customer]) {
        for customer in customers {
            self.still_logs_in(customer);
        }
        let objects = self.token.objects();
        let known = |id: &str| customers.iter().any(|customer| customer.key == id);
        let classes = [
            "Certificate Object",
            "Private Key Object",
            "Public Key Object",
        ];
        assert!(
            objects.len() == classes.len() * customers.len()
                && objects.iter().all(|object| known(&object.id)),
            "the token holds {objects:#?}"
        );
        for class in classes {
            let count = objects.iter().filter(|object| object.class == class);
            assert_eq!(
                count.count(),
                customers.len(),
                "the token holds {objects:#?}"
            );
        }
    }

    /// The old certificate logs in by mutual TLS.
    ///
    /// # Panics
    /// If the bank refuses it.
    #[track_caller]
    pub fn still_logs_in(&self, customer: &Customer) {
        let login = self.visit().login(customer.id, customer.key);
        assert_eq!(login.status, 303, "{}", login.body);
        assert_eq!(
            self.bank.last_login(customer.id),
            Some((customer.old.serial.clone(), 200))
        );
    }
}

impl Loopback {
    /// The same agent, asked by a browser that wants English.
    #[must_use]
    pub fn in_english(&self) -> Self {
        self.reading("en-GB,en;q=0.9,ja;q=0.5")
    }

    /// The problem of a renewal, which must be that of `code` and be told in both languages.
    ///
    /// # Panics
    /// If it is another one.
    #[track_caller]
    pub fn problem(&self, id: &str, code: &str) -> Problem {
        let told = |loopback: &Self| {
            let view = loopback.view(id);
            view.problem
                .unwrap_or_else(|| panic!("no problem in {:?}", view.state))
        };
        both(&told(self), &told(&self.in_english()), code);
        told(self)
    }
}

/// A call that is refused with this status and code, in Japanese and in English.
///
/// # Panics
/// If it is not refused, or otherwise.
#[track_caller]
pub fn refused(loopback: &Loopback, code: &str, call: impl Fn(&Loopback) -> Reply) -> Problem {
    let told = |loopback: &Loopback| {
        let reply = call(loopback);
        let kind = reply.header("content-type");
        assert_eq!(kind, Some("application/problem+json"), "{}", reply.body);
        let problem: Problem = reply.json(reply.status);
        assert_eq!(problem.status, reply.status);
        problem
    };
    let japanese = told(loopback);
    both(&japanese, &told(&loopback.in_english()), code);
    japanese
}

/// A renewal's state with its code, for messages.
#[must_use]
pub fn brief(view: &RenewalView) -> String {
    let code = view.problem.as_ref().map(|problem| problem.code.as_str());
    format!("{:?} {:?} {code:?}", view.state, view.waiting)
}

#[track_caller]
fn both(japanese: &Problem, english: &Problem, code: &str) {
    assert_eq!(japanese.code.as_str(), code, "{japanese:?}");
    assert_eq!(english.code.as_str(), code, "{english:?}");
    assert_eq!(japanese.r#type, format!("urn:koshin:problem:{code}"));
    for (problem, is_japanese) in [(japanese, true), (english, false)] {
        let detail = problem.detail.as_deref().unwrap_or_default();
        for text in [&problem.title, detail, &problem.remedy] {
            assert_eq!(has_kana(text), is_japanese, "{problem:?}");
        }
    }
}

fn has_kana(text: &str) -> bool {
    text.chars()
        .any(|letter| ('\u{3041}'..='\u{30ff}').contains(&letter))
}

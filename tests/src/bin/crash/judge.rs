//! What must hold after a fault, by the word of other programs: curl logs in with what is on the
//! token, pkcs11-tool lists what is on it.

use reference_bank::{CertificateStatus, IssuedCertificate};
use tests::{
    scene::{ADMINISTRATOR, USER},
    token::Object,
};

use crate::{
    page::{Page, Stop},
    plan::Flow,
    scene::{Scene, put_back},
};

/// What came of a case.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// The fault did not happen.
    pub(crate) unfired: bool,
    /// Neither the old certificate nor the new one logged in, nor would it be delivered again.
    pub(crate) lost: bool,
    /// So many objects are on the token that should not be.
    pub(crate) leftovers: usize,
    /// What else went wrong, and what explains the rest.
    pub(crate) complaints: Vec<String>,
}

impl Verdict {
    pub(crate) fn is_well(&self) -> bool {
        !self.unfired && !self.lost && self.leftovers == 0 && self.complaints.is_empty()
    }
}

/// How often a person tries again before calling the help desk.
const TRIES: u32 = 3;

impl Scene {
    /// The fault is over: everything runs again, the agent afresh.
    pub(crate) fn recover(&mut self) {
        self.faults.no_more();
        // It is there only where the disk was full.
        let _ = std::fs::remove_file(self.faults.folder().join("full"));
        put_back(&self.token);
        self.bank.revive();
        self.restart();
    }

    /// Looks at everything after a fault, and goes on until all is well or cannot be.
    pub(crate) fn judge(&mut self, verdict: &mut Verdict) {
        let user = self.flow.user();
        verdict.lost = !self.can_log_in(user);
        if verdict.lost && self.flow == Flow::Acquire {
            // There was none before; the code or another one brings it.
            verdict.lost = false;
        }
        if let Err(stop) = self.come_to_the_end(user) {
            verdict
                .complaints
                .push(format!("{user} did not come to the end: {stop}"));
        }
        // A second renewal, whose login also clears what the first could not.
        if let Err(stop) = self.come_to_the_end(ADMINISTRATOR) {
            verdict
                .complaints
                .push(format!("the second renewal: {stop}"));
        }
        for user in [USER, ADMINISTRATOR] {
            if !self.can_log_in(user) {
                verdict.lost = true;
            }
        }
        let left = self.leftovers();
        verdict.leftovers = left.len();
        for object in left {
            verdict.complaints.push(format!(
                "left on the token: {} id={} label={:?} serial={}",
                object.class, object.id, object.label, object.serial
            ));
        }
    }

    /// Whether any certificate of the user's on the token logs in. Older ones are tried first,
    /// because a login with the new one ends the old one.
    fn can_log_in(&mut self, user: &'static str) -> bool {
        let mut held = self.held_by(user);
        held.reverse();
        held.into_iter().any(|(key, _)| {
            let login = Page::new(self, user).login("login", &key);
            login.is_ok_and(|reply| reply.status == 303)
        })
    }

    /// Goes on with what was begun, or begins anew, until the user has a new certificate and
    /// the old one is gone.
    fn come_to_the_end(&mut self, user: &'static str) -> Result<(), Stop> {
        let mut stops = Vec::new();
        for _ in 0..TRIES {
            match self.go_on(user) {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(stop) => stops.push(stop.to_string()),
            }
        }
        Err(Stop::Rests(stops.join("; ")))
    }

    /// Goes on with an acquisition: with the code that was given, or with another one where that is
    /// used up.
    pub(crate) fn acquire_again(&mut self) -> Result<(), Stop> {
        let user = self.flow.user();
        match Page::new(self, user).acquire() {
            Err(Stop::Refused(_, answer)) if answer.contains("code-") => {
                self.give_code();
                Page::new(self, user).acquire()
            }
            other => other,
        }
    }

    /// One visit; whether nothing is left to do.
    fn go_on(&mut self, user: &'static str) -> Result<bool, Stop> {
        let held = self.held_by(user);
        let is_old = |certificate: &IssuedCertificate| {
            certificate.replaces.is_none() && certificate.nonce.is_none()
        };
        let old = held.iter().find(|(_, certificate)| is_old(certificate));
        let new = held.iter().find(|(_, certificate)| !is_old(certificate));
        match (old, new) {
            (None, Some((key, _))) => {
                let login = Page::new(self, user).login("login", key)?;
                if login.status == 303 {
                    Ok(true)
                } else {
                    Err(Stop::Refused("login", login.status.to_string()))
                }
            }
            (None, None) => self.acquire_again().map(|()| false),
            // The bank no longer takes the old one: what is left is to tell the agent so.
            (Some((_, old)), Some((key, new))) if old.status == CertificateStatus::Revoked => {
                let (key, new) = (key.clone(), new.clone());
                Page::new(self, user)
                    .first_login(&key, &new)
                    .map(|()| false)
            }
            (Some((key, _)), _) => {
                let key = key.clone();
                Page::new(self, user).renew(&key).map(|()| false)
            }
        }
    }

    /// The user's certificates that are on the token, with their object ids, newest first.
    pub(crate) fn held_by(&self, user: &str) -> Vec<(String, IssuedCertificate)> {
        let issued = reference_bank::certificates(self.bank.state(), Some(user));
        let objects = self.token.objects();
        issued
            .expect("there is this user")
            .into_iter()
            .filter_map(|certificate| {
                let key = key_of(&objects, &certificate.serial)?;
                Some((key, certificate))
            })
            .collect()
    }

    /// The object id of the certificate with this serial number.
    pub(crate) fn key_of(&self, serial: &str) -> Option<String> {
        key_of(&self.token.objects(), serial)
    }

    /// The objects that are neither a certificate of the two users' nor its pair of keys.
    fn leftovers(&self) -> Vec<Object> {
        let mut objects = self.token.objects();
        for user in [USER, ADMINISTRATOR] {
            // The newest counts; an older one beside it is a leftover.
            let Some((key, certificate)) = self.held_by(user).into_iter().next() else {
                continue;
            };
            for class in [
                "Certificate Object",
                "Private Key Object",
                "Public Key Object",
            ] {
                let expected = objects.iter().position(|object| {
                    object.class == class
                        && object.id == key
                        && !object.label.contains("pending")
                        && (object.serial.is_empty() || same(&object.serial, &certificate.serial))
                });
                if let Some(index) = expected {
                    objects.remove(index);
                }
            }
        }
        objects
    }
}

fn key_of(objects: &[Object], serial: &str) -> Option<String> {
    let object = objects.iter().find(|object| same(&object.serial, serial))?;
    Some(object.id.clone())
}

fn same(one: &str, other: &str) -> bool {
    !one.is_empty() && one.trim_start_matches('0') == other.trim_start_matches('0')
}

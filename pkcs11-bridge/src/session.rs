//! A token that a worker has opened: its sessions and its login.

use std::collections::HashMap;

use cryptoki::{
    error::{Error as Cryptoki, RvError},
    mechanism::MechanismType,
    session::{Session, UserType},
    slot::Slot,
    types::RawAuthPin,
};

use secrecy::ExposeSecret;

use crate::{
    Inventory, TokenError, TokenInfo, TokenUri,
    module::Module,
    token::{self, Present},
};

/// A token with two sessions. The first is never used for anything but the login: a token
/// forgets a login when its last session closes, and the second one is closed after any error,
/// since an operation may have been left active on it.
pub(crate) struct OpenToken {
    module: Module,
    slot: Slot,
    present: Present,
    mechanisms: Vec<MechanismType>,
    anchor: Session,
    working: Option<Session>,
    logged_in: bool,
    /// Where private keys were seen, by their SPKI: an id that may save a search, not a handle,
    /// which a token may give to another object.
    seen: HashMap<Vec<u8>, Seen>,
}

/// Where a private key was seen.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Its `CKA_ID`.
    pub(crate) id: Vec<u8>,
    /// Whether a signature by it has verified.
    pub(crate) proven: bool,
}

impl OpenToken {
    /// Finds the one token that the URI names, and opens it.
    pub(crate) fn open(module: &Module, uri: &TokenUri) -> Result<Self, TokenError> {
        let mut matching = Vec::new();
        for slot in module.get_slots_with_token()? {
            match token::read(module, slot) {
                Ok(present) if uri.matches(&present.info) => matching.push((slot, present)),
                Ok(_) => {}
                // Another slot's trouble is none of this token's.
                Err(error) => tracing::debug!(%error, "a slot cannot be read"),
            }
        }
        let count = matching.len();
        let Some((slot, mut present)) = matching.pop() else {
            return Err(TokenError::TokenNotFound);
        };
        if count > 1 {
            return Err(TokenError::TokenAmbiguous { count });
        }
        let mechanisms = module.get_mechanism_list(slot).unwrap_or_default();
        present.info.key_types = token::key_types(module, slot, &mechanisms);
        Ok(Self {
            module: module.clone(),
            slot,
            present,
            mechanisms,
            anchor: module.open_ro_session(slot)?,
            working: None,
            logged_in: false,
            seen: HashMap::new(),
        })
    }

    pub(crate) fn info(&self) -> &TokenInfo {
        &self.present.info
    }

    /// What the token shows now.
    pub(crate) fn inventory(&mut self) -> Result<Inventory, TokenError> {
        let (module, private) = (self.module.clone(), self.shows_private_keys());
        let inventory = self.with_session(|session| Inventory::read(&module, session, private))?;
        for key in &inventory.private_keys {
            if let Some(spki) = &key.spki {
                self.see(spki, &key.id, false);
            }
        }
        Ok(inventory)
    }

    /// Remembers where a private key was seen.
    pub(crate) fn see(&mut self, spki: &[u8], id: &[u8], proven: bool) {
        if !id.is_empty() {
            let id = id.to_vec();
            self.seen.insert(spki.to_vec(), Seen { id, proven });
        }
    }

    /// Where a private key was seen.
    pub(crate) fn seen(&self, spki: &[u8]) -> Option<Seen> {
        self.seen.get(spki).cloned()
    }

    /// Forgets where a private key was seen, because something there is being removed.
    pub(crate) fn forget(&mut self, spki: &[u8]) {
        self.seen.remove(spki);
    }

    /// Whether private keys can be seen.
    pub(crate) fn shows_private_keys(&self) -> bool {
        self.logged_in || !self.info().pin.required
    }

    /// The mechanisms of `wanted` that the token lists, in the order of `wanted`; all of them
    /// if it lists none at all.
    pub(crate) fn offered(&self, wanted: &[MechanismType]) -> Vec<MechanismType> {
        wanted
            .iter()
            .copied()
            .filter(|one| self.mechanisms.is_empty() || self.mechanisms.contains(one))
            .collect()
    }

    /// Does something in the working session, opened if need be, which survives only if it
    /// went well.
    ///
    /// # Errors
    /// Those of `work`; [`TokenError::TokenRemoved`] in their place where the token has gone,
    /// which modules report in many ways.
    pub(crate) fn with_session<T>(
        &mut self,
        work: impl FnOnce(&Session) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        let session = match self.working.take() {
            Some(session) => session,
            None => self.fresh_session()?,
        };
        match work(&session) {
            Ok(done) => {
                self.working = Some(session);
                Ok(done)
            }
            Err(error) => {
                drop(session);
                Err(self.explain(error))
            }
        }
    }

    /// As [`with_session`](Self::with_session), in a session that has just been opened: for
    /// reading back, where a session may remember what the token doesn't have.
    pub(crate) fn with_fresh_session<T>(
        &mut self,
        work: impl FnOnce(&Session) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        self.working = None;
        self.with_session(work)
    }

    /// Logs in with a PIN, or on the reader's pad where there is none. Asks the token once.
    pub(crate) fn login(&mut self, pin: Option<&RawAuthPin>) -> Result<(), TokenError> {
        self.refresh();
        let status = self.info().pin;
        if status.locked {
            return Err(TokenError::PinLocked);
        }
        if pin.is_none() && !status.pin_pad {
            return Err(TokenError::NoPinPad);
        }
        if !status.required {
            return Ok(());
        }
        self.check_length(pin)?;
        self.logged_in = false;
        let attempt = |anchor: &Session| match pin {
            Some(pin) => anchor.login_with_raw(UserType::User, pin),
            None => anchor.login(UserType::User, None),
        };
        let mut answer = attempt(&self.anchor);
        if let Err(Cryptoki::Pkcs11(RvError::UserAlreadyLoggedIn, _)) = answer {
            // This PIN hasn't been looked at: the login is an earlier one, perhaps one of
            // another program through a shared daemon. It must not stand for this PIN.
            self.anchor.logout()?;
            answer = attempt(&self.anchor);
        }
        match answer {
            Ok(()) => {
                self.logged_in = true;
                // A session from before the login may go on showing what it showed then.
                self.working = None;
                Ok(())
            }
            Err(error) => Err(self.login_refused(error)),
        }
    }

    /// Logs out and closes the sessions.
    pub(crate) fn close(mut self) -> Result<(), TokenError> {
        self.working = None;
        if self.logged_in {
            self.anchor.logout()?;
        }
        Ok(())
    }

    fn fresh_session(&self) -> Result<Session, TokenError> {
        match self.module.open_rw_session(self.slot) {
            // Reading still works; a write will say that the token is protected.
            Err(Cryptoki::Pkcs11(RvError::TokenWriteProtected, _)) => {
                Ok(self.module.open_ro_session(self.slot)?)
            }
            other => Ok(other?),
        }
    }

    /// A PIN that can't be right, by what the token says of its length, isn't worth a try. An
    /// empty one is never given to a module: some take it for "ask on the pad".
    fn check_length(&self, pin: Option<&RawAuthPin>) -> Result<(), TokenError> {
        let Some(length) = pin.map(|pin| pin.expose_secret().len()) else {
            return Ok(());
        };
        let (min, max) = self.present.pin_length;
        let says_nothing = max == 0 || max < min;
        if length > 0 && (says_nothing || (min..=max).contains(&length)) {
            return Ok(());
        }
        Err(TokenError::PinLength { min, max })
    }

    fn login_refused(&mut self, error: Cryptoki) -> TokenError {
        self.refresh();
        let status = self.info().pin;
        let (min, max) = self.present.pin_length;
        match error {
            // Some modules go on saying that the PIN is wrong once it is locked.
            Cryptoki::Pkcs11(RvError::PinIncorrect, _) if status.locked => TokenError::PinLocked,
            Cryptoki::Pkcs11(RvError::PinIncorrect, _) => TokenError::PinIncorrect { status },
            Cryptoki::Pkcs11(RvError::PinLenRange | RvError::PinInvalid, _) => {
                TokenError::PinLength { min, max }
            }
            other => self.explain(other.into()),
        }
    }

    /// Reads the marks of the PIN again; they change with each attempt.
    fn refresh(&mut self) {
        if let Ok(present) = token::read(&self.module, self.slot) {
            self.present.info.pin = present.info.pin;
        }
    }

    fn explain(&self, error: TokenError) -> TokenError {
        let TokenError::Module { call, .. } = &error else {
            return error;
        };
        let present = self
            .module
            .get_slot_info(self.slot)
            .is_ok_and(|slot| slot.token_present());
        if present {
            return error;
        }
        tracing::debug!(call, %error, "the token has gone");
        TokenError::TokenRemoved
    }
}

//! A token that a worker has opened: its sessions and its login.

use std::{
    collections::{HashMap, HashSet},
    mem,
    time::{Duration, Instant},
};

use cryptoki::{
    error::{Error as Cryptoki, RvError},
    mechanism::MechanismType,
    session::{Session, UserType},
    slot::Slot,
    types::RawAuthPin,
};

use secrecy::ExposeSecret;

use crate::{
    Inventory, KeyType, TokenError, TokenInfo, TokenUri,
    module::Module,
    object::Access,
    token::{self, Present, Ranges},
};

/// A token with a session. A session that saw an error is not used again, since an operation may
/// have been left active on it. The one that takes its place is opened before it is closed: a
/// token forgets a login when its last session closes.
pub(crate) struct OpenToken {
    module: Module,
    slot: Slot,
    present: Present,
    /// When the token said so.
    present_at: Instant,
    /// Asked for when they are first needed.
    mechanisms: Option<Vec<MechanismType>>,
    ranges: Ranges,
    session: Session,
    /// Whether the session has been used.
    used: bool,
    /// Whether the session saw an error.
    spoilt: bool,
    logged_in: bool,
    /// The ids of the keys and certificates that were listed or made in this process; none before
    /// the first inventory.
    ids: Option<HashSet<Vec<u8>>>,
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
        for slot in module.slots()? {
            match token::read(module, slot) {
                Ok(present) if uri.matches(&present.info) => matching.push((slot, present)),
                Ok(_) => {}
                // Another slot's trouble is none of this token's.
                Err(error) => tracing::debug!(%error, "a slot cannot be read"),
            }
        }
        let count = matching.len();
        let Some((slot, present)) = matching.pop() else {
            return Err(TokenError::TokenNotFound);
        };
        if count > 1 {
            return Err(TokenError::TokenAmbiguous { count });
        }
        Ok(Self {
            module: module.clone(),
            slot,
            present,
            present_at: Instant::now(),
            mechanisms: None,
            ranges: Ranges::default(),
            session: open_session(module, slot)?,
            used: false,
            spoilt: false,
            logged_in: false,
            ids: None,
            seen: HashMap::new(),
        })
    }

    pub(crate) fn info(&self) -> &TokenInfo {
        &self.present.info
    }

    /// What the token shows now.
    pub(crate) fn inventory(&mut self) -> Result<Inventory, TokenError> {
        let private = self.shows_private_keys();
        let inventory = self.with_session(|session| Inventory::read(session, private))?;
        let certificates = inventory.certificates.iter().map(|entry| &entry.id);
        let keys = inventory.public_keys.iter().chain(&inventory.private_keys);
        let ids = certificates.chain(keys.map(|entry| &entry.id));
        self.ids = private.then(|| ids.cloned().collect());
        for key in &inventory.private_keys {
            if let Some(spki) = &key.spki {
                self.see(spki, &key.id, false);
            }
        }
        Ok(inventory)
    }

    /// Whether an object with this id was listed or made in this process; `None` where nothing
    /// was listed yet.
    pub(crate) fn knows_id(&self, id: &[u8]) -> Option<bool> {
        self.ids.as_ref().map(|ids| ids.contains(id))
    }

    /// Remembers that an id is in use.
    pub(crate) fn take_id(&mut self, id: &[u8]) {
        if let Some(ids) = &mut self.ids {
            ids.insert(id.to_vec());
        }
    }

    /// The certificates that the token shows now, and nothing else of it.
    pub(crate) fn certificates(&mut self) -> Result<Inventory, TokenError> {
        self.with_session(Inventory::of_certificates)
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
    pub(crate) fn offered(&mut self, wanted: &[MechanismType]) -> Vec<MechanismType> {
        let listed = self.mechanisms();
        wanted
            .iter()
            .copied()
            .filter(|one| listed.is_empty() || listed.contains(one))
            .collect()
    }

    /// The first type of `wanted` that the token can make.
    pub(crate) fn first_makeable(&mut self, wanted: &[KeyType]) -> Option<KeyType> {
        self.mechanisms();
        let mechanisms = self.mechanisms.as_deref().unwrap_or_default();
        let fits = |kind: &&KeyType| self.ranges.fit(&self.module, self.slot, mechanisms, **kind);
        wanted.iter().find(fits).copied()
    }

    fn mechanisms(&mut self) -> &[MechanismType] {
        let (module, slot) = (&self.module, self.slot);
        self.mechanisms
            .get_or_insert_with(|| module.mechanisms(slot))
    }

    /// Does something in the session, or in a fresh one where that saw an error.
    ///
    /// # Errors
    /// Those of `work`; [`TokenError::TokenRemoved`] in their place where the token has gone,
    /// which modules report in many ways.
    pub(crate) fn with_session<T>(
        &mut self,
        work: impl FnOnce(&Access<'_>) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        if self.spoilt {
            self.renew_session()?;
        }
        self.used = true;
        let access = Access {
            module: &self.module,
            session: &self.session,
        };
        work(&access).map_err(|error| {
            self.spoilt = true;
            self.explain(error)
        })
    }

    /// As [`with_session`](Self::with_session), in a session that has just been opened: for
    /// reading back, where a session may remember what the token doesn't have.
    pub(crate) fn with_fresh_session<T>(
        &mut self,
        work: impl FnOnce(&Access<'_>) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        self.renew_session()?;
        self.with_session(work)
    }

    /// Logs in with a PIN, or on the reader's pad where there is none. Asks the token once.
    pub(crate) fn login(&mut self, pin: Option<&RawAuthPin>) -> Result<(), TokenError> {
        if self.present_at.elapsed() > STILL_TRUE {
            self.refresh();
        }
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
        let attempt = |session: &Session| match pin {
            Some(pin) => session.login_with_raw(UserType::User, pin),
            None => session.login(UserType::User, None),
        };
        let mut answer = attempt(&self.session);
        if let Err(Cryptoki::Pkcs11(RvError::UserAlreadyLoggedIn, _)) = answer {
            // This PIN hasn't been looked at: the login is an earlier one, perhaps one of
            // another program through a shared daemon. It must not stand for this PIN.
            self.session.logout()?;
            answer = attempt(&self.session);
        }
        match answer {
            Ok(()) => {
                self.logged_in = true;
                if self.used {
                    // It may go on showing what it showed before the login.
                    self.renew_session()?;
                }
                Ok(())
            }
            Err(error) => {
                self.spoilt = true;
                Err(self.login_refused(error))
            }
        }
    }

    /// Logs out. The session ends with the module's work (`C_Finalize`), which follows at once.
    pub(crate) fn close(self) -> Result<(), TokenError> {
        if self.logged_in {
            self.session.logout()?;
        }
        mem::forget(self.session);
        Ok(())
    }

    fn renew_session(&mut self) -> Result<(), TokenError> {
        // The assignment closes the old one once the new one is open.
        self.session =
            open_session(&self.module, self.slot).map_err(|error| self.explain(error))?;
        self.used = false;
        self.spoilt = false;
        Ok(())
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
            self.present_at = Instant::now();
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

/// For how long what a token said of its PIN is taken to hold: no person types in that time.
const STILL_TRUE: Duration = Duration::from_millis(500);

fn open_session(module: &Module, slot: Slot) -> Result<Session, TokenError> {
    match module.open_rw_session(slot) {
        // Reading still works; a write will say that the token is protected.
        Err(Cryptoki::Pkcs11(RvError::TokenWriteProtected, _)) => Ok(module.open_ro_session(slot)?),
        other => Ok(other?),
    }
}

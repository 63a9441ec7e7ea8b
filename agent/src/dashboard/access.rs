//! Who may read: codes that are good once and for half a minute, and the tokens that they are
//! traded for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use jiff::{SignedDuration, Timestamp};
use protocol::bridge::ProblemCode;
use ring::hmac;

use crate::{clock::Clock, failure::Failure};

/// How long a code is good.
const CODE_TIME: SignedDuration = SignedDuration::from_secs(30);

/// How long a session stays of which nothing is heard: a page that is open is heard of all the time.
const SILENCE: SignedDuration = SignedDuration::from_mins(5);

/// The most codes, and the most sessions, at once; one more takes the place of the oldest.
const MOST: usize = 8;

/// The codes and sessions of one listener.
pub(super) struct Access {
    clock: Arc<dyn Clock>,
    /// Of what is secret only tags by this key are kept, and ring compares those in constant time.
    key: hmac::Key,
    granted: Mutex<Granted>,
}

#[derive(Default)]
struct Granted {
    codes: Vec<Code>,
    sessions: Vec<Session>,
}

struct Code {
    tag: hmac::Tag,
    made: Timestamp,
}

struct Session {
    tag: hmac::Tag,
    heard: Timestamp,
    /// The calls that are being answered.
    visits: usize,
}

/// A call of a session. While it is there, the session is.
pub(super) struct Visit {
    access: Arc<Access>,
    tag: hmac::Tag,
}

impl Access {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &random()?);
        Ok(Self {
            clock,
            key,
            granted: Mutex::default(),
        })
    }

    /// A fresh code.
    pub(super) fn code(&self) -> Result<String, Failure> {
        let (text, tag) = self.secret()?;
        let made = self.clock.now();
        let mut granted = self.granted();
        granted.codes.retain(|code| is_good(code, made));
        if granted.codes.len() >= MOST {
            granted.codes.remove(0);
        }
        granted.codes.push(Code { tag, made });
        Ok(text)
    }

    /// The token for a code, which is good no more; `None` for one that is not good.
    pub(super) fn trade(&self, code: &str) -> Result<Option<String>, Failure> {
        let (text, tag) = self.secret()?;
        let now = self.clock.now();
        let mut granted = self.granted();
        let traded = granted.codes.iter().position(|one| self.is(&one.tag, code));
        let Some(traded) = traded.map(|at| granted.codes.remove(at)) else {
            return Ok(None);
        };
        if !is_good(&traded, now) {
            return Ok(None);
        }
        granted.sessions.retain(|session| is_there(session, now));
        if granted.sessions.len() >= MOST {
            granted.sessions.remove(0);
        }
        granted.sessions.push(Session {
            tag,
            heard: now,
            visits: 0,
        });
        Ok(Some(text))
    }

    /// Lets the bearer of a token in.
    pub(super) fn admit(self: &Arc<Self>, token: &str) -> Option<Visit> {
        let now = self.clock.now();
        let mut granted = self.granted();
        let session = granted
            .sessions
            .iter_mut()
            .find(|session| self.is(&session.tag, token) && is_there(session, now))?;
        session.visits += 1;
        session.heard = now;
        Some(Visit {
            access: Arc::clone(self),
            tag: session.tag,
        })
    }

    /// Whether nobody has a session or a code that could become one.
    pub(super) fn is_unused(&self) -> bool {
        let now = self.clock.now();
        let granted = self.granted();
        !granted.codes.iter().any(|code| is_good(code, now))
            && !granted
                .sessions
                .iter()
                .any(|session| is_there(session, now))
    }

    fn secret(&self) -> Result<(String, hmac::Tag), Failure> {
        let text = Base64UrlUnpadded::encode_string(&random()?);
        let tag = hmac::sign(&self.key, text.as_bytes());
        Ok((text, tag))
    }

    fn is(&self, tag: &hmac::Tag, secret: &str) -> bool {
        hmac::verify(&self.key, secret.as_bytes(), tag.as_ref()).is_ok()
    }

    fn granted(&self) -> MutexGuard<'_, Granted> {
        self.granted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let now = self.access.clock.now();
        let mut granted = self.access.granted();
        let mine = |session: &&mut Session| session.tag.as_ref() == self.tag.as_ref();
        if let Some(session) = granted.sessions.iter_mut().find(mine) {
            session.visits -= 1;
            session.heard = now;
        }
    }
}

/// A clock that was set back makes no code last longer.
fn is_good(code: &Code, now: Timestamp) -> bool {
    (SignedDuration::ZERO..CODE_TIME).contains(&now.duration_since(code.made))
}

fn is_there(session: &Session, now: Timestamp) -> bool {
    session.visits > 0 || now.duration_since(session.heard) < SILENCE
}

fn random() -> Result<[u8; 32], Failure> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::new(ProblemCode::Internal).because(error))?;
    Ok(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that a test sets.
    struct Hands(Mutex<Timestamp>);

    impl Hands {
        fn turn(&self, seconds: i64) {
            *self.0.lock().unwrap() += SignedDuration::from_secs(seconds);
        }
    }

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            *self.0.lock().unwrap()
        }
    }

    fn access() -> (Arc<Hands>, Arc<Access>) {
        let hands = Arc::new(Hands(Mutex::new(Timestamp::UNIX_EPOCH)));
        let clock: Arc<dyn Clock> = hands.clone();
        (hands, Arc::new(Access::new(clock).unwrap()))
    }

    #[test]
    fn a_code_is_good_once() {
        let (_, access) = access();
        let code = access.code().unwrap();
        let token = access.trade(&code).unwrap().unwrap();
        assert_ne!(token, code);
        assert_eq!(access.trade(&code).unwrap(), None);
        assert!(access.admit(&token).is_some());
        // Neither is the other, and nothing is either.
        assert!(access.admit(&code).is_none());
        assert!(access.admit("").is_none());
        assert_eq!(access.trade(&token).unwrap(), None);
    }

    #[test]
    fn a_code_is_good_for_half_a_minute() {
        let (hands, access) = access();
        let [early, late, back] = [(); 3].map(|()| access.code().unwrap());
        hands.turn(29);
        assert!(access.trade(&early).unwrap().is_some());
        hands.turn(1);
        assert_eq!(access.trade(&late).unwrap(), None);
        hands.turn(-31);
        assert_eq!(access.trade(&back).unwrap(), None);
    }

    #[test]
    fn a_session_stays_while_it_is_heard_of_and_five_minutes_longer() {
        let (hands, access) = access();
        assert!(access.is_unused());
        let code = access.code().unwrap();
        assert!(!access.is_unused());
        let token = access.trade(&code).unwrap().unwrap();
        let visit = access.admit(&token).unwrap();
        hands.turn(3600);
        assert!(!access.is_unused());
        drop(visit);
        hands.turn(299);
        assert!(!access.is_unused());
        assert!(access.admit(&token).is_some());
        hands.turn(300);
        assert!(access.is_unused());
        assert!(access.admit(&token).is_none());
    }

    #[test]
    fn codes_and_sessions_are_few() {
        let (_, access) = access();
        let codes: Vec<_> = (0..=MOST).map(|_| access.code().unwrap()).collect();
        let tokens: Vec<_> = codes
            .iter()
            .map(|code| access.trade(code).unwrap())
            .collect();
        assert_eq!(tokens[0], None);
        let another = access.trade(&access.code().unwrap()).unwrap().unwrap();
        let oldest = tokens[1].as_deref().unwrap();
        assert!(access.admit(oldest).is_none());
        assert!(access.admit(&another).is_some());
    }
}

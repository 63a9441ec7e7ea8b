//! A PIN on its way from the dialog to the token.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::frame::{self, Kind};

/// A PIN. It has no Serialize, Clone, Debug or Display, and is wiped when dropped.
pub struct Pin(SecretString);

impl Pin {
    /// Takes what the person typed, as UTF-8.
    #[must_use]
    pub fn new(typed: Zeroizing<String>) -> Self {
        Self(SecretString::from(typed.as_str()))
    }

    /// Whether nothing was typed. Such a PIN is refused without asking the token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.expose_secret().is_empty()
    }

    /// The frame that carries the PIN to the worker: the only place that reads it.
    pub(crate) fn to_frame(&self) -> Zeroizing<Vec<u8>> {
        let pin = self.0.expose_secret().as_bytes();
        // Sized beforehand, so that growing leaves no copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(frame::HEADER + pin.len()));
        bytes.extend_from_slice(&frame::header(Kind::Pin, pin.len()));
        bytes.extend_from_slice(pin);
        bytes
    }
}

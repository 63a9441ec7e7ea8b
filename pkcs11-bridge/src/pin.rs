//! A PIN on its way from the dialog to the token.

use secrecy::SecretString;
use zeroize::Zeroizing;

/// A PIN. It has no Serialize, Clone, Debug or Display, and is wiped when dropped.
pub struct Pin(SecretString);

impl Pin {
    /// Takes what the person typed, as UTF-8.
    #[must_use]
    pub fn new(typed: Zeroizing<String>) -> Self {
        Self(SecretString::from(typed.as_str()))
    }
}

//! What a token says about itself.

mod uri;

use cryptoki::{mechanism::MechanismType, slot::Slot};
use cryptoki_sys::{
    CKF_LOGIN_REQUIRED, CKF_PROTECTED_AUTHENTICATION_PATH, CKF_TOKEN_INITIALIZED,
    CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED, CKF_WRITE_PROTECTED,
};
use serde::{Deserialize, Serialize};

pub use uri::{TokenUri, UriError};

use crate::{KeyType, TokenError, module::Module};

/// A token. All texts are without the padding that PKCS#11 gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenInfo {
    /// The token's address, with everything that it says about itself.
    pub uri: TokenUri,
    /// The name that was given to it; possibly empty.
    pub label: String,
    /// The serial number; possibly empty.
    pub serial: String,
    /// The manufacturer.
    pub manufacturer: String,
    /// The model.
    pub model: String,
    /// How it asks for a PIN, and what is known about the tries that are left.
    pub pin: PinStatus,
    /// Whether it accepts changes.
    pub writable: bool,
    /// Whether it is ready for use; one that isn't has no objects.
    pub initialized: bool,
    /// The types of keys that it can make, from its list of mechanisms; empty where they were not
    /// asked for, which takes calls of its own.
    pub key_types: Vec<KeyType>,
}

/// A token's PIN. PKCS#11 has no number of tries left, only these marks, and not every module
/// keeps them up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinStatus {
    /// A login is needed to use the private keys.
    pub required: bool,
    /// The PIN is typed on the reader, not on the PC.
    pub pin_pad: bool,
    /// A wrong PIN was given since the last right one.
    pub count_low: bool,
    /// One try is left.
    pub final_try: bool,
    /// No try is left.
    pub locked: bool,
}

/// The token in a slot, with the shortest and the longest PIN (in bytes) that it takes.
pub(crate) struct Present {
    pub(crate) info: TokenInfo,
    pub(crate) pin_length: (usize, usize),
}

/// Reads what the token in a slot says about itself, without the types of its keys, which take
/// calls of their own: see [`key_types`].
pub(crate) fn read(module: &Module, slot: Slot) -> Result<Present, TokenError> {
    let described = module.token_info(slot)?;
    let says = |flag| described.flags & flag != 0;
    let label = text(&described.label);
    let serial = text(&described.serialNumber);
    let manufacturer = text(&described.manufacturerID);
    let model = text(&described.model);
    let named = |text: &String| (!text.is_empty()).then(|| text.clone());
    let length = |length| usize::try_from(length).unwrap_or(usize::MAX);
    Ok(Present {
        info: TokenInfo {
            uri: TokenUri {
                token: named(&label),
                serial: named(&serial),
                manufacturer: named(&manufacturer),
                model: named(&model),
            },
            label,
            serial,
            manufacturer,
            model,
            pin: PinStatus {
                required: says(CKF_LOGIN_REQUIRED),
                pin_pad: says(CKF_PROTECTED_AUTHENTICATION_PATH),
                count_low: says(CKF_USER_PIN_COUNT_LOW),
                final_try: says(CKF_USER_PIN_FINAL_TRY),
                locked: says(CKF_USER_PIN_LOCKED),
            },
            writable: !says(CKF_WRITE_PROTECTED),
            initialized: says(CKF_TOKEN_INITIALIZED),
            key_types: Vec::new(),
        },
        pin_length: (length(described.ulMinPinLen), length(described.ulMaxPinLen)),
    })
}

/// A text that is padded with blanks, as it should be, or with zeros.
fn text(padded: &[u8]) -> String {
    let text = String::from_utf8_lossy(padded);
    text.trim_end_matches([' ', '\0']).to_owned()
}

/// The types of keys that the token in a slot can make, of these mechanisms.
pub(crate) fn key_types(module: &Module, slot: Slot, mechanisms: &[MechanismType]) -> Vec<KeyType> {
    let mut ranges = Ranges::default();
    let mut types = KeyType::ALL.to_vec();
    types.retain(|kind| ranges.fit(module, slot, mechanisms, *kind));
    types
}

/// What a token said of the key sizes of its mechanisms. Several types of key share a mechanism,
/// which is asked about once.
#[derive(Default)]
pub(crate) struct Ranges(Vec<(MechanismType, Range)>);

/// The least and the greatest size, where the token tells.
type Range = Option<(usize, usize)>;

impl Ranges {
    /// Whether the token in a slot, which has these mechanisms, can make a key of this type.
    pub(crate) fn fit(
        &mut self,
        module: &Module,
        slot: Slot,
        mechanisms: &[MechanismType],
        kind: KeyType,
    ) -> bool {
        let mechanism = kind.generation();
        if !mechanisms.contains(&mechanism) {
            return false;
        }
        let known = self.0.iter().find(|(known, _)| *known == mechanism);
        let range = known.map(|(_, range)| *range).unwrap_or_else(|| {
            let info = module.get_mechanism_info(slot, mechanism).ok();
            let range = info.map(|info| (info.min_key_size(), info.max_key_size()));
            self.0.push((mechanism, range));
            range
        });
        range.is_none_or(|(min, max)| in_range(min, max, kind.bits()))
    }
}

/// Whether a mechanism's range of key sizes has this one. An empty range says nothing, and
/// some modules give bytes for bits: a range that ends below any key of use is in bytes.
fn in_range(min: usize, max: usize, bits: usize) -> bool {
    let least = if bits >= 2048 { 1024 } else { 112 };
    let unit = if max < least { 8 } else { 1 };
    max == 0 || max < min || (min.saturating_mul(unit)..=max.saturating_mul(unit)).contains(&bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_key_sizes_are_read_as_modules_mean_them() {
        for (min, max, bits, fits) in [
            (512, 16384, 2048, true),
            (1024, 2048, 3072, false),
            (128, 256, 2048, true),
            (128, 256, 3072, false),
            (0, 0, 4096, true),
            (256, 384, 384, true),
            (256, 256, 384, false),
            (32, 48, 384, true),
            (usize::MAX, 64, 256, true),
        ] {
            assert_eq!(in_range(min, max, bits), fits, "{min}..={max} {bits}");
        }
    }
}

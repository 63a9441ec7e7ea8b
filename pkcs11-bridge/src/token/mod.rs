//! What a token says about itself.

mod uri;

use cryptoki::{
    context::Pkcs11,
    error::Error as Cryptoki,
    mechanism::MechanismType,
    slot::{Slot, TokenInfo as Described},
};
use serde::{Deserialize, Serialize};

pub use uri::{TokenUri, UriError};

use crate::{KeyType, TokenError};

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
    /// The types of keys that it can make, from its list of mechanisms.
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

/// Reads what the token in a slot says about itself.
pub(crate) fn read(module: &Pkcs11, slot: Slot) -> Result<Present, TokenError> {
    match module.get_token_info(slot) {
        Ok(described) => Ok(Present {
            info: info(&described, key_types(module, slot)),
            pin_length: (described.min_pin_length(), described.max_pin_length()),
        }),
        Err(error @ Cryptoki::Pkcs11(..)) => Err(error.into()),
        // The token answered, but something in its answer can't be parsed: a clock that isn't
        // digits, for one. It is there all the same, under the name of its slot.
        Err(error) => {
            tracing::debug!(%error, "a token's description cannot be parsed");
            let slot_info = module.get_slot_info(slot)?;
            let label = slot_info.slot_description().trim_end().to_owned();
            let manufacturer = slot_info.manufacturer_id().trim_end().to_owned();
            let info = TokenInfo {
                uri: TokenUri::default(),
                label,
                serial: String::new(),
                manufacturer,
                model: String::new(),
                pin: PinStatus {
                    required: true,
                    ..PinStatus::default()
                },
                writable: true,
                initialized: true,
                key_types: key_types(module, slot),
            };
            Ok(Present {
                info: addressed(info),
                pin_length: (0, 0),
            })
        }
    }
}

fn info(described: &Described, key_types: Vec<KeyType>) -> TokenInfo {
    let text = |text: &str| text.trim_end_matches([' ', '\0']).to_owned();
    addressed(TokenInfo {
        uri: TokenUri::default(),
        label: text(described.label()),
        serial: text(described.serial_number()),
        manufacturer: text(described.manufacturer_id()),
        model: text(described.model()),
        pin: PinStatus {
            required: described.login_required(),
            pin_pad: described.protected_authentication_path(),
            count_low: described.user_pin_count_low(),
            final_try: described.user_pin_final_try(),
            locked: described.user_pin_locked(),
        },
        writable: !described.write_protected(),
        initialized: described.token_initialized(),
        key_types,
    })
}

/// Gives the token the address that names all that it says about itself.
fn addressed(mut info: TokenInfo) -> TokenInfo {
    let named = |text: &String| (!text.is_empty()).then(|| text.clone());
    info.uri = TokenUri {
        token: named(&info.label),
        serial: named(&info.serial),
        manufacturer: named(&info.manufacturer),
        model: named(&info.model),
    };
    info
}

fn key_types(module: &Pkcs11, slot: Slot) -> Vec<KeyType> {
    let mechanisms = module.get_mechanism_list(slot).unwrap_or_default();
    let fits = |mechanism: MechanismType, bits: usize| {
        mechanisms.contains(&mechanism)
            && module
                .get_mechanism_info(slot, mechanism)
                .map_or(true, |info| {
                    in_range(info.min_key_size(), info.max_key_size(), bits)
                })
    };
    KeyType::ALL
        .into_iter()
        .filter(|key_type| fits(key_type.generation(), key_type.bits()))
        .collect()
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

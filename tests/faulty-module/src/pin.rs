//! A card that counts wrong PINs, as SoftHSM2 does not, and one that lies about it.

use std::ptr;

use cryptoki_sys::{
    CK_FLAGS, CK_RV, CK_TOKEN_INFO, CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY,
    CKF_USER_PIN_LOCKED, CKF_USER_PIN_TO_BE_CHANGED, CKR_OK, CKR_PIN_INCORRECT, CKR_PIN_LOCKED,
};

use crate::folder::{Folder, give_up};

/// What a card with a PIN in good standing has.
const ALL_TRIES: u32 = 3;

/// Passes a call on; a login is counted, and not passed on once the PIN is locked.
pub(crate) fn counted(folder: &Folder, call: &str, pass_on: impl Fn() -> CK_RV) -> CK_RV {
    let tries = match call {
        "C_Login" => tries(folder),
        _ => None,
    };
    if tries == Some(0) {
        return CKR_PIN_LOCKED;
    }
    let rv = pass_on();
    match (rv, tries) {
        (CKR_OK, Some(_)) => folder.write("tries", &ALL_TRIES.to_string()),
        (CKR_PIN_INCORRECT, Some(tries)) => folder.write("tries", &(tries - 1).to_string()),
        _ => {}
    }
    rv
}

/// Has a token say how its PIN stands: the truth, or what it was told to say.
pub(crate) fn describe(folder: &Folder, call: &str, words: &[usize], rv: CK_RV) {
    let &[_, info] = words else { return };
    if call != "C_GetTokenInfo" || rv != CKR_OK || info == 0 {
        return;
    }
    let Some(flags) = told(folder).or_else(|| tries(folder).map(true_flags)) else {
        return;
    };
    let all = CKF_USER_PIN_COUNT_LOW
        | CKF_USER_PIN_FINAL_TRY
        | CKF_USER_PIN_LOCKED
        | CKF_USER_PIN_TO_BE_CHANGED;
    let info = ptr::with_exposed_provenance_mut::<CK_TOKEN_INFO>(info);
    // SAFETY: this is the caller's pointer, and the real module has just filled it in.
    unsafe { (*info).flags = (*info).flags & !all | flags };
}

fn told(folder: &Folder) -> Option<CK_FLAGS> {
    let words = folder.read("flags")?;
    Some(words.split_whitespace().fold(0, |flags, word| {
        flags
            | match word {
                "low" => CKF_USER_PIN_COUNT_LOW,
                "final" => CKF_USER_PIN_FINAL_TRY,
                "locked" => CKF_USER_PIN_LOCKED,
                "expired" => CKF_USER_PIN_TO_BE_CHANGED,
                word => give_up(&format!("flags: {word}")),
            }
    }))
}

fn true_flags(tries: u32) -> CK_FLAGS {
    match tries {
        0 => CKF_USER_PIN_LOCKED,
        1 => CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY,
        ALL_TRIES.. => 0,
        _ => CKF_USER_PIN_COUNT_LOW,
    }
}

fn tries(folder: &Folder) -> Option<u32> {
    let text = folder.read("tries")?;
    match text.parse() {
        Ok(tries) => Some(tries),
        Err(error) => give_up(&format!("tries: {error}")),
    }
}

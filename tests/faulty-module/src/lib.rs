//! A PKCS#11 module around another one that goes wrong on order: what SoftHSM2 never does and
//! cards and their middleware do. Where no fault is ordered, it passes on every call as it is.
//!
//! The environment variable `FAULTS` names a folder, which is looked at anew with every call:
//!
//! | file | what |
//! | --- | --- |
//! | `module` | the path of the real module |
//! | `orders` | what goes wrong: an [order] a line |
//! | `counts` | how often each call came since the orders were given, in all processes together |
//! | `fired` | what went wrong: this module adds a line before it does it |
//! | `trace` | where it is there, gets a line for each call: the process, the call and its count |
//! | `tokens` | the folder with the real module's tokens, for `remove` |
//! | `tries` | where it is there, how many wrong PINs are left until the PIN is locked |
//! | `flags` | where it is there, what the token says of its PIN instead: any of `low`, `final`, `locked` and `expired` |

mod around;
mod folder;
pub mod order;
mod pin;
mod process;
mod real;
mod table;
mod tamper;

use std::{ptr, sync::OnceLock};

use cryptoki_sys::{
    CK_FUNCTION_LIST, CK_FUNCTION_LIST_PTR_PTR, CK_RV, CKR_ARGUMENTS_BAD, CKR_GENERAL_ERROR, CKR_OK,
};

static OURS: OnceLock<CK_FUNCTION_LIST> = OnceLock::new();

/// PKCS#11's way into a module.
///
/// # Safety
/// `list` must be null or point to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetFunctionList(list: CK_FUNCTION_LIST_PTR_PTR) -> CK_RV {
    around::around("C_GetFunctionList", &[], || {
        if list.is_null() {
            return CKR_ARGUMENTS_BAD;
        }
        let Some(real) = real::real() else {
            return CKR_GENERAL_ERROR;
        };
        let ours = OURS.get_or_init(|| table::around_all_of(real));
        // SAFETY: by the contract above; callers only read through the pointer.
        unsafe { *list = ptr::from_ref(ours).cast_mut() };
        CKR_OK
    })
}

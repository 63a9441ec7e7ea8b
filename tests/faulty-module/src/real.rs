//! The module that this one stands around.

use std::{
    ffi::{CString, c_char, c_int, c_void},
    ptr,
    sync::OnceLock,
};

use cryptoki_sys::{CK_FUNCTION_LIST, CK_FUNCTION_LIST_PTR_PTR, CK_RV, CKR_OK};

use crate::folder::Folder;

static REAL: OnceLock<CK_FUNCTION_LIST> = OnceLock::new();

/// Its table of calls; it is loaded once in the life of the process.
pub(crate) fn real() -> Option<&'static CK_FUNCTION_LIST> {
    if REAL.get().is_none() {
        let path = CString::new(Folder::of_environment()?.read("module")?).ok()?;
        // SAFETY: a PKCS#11 module is made to be loaded, and is never unloaded here; its one
        // exported function has this type (PKCS #11, section 5.2).
        let list = unsafe {
            let library = dlopen(path.as_ptr(), RTLD_NOW);
            if library.is_null() {
                return None;
            }
            let symbol = dlsym(library, c"C_GetFunctionList".as_ptr());
            if symbol.is_null() {
                return None;
            }
            let get: unsafe extern "C" fn(CK_FUNCTION_LIST_PTR_PTR) -> CK_RV =
                std::mem::transmute(symbol);
            let mut list = ptr::null_mut();
            if get(&raw mut list) != CKR_OK || list.is_null() {
                return None;
            }
            *list
        };
        let _ = REAL.set(list);
    }
    REAL.get()
}

const RTLD_NOW: c_int = 2;

unsafe extern "C" {
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

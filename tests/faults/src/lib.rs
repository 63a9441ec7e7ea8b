//! A PKCS#11 module around another one that goes wrong on order: what SoftHSM2 never does and
//! cards do. It never makes up an answer where no fault is ordered.
//!
//! The environment variable `FAULTS` names a folder, which is looked at anew with every call:
//!
//! - `module` has the path of the real module;
//! - `crash`, where it is there, the name of a call (e.g. `C_GenerateKeyPair`) in which the
//!   process ends;
//! - `tries`, where it is there, how many wrong PINs are left until the PIN is locked.

use std::{
    env,
    ffi::{CString, c_char, c_int, c_void},
    fs,
    path::PathBuf,
    process, ptr,
    sync::OnceLock,
};

use cryptoki_sys::{
    CK_ATTRIBUTE, CK_FUNCTION_LIST, CK_FUNCTION_LIST_PTR_PTR, CK_MECHANISM, CK_OBJECT_HANDLE,
    CK_RV, CK_SESSION_HANDLE, CK_SLOT_ID, CK_TOKEN_INFO, CK_ULONG, CK_USER_TYPE, CK_UTF8CHAR,
    CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED, CKR_ARGUMENTS_BAD,
    CKR_FUNCTION_NOT_SUPPORTED, CKR_GENERAL_ERROR, CKR_OK, CKR_PIN_INCORRECT, CKR_PIN_LOCKED,
};

/// What a card with a PIN in good standing has.
const ALL_TRIES: u32 = 3;

static REAL: OnceLock<CK_FUNCTION_LIST> = OnceLock::new();
static OURS: OnceLock<CK_FUNCTION_LIST> = OnceLock::new();

/// PKCS#11's way into a module.
///
/// # Safety
/// `list` must be null or point to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetFunctionList(list: CK_FUNCTION_LIST_PTR_PTR) -> CK_RV {
    if list.is_null() {
        return CKR_ARGUMENTS_BAD;
    }
    let Some(real) = real() else {
        return CKR_GENERAL_ERROR;
    };
    let ours = OURS.get_or_init(|| CK_FUNCTION_LIST {
        C_GetTokenInfo: Some(get_token_info),
        C_Login: Some(login),
        C_CreateObject: Some(create_object),
        C_GenerateKeyPair: Some(generate_key_pair),
        C_Sign: Some(sign),
        ..*real
    });
    // SAFETY: by the contract above; callers only read through the pointer.
    unsafe { *list = ptr::from_ref(ours).cast_mut() };
    CKR_OK
}

unsafe extern "C" fn get_token_info(slot: CK_SLOT_ID, info: *mut CK_TOKEN_INFO) -> CK_RV {
    let Some(call) = real().and_then(|real| real.C_GetTokenInfo) else {
        return CKR_FUNCTION_NOT_SUPPORTED;
    };
    // SAFETY: the caller's arguments go on to the real module as they are.
    let rv = unsafe { call(slot, info) };
    if rv == CKR_OK
        && let Some(tries) = tries()
    {
        let flags = match tries {
            0 => CKF_USER_PIN_LOCKED,
            1 => CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY,
            ALL_TRIES.. => 0,
            _ => CKF_USER_PIN_COUNT_LOW,
        };
        let all = CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED;
        // SAFETY: the real module has just filled it in.
        unsafe { (*info).flags = (*info).flags & !all | flags };
    }
    rv
}

unsafe extern "C" fn login(
    session: CK_SESSION_HANDLE,
    user: CK_USER_TYPE,
    pin: *mut CK_UTF8CHAR,
    length: CK_ULONG,
) -> CK_RV {
    crash_in("C_Login");
    let Some(call) = real().and_then(|real| real.C_Login) else {
        return CKR_FUNCTION_NOT_SUPPORTED;
    };
    let tries = tries();
    if tries == Some(0) {
        return CKR_PIN_LOCKED;
    }
    // SAFETY: the caller's arguments go on to the real module as they are.
    let rv = unsafe { call(session, user, pin, length) };
    match (rv, tries) {
        (CKR_OK, Some(_)) => set_tries(ALL_TRIES),
        (CKR_PIN_INCORRECT, Some(tries)) => set_tries(tries - 1),
        _ => {}
    }
    rv
}

unsafe extern "C" fn create_object(
    session: CK_SESSION_HANDLE,
    template: *mut CK_ATTRIBUTE,
    count: CK_ULONG,
    object: *mut CK_OBJECT_HANDLE,
) -> CK_RV {
    crash_in("C_CreateObject");
    let Some(call) = real().and_then(|real| real.C_CreateObject) else {
        return CKR_FUNCTION_NOT_SUPPORTED;
    };
    // SAFETY: the caller's arguments go on to the real module as they are.
    unsafe { call(session, template, count, object) }
}

unsafe extern "C" fn generate_key_pair(
    session: CK_SESSION_HANDLE,
    mechanism: *mut CK_MECHANISM,
    public: *mut CK_ATTRIBUTE,
    public_count: CK_ULONG,
    private: *mut CK_ATTRIBUTE,
    private_count: CK_ULONG,
    public_key: *mut CK_OBJECT_HANDLE,
    private_key: *mut CK_OBJECT_HANDLE,
) -> CK_RV {
    let Some(call) = real().and_then(|real| real.C_GenerateKeyPair) else {
        return CKR_FUNCTION_NOT_SUPPORTED;
    };
    // SAFETY: the caller's arguments go on to the real module as they are.
    let rv = unsafe {
        call(
            session,
            mechanism,
            public,
            public_count,
            private,
            private_count,
            public_key,
            private_key,
        )
    };
    // The pair is made, and nobody hears of it.
    crash_in("C_GenerateKeyPair");
    rv
}

unsafe extern "C" fn sign(
    session: CK_SESSION_HANDLE,
    data: *mut u8,
    length: CK_ULONG,
    signature: *mut u8,
    signature_length: *mut CK_ULONG,
) -> CK_RV {
    crash_in("C_Sign");
    let Some(call) = real().and_then(|real| real.C_Sign) else {
        return CKR_FUNCTION_NOT_SUPPORTED;
    };
    // SAFETY: the caller's arguments go on to the real module as they are.
    unsafe { call(session, data, length, signature, signature_length) }
}

fn crash_in(call: &str) {
    if read("crash").is_some_and(|ordered| ordered == call) {
        process::abort();
    }
}

fn tries() -> Option<u32> {
    read("tries")?.parse().ok()
}

fn set_tries(tries: u32) {
    if let Some(path) = file("tries") {
        // A test that finds the old number fails.
        let _ = fs::write(path, tries.to_string());
    }
}

fn read(name: &str) -> Option<String> {
    let text = fs::read_to_string(file(name)?).ok()?;
    Some(text.trim().to_owned())
}

fn file(name: &str) -> Option<PathBuf> {
    Some(PathBuf::from(env::var_os("FAULTS")?).join(name))
}

fn real() -> Option<&'static CK_FUNCTION_LIST> {
    if REAL.get().is_none() {
        let path = CString::new(read("module")?).ok()?;
        // SAFETY: a PKCS#11 module is made to be loaded, and is never unloaded here; its one
        // exported function has this type (PKCS #11, section 5.2).
        let list = unsafe {
            let library = dlopen(path.as_ptr(), RTLD_NOW);
            let symbol = dlsym(library, c"C_GetFunctionList".as_ptr());
            if library.is_null() || symbol.is_null() {
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

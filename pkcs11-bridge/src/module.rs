//! Loading a vendor's module: the only place with unsafe code, and the only one that loads.
//!
//! Called by the worker alone, once in its life.

#![allow(unsafe_code)]

use std::{
    collections::BTreeMap,
    ffi::{CString, c_void},
    path::PathBuf,
    ptr::NonNull,
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error as Cryptoki, RvError},
};
use serde::{Deserialize, Serialize};

use crate::TokenError;

/// A PKCS#11 module as the configuration or p11-kit names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleSpec {
    /// A short name for people, unique within a configuration.
    pub name: String,
    /// The shared library.
    pub path: PathBuf,
    /// Environment variables of the worker process that loads it, beside the agent's own.
    pub environment: BTreeMap<String, String>,
    /// The initialisation string that some modules (NSS) want in `pReserved`.
    pub reserved: Option<String>,
}

/// Loads and initialises a module in this process.
///
/// # Errors
/// [`TokenError::ModuleMissing`], [`TokenError::ModuleUnusable`], or
/// [`TokenError::Module`] where `C_Initialize` fails.
pub(crate) fn load(spec: &ModuleSpec) -> Result<Pkcs11, TokenError> {
    if !spec.path.exists() {
        return Err(TokenError::ModuleMissing {
            path: spec.path.clone(),
        });
    }
    let module = Pkcs11::new(&spec.path).map_err(|error| TokenError::ModuleUnusable {
        path: spec.path.clone(),
        reason: error.to_string(),
    })?;
    match initialize(&module, spec.reserved.as_deref()) {
        // A library of the module's own may have initialised it already.
        Ok(()) | Err(Cryptoki::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(module),
        Err(error) => Err(error.into()),
    }
}

fn initialize(module: &Pkcs11, reserved: Option<&str>) -> Result<(), Cryptoki> {
    let flags = CInitializeFlags::OS_LOCKING_OK;
    let Some(reserved) = reserved else {
        return module.initialize(CInitializeArgs::new(flags));
    };
    let reserved = CString::new(reserved)?;
    // A module may keep the pointer instead of copying the string. One module is loaded in the
    // life of the process, so leaking the string costs nothing.
    let pointer = NonNull::from(Box::leak(Box::new(reserved).into_boxed_c_str())).cast::<c_void>();
    // SAFETY: the pointer is to a NUL-terminated string that lives as long as the process,
    // which is what the modules that look at pReserved expect there.
    let arguments = unsafe { CInitializeArgs::new_with_reserved(flags, pointer) };
    module.initialize(arguments)
}

//! Loading a vendor's module, and calling it where cryptoki can't do what we need: the only
//! place with unsafe code, and the only one that loads.
//!
//! Called by the worker alone, which loads one module in its life.

#![allow(unsafe_code)]

use std::{
    collections::BTreeMap,
    ffi::{CString, c_void},
    mem,
    ops::Deref,
    path::PathBuf,
    ptr::{self, NonNull},
    time::Duration,
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Function, Pkcs11},
    error::{Error as Cryptoki, Rv, RvError},
    mechanism::{Mechanism, MechanismType},
    object::{AttributeType, ObjectHandle},
    session::Session,
    slot::Slot,
};
use cryptoki_sys::{
    CK_ATTRIBUTE, CK_FUNCTION_LIST, CK_MECHANISM_TYPE, CK_SLOT_ID, CK_TOKEN_INFO, CK_TRUE,
    CK_ULONG, CK_UNAVAILABLE_INFORMATION, CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID,
    CKR_BUFFER_TOO_SMALL, CKR_OK,
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
    /// How long an operation that does one thing, e.g. a signature, may take. A listing may take
    /// twice as long between two parts, and the making of a key eight times.
    pub time_limit: Duration,
}

impl ModuleSpec {
    /// The limit where nobody has set one.
    pub const TIME_LIMIT: Duration = Duration::from_secs(15);
}

/// A module in this process, initialised.
#[derive(Clone)]
pub(crate) struct Module {
    context: Pkcs11,
    functions: CK_FUNCTION_LIST,
}

/// A module in this process whose work has not begun.
pub(crate) struct Loaded {
    module: Module,
    reserved: Option<String>,
}

impl Loaded {
    /// Initialises the module.
    ///
    /// # Errors
    /// [`TokenError::Module`] where `C_Initialize` fails.
    pub(crate) fn initialize(self) -> Result<Module, TokenError> {
        match initialize(&self.module.context, self.reserved.as_deref()) {
            // A library of the module's own may have initialised it already.
            Ok(()) | Err(Cryptoki::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {
                Ok(self.module)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Deref for Module {
    type Target = Pkcs11;

    fn deref(&self) -> &Pkcs11 {
        &self.context
    }
}

impl Module {
    /// Loads a module.
    ///
    /// # Errors
    /// [`TokenError::ModuleMissing`], [`TokenError::ModuleUnusable`].
    pub(crate) fn load(spec: &ModuleSpec) -> Result<Loaded, TokenError> {
        if !spec.path.exists() {
            return Err(TokenError::ModuleMissing {
                path: spec.path.clone(),
            });
        }
        let unusable = |error: Cryptoki| TokenError::ModuleUnusable {
            path: spec.path.clone(),
            reason: error.to_string(),
        };
        let context = Pkcs11::new(&spec.path).map_err(unusable)?;
        let functions = functions(spec).map_err(unusable)?;
        Ok(Loaded {
            module: Self { context, functions },
            reserved: spec.reserved.clone(),
        })
    }

    /// Ends the module's work, which some cards want.
    pub(crate) fn finalize(self) -> Result<(), TokenError> {
        Ok(self.context.finalize()?)
    }

    /// What a token says about itself, unparsed: cryptoki refuses the whole of it if the
    /// token's clock isn't made of digits.
    pub(crate) fn token_info(&self, slot: Slot) -> Result<CK_TOKEN_INFO, TokenError> {
        let call = self
            .functions
            .C_GetTokenInfo
            .ok_or(Cryptoki::NullFunctionPointer)?;
        let mut info = CK_TOKEN_INFO::default();
        // SAFETY: the function is the module's, which is never unloaded; the pointer is to a
        // structure of ours that outlives the call.
        let rv = unsafe { call(slot.into(), &raw mut info) };
        Rv::from(rv).into_result(Function::GetTokenInfo)?;
        Ok(info)
    }

    /// The slots with a token, in one call where there are not unusually many; cryptoki asks how
    /// many there are first.
    pub(crate) fn slots(&self) -> Result<Vec<Slot>, TokenError> {
        let call = self
            .functions
            .C_GetSlotList
            .ok_or(Cryptoki::NullFunctionPointer)?;
        let mut ids: [CK_SLOT_ID; 64] = [0; 64];
        let mut count = ids.len() as CK_ULONG;
        // SAFETY: the function is the module's, which is never unloaded; the buffer has room for
        // as many ids as `count` says, and both outlive the call.
        let rv = unsafe { call(CK_TRUE, ids.as_mut_ptr(), &raw mut count) };
        match usize::try_from(count) {
            Ok(count @ 1..=64) if rv == CKR_OK => {
                let slots = ids[..count].iter().map(|id| Slot::try_from(*id));
                Ok(slots.collect::<Result<_, _>>()?)
            }
            // Too many; or a module that looks for tokens only when it is asked how many.
            _ => Ok(self.context.get_slots_with_token()?),
        }
    }

    /// The mechanisms of a token that cryptoki knows, in one call; empty where the module gives
    /// no list.
    pub(crate) fn mechanisms(&self, slot: Slot) -> Vec<MechanismType> {
        let ordinary = || self.context.get_mechanism_list(slot).unwrap_or_default();
        let Some(call) = self.functions.C_GetMechanismList else {
            return Vec::new();
        };
        let mut types: [CK_MECHANISM_TYPE; 512] = [0; 512];
        let mut count = types.len() as CK_ULONG;
        // SAFETY: as in `slots`.
        let rv = unsafe { call(slot.into(), types.as_mut_ptr(), &raw mut count) };
        match usize::try_from(count) {
            Ok(count) if rv == CKR_OK && count <= types.len() => types[..count]
                .iter()
                .filter_map(|kind| MechanismType::try_from(*kind).ok())
                .collect(),
            _ => ordinary(),
        }
    }

    /// Signs in two calls; cryptoki asks for the signature's length in between.
    pub(crate) fn sign(
        &self,
        session: &Session,
        mechanism: &Mechanism<'_>,
        key: ObjectHandle,
        message: &[u8],
    ) -> Result<Vec<u8>, TokenError> {
        let call = self.functions.C_Sign.ok_or(Cryptoki::NullFunctionPointer)?;
        let unsuitable = |_| TokenError::Unsuitable {
            what: "a message of that length".to_owned(),
        };
        let message_length = CK_ULONG::try_from(message.len()).map_err(unsuitable)?;
        session.sign_init(mechanism, key)?;
        // RSA with 8192 bits, the longest that software verifies.
        let mut signature = vec![0_u8; 1024];
        loop {
            let room = signature.len();
            let mut length = room as CK_ULONG;
            // SAFETY: the function is the module's, which is never unloaded. Message and buffer
            // have the lengths that are given and outlive the call; the module has no business
            // to write to the message, whose pointer is mutable only in the C declaration.
            let rv = unsafe {
                call(
                    session.handle(),
                    message.as_ptr().cast_mut(),
                    message_length,
                    signature.as_mut_ptr(),
                    &raw mut length,
                )
            };
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            if rv == CKR_BUFFER_TOO_SMALL && (room + 1..=LONGEST_SIGNATURE).contains(&length) {
                // The operation goes on until a buffer is large enough.
                signature.resize(length, 0);
                continue;
            }
            Rv::from(rv).into_result(Function::Sign)?;
            signature.truncate(length);
            return Ok(signature);
        }
    }

    /// Reads attributes of variable length in one call, into buffers of the given lengths;
    /// cryptoki asks for the lengths first. What the object doesn't have or doesn't show is
    /// empty. `None` where the module isn't content with that, or a value may be longer: the
    /// attributes must then be read in the ordinary way.
    pub(crate) fn read_at_once(
        &self,
        session: &Session,
        object: ObjectHandle,
        wanted: &[(AttributeType, usize)],
    ) -> Option<Vec<Vec<u8>>> {
        let call = self.functions.C_GetAttributeValue?;
        let mut values: Vec<_> = wanted
            .iter()
            .map(|(_, length)| vec![0_u8; *length])
            .collect();
        let mut template = Vec::with_capacity(wanted.len());
        for ((kind, length), value) in wanted.iter().zip(&mut values) {
            template.push(CK_ATTRIBUTE {
                type_: (*kind).into(),
                pValue: value.as_mut_ptr().cast::<c_void>(),
                ulValueLen: CK_ULONG::try_from(*length).ok()?,
            });
        }
        let count = CK_ULONG::try_from(template.len()).ok()?;
        // SAFETY: the function is the module's, which is never unloaded. Each attribute points
        // to a buffer of the length that it gives, and buffers and template outlive the call.
        let rv = unsafe {
            call(
                session.handle(),
                object.handle(),
                template.as_mut_ptr(),
                count,
            )
        };
        let partly = [CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_SENSITIVE].contains(&rv);
        if rv != CKR_OK && !partly {
            return None;
        }
        for (attribute, value) in template.iter().zip(&mut values) {
            if partly && attribute.ulValueLen == CK_UNAVAILABLE_INFORMATION {
                value.clear();
                continue;
            }
            let length = usize::try_from(attribute.ulValueLen).ok()?;
            // A module that gave up before this one left its length as it was.
            if length > value.len() || partly && length == value.len() {
                return None;
            }
            value.truncate(length);
        }
        Some(values)
    }
}

/// More than any signature: 64 KiB.
const LONGEST_SIGNATURE: usize = 64 << 10;

/// The module's own table of functions, which cryptoki has and doesn't show.
fn functions(spec: &ModuleSpec) -> Result<CK_FUNCTION_LIST, Cryptoki> {
    // SAFETY: this opens the library that cryptoki has just opened, so no code runs that
    // hasn't run already.
    let library = unsafe { cryptoki_sys::Pkcs11::new(&spec.path) }?;
    if library.C_GetFunctionList.is_err() {
        return Err(Cryptoki::MissingSymbol("C_GetFunctionList"));
    }
    let mut list = ptr::null_mut();
    // SAFETY: the symbol is there, and the pointer is to a pointer of ours.
    let rv = unsafe { library.C_GetFunctionList(&raw mut list) };
    Rv::from(rv).into_result(Function::GetFunctionList)?;
    let list = NonNull::new(list).ok_or(Cryptoki::NullFunctionPointer)?;
    // SAFETY: the module answered that this is its table, which PKCS#11 lets it keep for as
    // long as it is loaded.
    let functions = unsafe { list.read() };
    // For ever: some modules crash when they are unloaded, and the table must stay valid.
    mem::forget(library);
    Ok(functions)
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

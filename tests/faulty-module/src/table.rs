//! Every call of PKCS#11 2.40 on its way through this module: one row a call.

#![allow(non_camel_case_types, non_snake_case)]

use cryptoki_sys::*;

use crate::{around::around, real::real};

/// A call of the table.
trait Call {
    /// Its type in `CK_FUNCTION_LIST`.
    type Pointer;
    /// Its name.
    const NAME: &'static str;
    /// The real module's.
    fn real() -> Self::Pointer;
}

/// An argument: all of them fit into a register.
trait Word: Copy {
    fn word(&self) -> usize;
}

macro_rules! calls {
    ($($name:ident: $pointer:ident, $shim:ident;)*) => {
        $(
            struct $name;

            impl Call for $name {
                type Pointer = $pointer;
                const NAME: &'static str = stringify!($name);
                fn real() -> $pointer {
                    real().and_then(|list| list.$name)
                }
            }
        )*

        /// All names that an order may give; a call's place here is its place in the counts.
        pub(crate) const NAMES: &[&str] = &["C_GetFunctionList", $(stringify!($name)),*];

        /// The table that goes to the caller: ours wherever the real module has the call.
        pub(crate) fn around_all_of(list: &CK_FUNCTION_LIST) -> CK_FUNCTION_LIST {
            let mut ours = *list;
            $(
                if list.$name.is_some() {
                    ours.$name = $shim($name);
                }
            )*
            ours
        }
    };
}

macro_rules! shims {
    ($($shim:ident($($argument:ident: $type:ident),*);)*) => {
        $(
            fn $shim<C, $($type),*>(_: C) -> Option<unsafe extern "C" fn($($type),*) -> CK_RV>
            where
                C: Call<Pointer = Option<unsafe extern "C" fn($($type),*) -> CK_RV>>,
                $($type: Word),*
            {
                unsafe extern "C" fn shim<C, $($type),*>($($argument: $type),*) -> CK_RV
                where
                    C: Call<Pointer = Option<unsafe extern "C" fn($($type),*) -> CK_RV>>,
                    $($type: Word),*
                {
                    let words = [$($argument.word()),*];
                    around(C::NAME, &words, || match C::real() {
                        // SAFETY: the caller's arguments go on to the real module as they are.
                        Some(call) => unsafe { call($($argument),*) },
                        None => CKR_FUNCTION_NOT_SUPPORTED,
                    })
                }
                Some(shim::<C, $($type),*>)
            }
        )*
    };
}

calls! {
    C_Initialize: CK_C_Initialize, one;
    C_Finalize: CK_C_Finalize, one;
    C_GetInfo: CK_C_GetInfo, one;
    C_GetSlotList: CK_C_GetSlotList, three;
    C_GetSlotInfo: CK_C_GetSlotInfo, two;
    C_GetTokenInfo: CK_C_GetTokenInfo, two;
    C_GetMechanismList: CK_C_GetMechanismList, three;
    C_GetMechanismInfo: CK_C_GetMechanismInfo, three;
    C_InitToken: CK_C_InitToken, four;
    C_InitPIN: CK_C_InitPIN, three;
    C_SetPIN: CK_C_SetPIN, five;
    C_OpenSession: CK_C_OpenSession, five;
    C_CloseSession: CK_C_CloseSession, one;
    C_CloseAllSessions: CK_C_CloseAllSessions, one;
    C_GetSessionInfo: CK_C_GetSessionInfo, two;
    C_GetOperationState: CK_C_GetOperationState, three;
    C_SetOperationState: CK_C_SetOperationState, five;
    C_Login: CK_C_Login, four;
    C_Logout: CK_C_Logout, one;
    C_CreateObject: CK_C_CreateObject, four;
    C_CopyObject: CK_C_CopyObject, five;
    C_DestroyObject: CK_C_DestroyObject, two;
    C_GetObjectSize: CK_C_GetObjectSize, three;
    C_GetAttributeValue: CK_C_GetAttributeValue, four;
    C_SetAttributeValue: CK_C_SetAttributeValue, four;
    C_FindObjectsInit: CK_C_FindObjectsInit, three;
    C_FindObjects: CK_C_FindObjects, four;
    C_FindObjectsFinal: CK_C_FindObjectsFinal, one;
    C_EncryptInit: CK_C_EncryptInit, three;
    C_Encrypt: CK_C_Encrypt, five;
    C_EncryptUpdate: CK_C_EncryptUpdate, five;
    C_EncryptFinal: CK_C_EncryptFinal, three;
    C_DecryptInit: CK_C_DecryptInit, three;
    C_Decrypt: CK_C_Decrypt, five;
    C_DecryptUpdate: CK_C_DecryptUpdate, five;
    C_DecryptFinal: CK_C_DecryptFinal, three;
    C_DigestInit: CK_C_DigestInit, two;
    C_Digest: CK_C_Digest, five;
    C_DigestUpdate: CK_C_DigestUpdate, three;
    C_DigestKey: CK_C_DigestKey, two;
    C_DigestFinal: CK_C_DigestFinal, three;
    C_SignInit: CK_C_SignInit, three;
    C_Sign: CK_C_Sign, five;
    C_SignUpdate: CK_C_SignUpdate, three;
    C_SignFinal: CK_C_SignFinal, three;
    C_SignRecoverInit: CK_C_SignRecoverInit, three;
    C_SignRecover: CK_C_SignRecover, five;
    C_VerifyInit: CK_C_VerifyInit, three;
    C_Verify: CK_C_Verify, five;
    C_VerifyUpdate: CK_C_VerifyUpdate, three;
    C_VerifyFinal: CK_C_VerifyFinal, three;
    C_VerifyRecoverInit: CK_C_VerifyRecoverInit, three;
    C_VerifyRecover: CK_C_VerifyRecover, five;
    C_DigestEncryptUpdate: CK_C_DigestEncryptUpdate, five;
    C_DecryptDigestUpdate: CK_C_DecryptDigestUpdate, five;
    C_SignEncryptUpdate: CK_C_SignEncryptUpdate, five;
    C_DecryptVerifyUpdate: CK_C_DecryptVerifyUpdate, five;
    C_GenerateKey: CK_C_GenerateKey, five;
    C_GenerateKeyPair: CK_C_GenerateKeyPair, eight;
    C_WrapKey: CK_C_WrapKey, six;
    C_UnwrapKey: CK_C_UnwrapKey, eight;
    C_DeriveKey: CK_C_DeriveKey, six;
    C_SeedRandom: CK_C_SeedRandom, three;
    C_GenerateRandom: CK_C_GenerateRandom, three;
    C_GetFunctionStatus: CK_C_GetFunctionStatus, one;
    C_CancelFunction: CK_C_CancelFunction, one;
    C_WaitForSlotEvent: CK_C_WaitForSlotEvent, three;
}

shims! {
    one(a: A);
    two(a: A, b: B);
    three(a: A, b: B, c: C1);
    four(a: A, b: B, c: C1, d: D);
    five(a: A, b: B, c: C1, d: D, e: E);
    six(a: A, b: B, c: C1, d: D, e: E, f: F);
    eight(a: A, b: B, c: C1, d: D, e: E, f: F, g: G, h: H);
}

impl<T> Word for *mut T {
    fn word(&self) -> usize {
        self.expose_provenance()
    }
}

impl Word for CK_ULONG {
    fn word(&self) -> usize {
        usize::try_from(*self).unwrap_or(usize::MAX)
    }
}

impl Word for CK_BBOOL {
    fn word(&self) -> usize {
        usize::from(*self)
    }
}

impl Word for CK_NOTIFY {
    fn word(&self) -> usize {
        0
    }
}

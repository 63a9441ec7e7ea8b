//! What can go wrong on the way to a token and back.

use std::{io, path::PathBuf};

use cryptoki::{
    context::Function,
    error::{Error as Cryptoki, RvError},
};
use serde::{Deserialize, Serialize};

use crate::token::PinStatus;

/// Why an operation on a token failed. Each variant asks the person for something different.
///
/// Variants that carry a [`PinStatus`] have it as it was after the attempt.
#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
pub enum TokenError {
    /// No token of the module answers to the URI.
    #[error("no token matches the address")]
    TokenNotFound,
    /// More than one token of the module answers to the URI; it must name the serial number.
    #[error("{count} tokens match the address")]
    TokenAmbiguous {
        /// How many match.
        count: usize,
    },
    /// The token was taken out, or its reader stopped answering.
    #[error("the token was removed")]
    TokenRemoved,
    /// The token says that its memory is full. Some modules say
    /// [`Module`](Self::Module) with `CKR_GENERAL_ERROR` instead.
    #[error("the token is full")]
    TokenFull,
    /// The token doesn't accept changes.
    #[error("the token is write-protected")]
    WriteProtected,
    /// No private key on the token belongs to the public key that was named.
    #[error("the private key is not on the token")]
    KeyNotFound,
    /// The token can't make or use a key of this type.
    #[error("the token does not support this type of key")]
    KeyTypeUnsupported,
    /// The operation needs a login first.
    #[error("the token wants a login first")]
    LoginRequired,
    /// The PIN was refused. It must not be tried again.
    #[error("the token refused the pin")]
    PinIncorrect {
        /// What is known about the tries that are left.
        status: PinStatus,
    },
    /// The PIN is locked.
    #[error("the pin is locked")]
    PinLocked,
    /// The PIN is shorter or longer than the token allows; this normally costs no try.
    #[error("the pin must have {min} to {max} characters")]
    PinLength {
        /// The least number of bytes.
        min: usize,
        /// The greatest number of bytes.
        max: usize,
    },
    /// The PIN has expired and must be changed with the vendor's program.
    #[error("the pin has expired")]
    PinExpired,
    /// The token has no user PIN yet.
    #[error("the token has no pin yet")]
    PinNotSet,
    /// The person cancelled at the reader's own pad.
    #[error("cancelled at the reader")]
    Cancelled,
    /// The token has no pad of its own on which to type a PIN.
    #[error("the reader has no pin pad")]
    NoPinPad,
    /// The module's file isn't there.
    #[error("the module {} does not exist", path.display())]
    ModuleMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The module's file is there but isn't a PKCS#11 module that this PC can load.
    #[error("the module {} cannot be loaded: {reason}", path.display())]
    ModuleUnusable {
        /// The file.
        path: PathBuf,
        /// What the system's loader said.
        reason: String,
    },
    /// The token refuses the attributes that an object of ours must have.
    #[error("the token refuses the object's attributes")]
    TemplateRefused,
    /// A PKCS#11 call failed in a way that has no better name.
    #[error("{call} answered {rv}")]
    Module {
        /// The function, e.g. `C_GenerateKeyPair`.
        call: String,
        /// The return value, e.g. `CKR_GENERAL_ERROR`.
        rv: String,
    },
    /// The token answered that all is well, and what was read back says otherwise.
    #[error("the token did not do what it confirmed: {what}")]
    ReadBack {
        /// What is not as it should be.
        what: String,
    },
    /// What the caller gave can't be used, e.g. a certificate that can't be parsed.
    #[error("{what} cannot be used")]
    Unsuitable {
        /// What was given.
        what: String,
    },
    /// The worker process ended before it answered: the module crashed, or it was killed.
    /// The lease is over; a new one starts a fresh process.
    #[serde(skip)]
    #[error("the module's process ended unexpectedly")]
    WorkerCrashed,
    /// The worker didn't answer in time and was ended. The lease is over.
    #[serde(skip)]
    #[error("the module did not answer {call} in time")]
    WorkerTimedOut {
        /// What was asked for.
        call: String,
    },
    /// The worker answered something that makes no sense and was ended. The lease is over.
    #[serde(skip)]
    #[error("the module's process answered nonsense")]
    WorkerNonsense,
    /// The worker process could not be started.
    #[serde(skip)]
    #[error("the module's process could not be started")]
    WorkerStart(#[source] io::Error),
    /// The token's lock file could not be made or locked.
    #[serde(skip)]
    #[error("the token's lock file cannot be used")]
    Lock(#[source] io::Error),
}

impl TokenError {
    /// Whether the token said no more than that something went wrong: what some say when they
    /// are full.
    #[must_use]
    pub fn is_vague(&self) -> bool {
        const VAGUE: [&str; 3] = [
            "CKR_GENERAL_ERROR",
            "CKR_FUNCTION_FAILED",
            "CKR_DEVICE_ERROR",
        ];
        matches!(self, Self::Module { rv, .. } if VAGUE.contains(&rv.as_str()))
    }
}

impl From<Cryptoki> for TokenError {
    fn from(error: Cryptoki) -> Self {
        let Cryptoki::Pkcs11(rv, function) = error else {
            return Self::Module {
                call: "the module".to_owned(),
                rv: error.to_string(),
            };
        };
        match rv {
            RvError::DeviceRemoved | RvError::TokenNotPresent | RvError::TokenNotRecognized => {
                Self::TokenRemoved
            }
            RvError::DeviceMemory => Self::TokenFull,
            RvError::TokenWriteProtected | RvError::SessionReadOnly => Self::WriteProtected,
            RvError::UserNotLoggedIn => Self::LoginRequired,
            RvError::PinLocked => Self::PinLocked,
            RvError::PinExpired => Self::PinExpired,
            RvError::UserPinNotInitialized => Self::PinNotSet,
            RvError::Cancel | RvError::FunctionCanceled => Self::Cancelled,
            _ if refuses_key(rv, function) => Self::KeyTypeUnsupported,
            _ if refuses_template(rv, function) => Self::TemplateRefused,
            other => Self::Module {
                call: format!("C_{function:?}"),
                rv: rv_name(other),
            },
        }
    }
}

/// Whether this says that the token can't do that with such a key.
fn refuses_key(rv: RvError, function: Function) -> bool {
    matches!(
        function,
        Function::GenerateKeyPair | Function::SignInit | Function::Sign
    ) && matches!(
        rv,
        RvError::MechanismInvalid
            | RvError::MechanismParamInvalid
            | RvError::FunctionNotSupported
            | RvError::KeySizeRange
            | RvError::KeyTypeInconsistent
            | RvError::KeyFunctionNotPermitted
            | RvError::CurveNotSupported
            | RvError::DomainParamsInvalid
    )
}

fn refuses_template(rv: RvError, function: Function) -> bool {
    matches!(function, Function::GenerateKeyPair | Function::CreateObject)
        && matches!(
            rv,
            RvError::AttributeTypeInvalid
                | RvError::AttributeValueInvalid
                | RvError::AttributeReadOnly
                | RvError::TemplateIncomplete
                | RvError::TemplateInconsistent
        )
}

/// The specification's name of a return value, e.g. `CKR_GENERAL_ERROR` for `GeneralError`.
fn rv_name(rv: RvError) -> String {
    let mut name = "CKR".to_owned();
    for letter in format!("{rv:?}").chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unnamed_failure_has_the_names_of_the_specification() {
        let error = TokenError::from(Cryptoki::Pkcs11(
            RvError::GeneralError,
            Function::GenerateKeyPair,
        ));
        assert_eq!(
            error.to_string(),
            "C_GenerateKeyPair answered CKR_GENERAL_ERROR"
        );
    }
}

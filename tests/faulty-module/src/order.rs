//! Orders: `CALL COUNT WHEN FAULT`, one a line; `#` begins a comment.
//!
//! `CALL` is the name of a call, or `*` for any. `COUNT` is which of them, e.g. `3`, `3-` (from
//! the third on) or `*`; calls are counted in all processes together. `WHEN` is `before` or `after`
//! the real module is called. What is done after a call has happened, so an error then is an
//! answer that was lost. Several orders for one call are carried out in their order.
//!
//! | `FAULT` | what happens |
//! | --- | --- |
//! | `fail CKR` | the call answers this, by name or number |
//! | `delay N` | it takes N milliseconds more |
//! | `hang` | it never comes back |
//! | `wait NAME` | it waits until somebody opens the named pipe `NAME` in the folder for writing and closes it |
//! | `abort`, `segv`, `exit` | the process ends by SIGABRT, by SIGSEGV, or with status 0 |
//! | `kill self`, `kill parent`, `kill both` | SIGKILL of this process, of the agent that started it, or of both |
//! | `flood N` | N bytes on stderr |
//! | `print N` | N bytes on stdout |
//! | `leak N` | N bytes of memory that nobody gives back |
//! | `remove` | the token is pulled: the folder with its files moves to a name with `.pulled` behind |
//! | `fill` | the file `full` is made, which fills the disk of a program that waits for it |
//! | `kill later N` | SIGKILL of this process so many microseconds later: in the middle of the call |
//! | `shorten`, `lengthen` | (after) lengths that are too short, or longer than the buffer |
//! | `empty`, `garble` | (after) an answer without a byte, or with other ones |
//! | `without N` | (after) the attribute of this type (a number) is missing |
//! | `vanish` | the object that the call names is gone for this process, before or after it |
//! | `endless` | (after `C_FindObjects`) the same objects are found again and again |

use std::num::ParseIntError;

use cryptoki_sys::*;

use crate::table::NAMES;

/// What goes wrong, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The call, or any.
    pub call: Option<&'static str>,
    /// The first and the last of them; counted among all calls where any call is meant.
    pub counts: (u64, u64),
    /// Whether the real module is called before.
    pub after: bool,
    /// What happens.
    pub fault: Fault,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call answers this.
    Fail(CK_RV),
    /// It takes so many milliseconds more.
    Delay(u64),
    /// It never comes back.
    Hang,
    /// It waits for somebody at a named pipe.
    Wait(String),
    /// SIGABRT.
    Abort,
    /// SIGSEGV.
    Segv,
    /// An end without a word.
    Exit,
    /// SIGKILL of this process.
    KillSelf,
    /// SIGKILL of the one that started it.
    KillParent,
    /// SIGKILL of both.
    KillBoth,
    /// Bytes on stderr.
    Flood(usize),
    /// Bytes on stdout.
    Print(usize),
    /// Memory that nobody gives back.
    Leak(usize),
    /// The token is pulled.
    Remove,
    /// The disk gets full.
    Fill,
    /// SIGKILL of this process after so many microseconds.
    KillLater(u64),
    /// An answer that is too short.
    Shorten,
    /// One that is longer than the room for it.
    Lengthen,
    /// One without a byte.
    Empty,
    /// One with other bytes.
    Garble,
    /// One in which an attribute of this type is missing.
    Without(CK_ATTRIBUTE_TYPE),
    /// An object that is gone.
    Vanish,
    /// Objects that are found again and again.
    Endless,
}

impl Order {
    /// Reads all orders of a file.
    ///
    /// # Errors
    /// The line that cannot be read, with the reason.
    pub fn parse(text: &str) -> Result<Vec<Self>, String> {
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| Self::parse_line(line).map_err(|why| format!("{line}: {why}")))
            .collect()
    }

    fn parse_line(line: &str) -> Result<Self, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [call, counts, when, fault @ ..] = &words[..] else {
            return Err("CALL COUNT WHEN FAULT are four words".to_owned());
        };
        let call = match *call {
            "*" => None,
            call => Some(
                *NAMES
                    .iter()
                    .find(|name| **name == call)
                    .ok_or("no such call")?,
            ),
        };
        let counts = match counts.split_once('-') {
            _ if *counts == "*" => (1, u64::MAX),
            Some((first, "")) => (number(first)?, u64::MAX),
            Some((first, last)) => (number(first)?, number(last)?),
            None => (number(counts)?, number(counts)?),
        };
        let after = match *when {
            "before" => false,
            "after" => true,
            _ => return Err("neither before nor after".to_owned()),
        };
        let fault = Fault::parse(fault)?;
        if fault.is_tampering() && !after {
            return Err("there is no answer yet".to_owned());
        }
        Ok(Self {
            call,
            counts,
            after,
            fault,
        })
    }
}

impl Fault {
    fn parse(words: &[&str]) -> Result<Self, String> {
        Ok(match words {
            ["fail", rv] => Self::Fail(return_value(rv)?),
            ["delay", time] => Self::Delay(number(time)?),
            ["hang"] => Self::Hang,
            ["wait", name] => Self::Wait((*name).to_owned()),
            ["abort"] => Self::Abort,
            ["segv"] => Self::Segv,
            ["exit"] => Self::Exit,
            ["kill", "self"] => Self::KillSelf,
            ["kill", "parent"] => Self::KillParent,
            ["kill", "both"] => Self::KillBoth,
            ["flood", bytes] => Self::Flood(size(bytes)?),
            ["print", bytes] => Self::Print(size(bytes)?),
            ["leak", bytes] => Self::Leak(size(bytes)?),
            ["remove"] => Self::Remove,
            ["fill"] => Self::Fill,
            ["kill", "later", time] => Self::KillLater(number(time)?),
            ["shorten"] => Self::Shorten,
            ["lengthen"] => Self::Lengthen,
            ["empty"] => Self::Empty,
            ["garble"] => Self::Garble,
            ["without", kind] => Self::Without(number(kind)?),
            ["vanish"] => Self::Vanish,
            ["endless"] => Self::Endless,
            _ => return Err("no such fault".to_owned()),
        })
    }

    fn is_tampering(&self) -> bool {
        matches!(
            self,
            Self::Shorten
                | Self::Lengthen
                | Self::Empty
                | Self::Garble
                | Self::Without(_)
                | Self::Endless
        )
    }
}

fn return_value(text: &str) -> Result<CK_RV, String> {
    RETURN_VALUES
        .iter()
        .find(|(name, _)| *name == text)
        .map_or_else(|| number(text), |(_, value)| Ok(*value))
}

fn size(text: &str) -> Result<usize, String> {
    usize::try_from(number(text)?).map_err(|error| error.to_string())
}

fn number(text: &str) -> Result<u64, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|error: ParseIntError| format!("{text}: {error}"))
}

macro_rules! return_values {
    ($($name:ident),* $(,)?) => {
        const RETURN_VALUES: &[(&str, CK_RV)] = &[$((stringify!($name), $name)),*];
    };
}

return_values! {
    CKR_OK, CKR_CANCEL, CKR_HOST_MEMORY, CKR_SLOT_ID_INVALID, CKR_GENERAL_ERROR,
    CKR_FUNCTION_FAILED, CKR_ARGUMENTS_BAD, CKR_NO_EVENT, CKR_NEED_TO_CREATE_THREADS,
    CKR_CANT_LOCK, CKR_ATTRIBUTE_READ_ONLY, CKR_ATTRIBUTE_SENSITIVE,
    CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_VALUE_INVALID, CKR_ACTION_PROHIBITED,
    CKR_DATA_INVALID, CKR_DATA_LEN_RANGE, CKR_DEVICE_ERROR, CKR_DEVICE_MEMORY,
    CKR_DEVICE_REMOVED, CKR_ENCRYPTED_DATA_INVALID, CKR_ENCRYPTED_DATA_LEN_RANGE,
    CKR_AEAD_DECRYPT_FAILED, CKR_FUNCTION_CANCELED, CKR_FUNCTION_NOT_PARALLEL,
    CKR_FUNCTION_NOT_SUPPORTED, CKR_KEY_HANDLE_INVALID, CKR_KEY_SIZE_RANGE,
    CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_NOT_NEEDED, CKR_KEY_CHANGED, CKR_KEY_NEEDED,
    CKR_KEY_INDIGESTIBLE, CKR_KEY_FUNCTION_NOT_PERMITTED, CKR_KEY_NOT_WRAPPABLE,
    CKR_KEY_UNEXTRACTABLE, CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID,
    CKR_OBJECT_HANDLE_INVALID, CKR_OPERATION_ACTIVE, CKR_OPERATION_NOT_INITIALIZED,
    CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE, CKR_PIN_EXPIRED, CKR_PIN_LOCKED,
    CKR_SESSION_CLOSED, CKR_SESSION_COUNT, CKR_SESSION_HANDLE_INVALID,
    CKR_SESSION_PARALLEL_NOT_SUPPORTED, CKR_SESSION_READ_ONLY, CKR_SESSION_EXISTS,
    CKR_SESSION_READ_ONLY_EXISTS, CKR_SESSION_READ_WRITE_SO_EXISTS, CKR_SIGNATURE_INVALID,
    CKR_SIGNATURE_LEN_RANGE, CKR_TEMPLATE_INCOMPLETE, CKR_TEMPLATE_INCONSISTENT,
    CKR_TOKEN_NOT_PRESENT, CKR_TOKEN_NOT_RECOGNIZED, CKR_TOKEN_WRITE_PROTECTED,
    CKR_UNWRAPPING_KEY_HANDLE_INVALID, CKR_UNWRAPPING_KEY_SIZE_RANGE,
    CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT, CKR_USER_ALREADY_LOGGED_IN,
    CKR_USER_NOT_LOGGED_IN, CKR_USER_PIN_NOT_INITIALIZED, CKR_USER_TYPE_INVALID,
    CKR_USER_ANOTHER_ALREADY_LOGGED_IN, CKR_USER_TOO_MANY_TYPES, CKR_WRAPPED_KEY_INVALID,
    CKR_WRAPPED_KEY_LEN_RANGE, CKR_WRAPPING_KEY_HANDLE_INVALID, CKR_WRAPPING_KEY_SIZE_RANGE,
    CKR_WRAPPING_KEY_TYPE_INCONSISTENT, CKR_RANDOM_SEED_NOT_SUPPORTED, CKR_RANDOM_NO_RNG,
    CKR_DOMAIN_PARAMS_INVALID, CKR_CURVE_NOT_SUPPORTED, CKR_BUFFER_TOO_SMALL,
    CKR_SAVED_STATE_INVALID, CKR_INFORMATION_SENSITIVE, CKR_STATE_UNSAVEABLE,
    CKR_CRYPTOKI_NOT_INITIALIZED, CKR_CRYPTOKI_ALREADY_INITIALIZED, CKR_MUTEX_BAD,
    CKR_MUTEX_NOT_LOCKED, CKR_NEW_PIN_MODE, CKR_NEXT_OTP, CKR_EXCEEDED_MAX_ITERATIONS,
    CKR_FIPS_SELF_TEST_FAILED, CKR_LIBRARY_LOAD_FAILED, CKR_PIN_TOO_WEAK,
    CKR_PUBLIC_KEY_INVALID, CKR_FUNCTION_REJECTED, CKR_TOKEN_RESOURCE_EXCEEDED,
    CKR_OPERATION_CANCEL_FAILED, CKR_KEY_EXHAUSTED, CKR_PENDING,
    CKR_SESSION_ASYNC_NOT_SUPPORTED, CKR_SEED_RANDOM_REQUIRED, CKR_OPERATION_NOT_VALIDATED,
    CKR_TOKEN_NOT_INITIALIZED, CKR_PARAMETER_SET_NOT_SUPPORTED, CKR_VENDOR_DEFINED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_says_which_call_when_and_what() {
        let text = "# a comment\n\nC_Sign 2 before fail CKR_DEVICE_REMOVED\n* 3- after kill both\n";
        let orders = Order::parse(text).unwrap();
        assert_eq!(orders.len(), 2);
        assert_eq!(orders[0].call, Some("C_Sign"));
        assert_eq!(orders[0].counts, (2, 2));
        assert_eq!(orders[0].fault, Fault::Fail(CKR_DEVICE_REMOVED));
        assert!(!orders[0].after);
        assert_eq!(orders[1].call, None);
        assert_eq!(orders[1].counts, (3, u64::MAX));
        assert!(orders[1].after);
    }

    #[test]
    fn what_is_no_order_is_refused() {
        for line in [
            "C_Sing 1 before hang",
            "C_Sign one before hang",
            "C_Sign 1 during hang",
            "C_Sign 1 before fail CKR_NO_SUCH",
            "C_Sign 1 before explode",
            "C_Sign 1 before garble",
            "C_Sign 1",
        ] {
            let refused = Order::parse(line).unwrap_err();
            assert!(refused.starts_with(line), "{refused}");
        }
    }
}

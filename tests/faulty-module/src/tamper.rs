//! Answers that are spoilt: wrong lengths, other bytes, missing attributes, vanished objects.

use std::{
    collections::BTreeSet,
    ptr, slice,
    sync::{Mutex, MutexGuard, PoisonError},
};

use cryptoki_sys::{
    CK_ATTRIBUTE, CK_OBJECT_HANDLE, CK_RV, CK_ULONG, CK_UNAVAILABLE_INFORMATION,
    CKR_ATTRIBUTE_TYPE_INVALID, CKR_OK,
};

use crate::order::Fault;

/// Longer than any buffer of a caller's.
const TOO_LONG: CK_ULONG = 1 << 20;

static VANISHED: Mutex<BTreeSet<CK_OBJECT_HANDLE>> = Mutex::new(BTreeSet::new());
static FOUND: Mutex<Vec<CK_OBJECT_HANDLE>> = Mutex::new(Vec::new());

/// Spoils an answer. `None` where there is nothing to spoil; otherwise what the call answers then,
/// if that changes.
pub(crate) fn spoil(
    fault: &Fault,
    call: &str,
    words: &[usize],
    rv: CK_RV,
) -> Option<Option<CK_RV>> {
    if *fault == Fault::Vanish {
        let object = object(call, words)?;
        held(&VANISHED).insert(object);
        return Some(None);
    }
    if rv != CKR_OK {
        return None;
    }
    match answer(call, words)? {
        Answer::Attributes(attributes) => spoil_attributes(fault, attributes),
        Answer::Items {
            bytes,
            room,
            length,
        } => {
            match fault {
                Fault::Shorten => *length = length.checked_sub(1)?,
                Fault::Lengthen => *length = TOO_LONG,
                Fault::Empty => *length = 0,
                Fault::Garble => bytes.iter_mut().for_each(|byte| *byte = !*byte),
                Fault::Endless => again(bytes, room, length)?,
                _ => return None,
            }
            Some(None)
        }
    }
}

/// Whether a call is about an object that has vanished.
pub(crate) fn has_vanished(call: &str, words: &[usize]) -> bool {
    let vanished = held(&VANISHED);
    !vanished.is_empty() && object(call, words).is_some_and(|object| vanished.contains(&object))
}

/// Takes what has vanished out of a search's answer.
pub(crate) fn hide_what_vanished(call: &str, words: &[usize], rv: CK_RV) {
    let vanished = held(&VANISHED);
    if call != "C_FindObjects" || rv != CKR_OK || vanished.is_empty() {
        return;
    }
    let Some(Answer::Items { bytes, length, .. }) = answer(call, words) else {
        return;
    };
    let left: Vec<CK_OBJECT_HANDLE> = handles(bytes)
        .into_iter()
        .filter(|handle| !vanished.contains(handle))
        .collect();
    for (place, handle) in bytes.chunks_exact_mut(HANDLE).zip(&left) {
        place.copy_from_slice(&handle.to_ne_bytes());
    }
    *length = CK_ULONG::try_from(left.len()).unwrap_or_default();
}

/// Where a call's answer is.
enum Answer<'a> {
    Attributes(&'a mut [CK_ATTRIBUTE]),
    /// Bytes, or handles as bytes.
    Items {
        /// Those that were answered; none where only the length was asked for.
        bytes: &'a mut [u8],
        /// The whole buffer.
        room: usize,
        /// How many items there are.
        length: &'a mut CK_ULONG,
    },
}

const HANDLE: usize = size_of::<CK_OBJECT_HANDLE>();

fn answer<'a>(call: &str, words: &[usize]) -> Option<Answer<'a>> {
    let (at, size, room, length) = match (call, words) {
        ("C_GetAttributeValue", &[_, _, template, count]) if template != 0 => {
            let template = ptr::with_exposed_provenance_mut::<CK_ATTRIBUTE>(template);
            // SAFETY: the caller's template has so many attributes.
            let attributes = unsafe { slice::from_raw_parts_mut(template, count) };
            return Some(Answer::Attributes(attributes));
        }
        ("C_Sign", &[_, _, _, at, length]) => (at, 1, None, length),
        ("C_SignFinal", &[_, at, length]) => (at, 1, None, length),
        ("C_GenerateRandom", _) => return None,
        ("C_FindObjects", &[_, at, room, length]) => (at, HANDLE, Some(room), length),
        ("C_GetSlotList" | "C_GetMechanismList", &[_, at, length]) => (at, HANDLE, None, length),
        _ => return None,
    };
    if length == 0 {
        return None;
    }
    // SAFETY: the caller gave room for a length, which the real module has filled in.
    let length = unsafe { &mut *ptr::with_exposed_provenance_mut::<CK_ULONG>(length) };
    let items = usize::try_from(*length).ok()?;
    let bytes: &mut [u8] = if at == 0 {
        &mut []
    } else {
        let at = ptr::with_exposed_provenance_mut::<u8>(at);
        // SAFETY: the real module has written so many items there.
        unsafe { slice::from_raw_parts_mut(at, items * size) }
    };
    Some(Answer::Items {
        bytes,
        room: room.unwrap_or(items) * size,
        length,
    })
}

fn spoil_attributes(fault: &Fault, attributes: &mut [CK_ATTRIBUTE]) -> Option<Option<CK_RV>> {
    let mut spoilt = None;
    for attribute in attributes {
        let is_there = attribute.ulValueLen != CK_UNAVAILABLE_INFORMATION;
        match fault {
            Fault::Without(kind) if attribute.type_ == *kind => {
                attribute.ulValueLen = CK_UNAVAILABLE_INFORMATION;
                spoilt = Some(Some(CKR_ATTRIBUTE_TYPE_INVALID));
            }
            Fault::Shorten if is_there && attribute.ulValueLen > 0 => {
                attribute.ulValueLen -= 1;
                spoilt = Some(None);
            }
            Fault::Lengthen if is_there => {
                attribute.ulValueLen = TOO_LONG;
                spoilt = Some(None);
            }
            Fault::Empty if is_there => {
                attribute.ulValueLen = 0;
                spoilt = Some(None);
            }
            Fault::Garble if is_there && !attribute.pValue.is_null() => {
                let length = usize::try_from(attribute.ulValueLen).unwrap_or_default();
                // SAFETY: the real module has just written so many bytes there.
                let value =
                    unsafe { slice::from_raw_parts_mut(attribute.pValue.cast::<u8>(), length) };
                value.iter_mut().for_each(|byte| *byte = !*byte);
                spoilt = Some(None);
            }
            _ => {}
        }
    }
    spoilt
}

/// Has a search find what it found before, for ever.
fn again(bytes: &mut [u8], room: usize, length: &mut CK_ULONG) -> Option<()> {
    let mut found = held(&FOUND);
    if !bytes.is_empty() {
        *found = handles(bytes);
        return Some(());
    }
    if found.is_empty() {
        return None;
    }
    found.truncate(room / HANDLE);
    // SAFETY: an empty slice still points to the caller's buffer, which has this room.
    let buffer = unsafe { slice::from_raw_parts_mut(bytes.as_mut_ptr(), room) };
    for (place, handle) in buffer.chunks_exact_mut(HANDLE).zip(found.iter()) {
        place.copy_from_slice(&handle.to_ne_bytes());
    }
    *length = CK_ULONG::try_from(found.len()).unwrap_or_default();
    Some(())
}

fn handles(bytes: &[u8]) -> Vec<CK_OBJECT_HANDLE> {
    bytes
        .chunks_exact(HANDLE)
        .map(|bytes| CK_OBJECT_HANDLE::from_ne_bytes(bytes.try_into().expect("so long are chunks")))
        .collect()
}

/// The object that a call is about.
fn object(call: &str, words: &[usize]) -> Option<CK_OBJECT_HANDLE> {
    let place = match call {
        "C_GetAttributeValue"
        | "C_SetAttributeValue"
        | "C_DestroyObject"
        | "C_CopyObject"
        | "C_GetObjectSize" => 1,
        "C_SignInit" | "C_DecryptInit" => 2,
        _ => return None,
    };
    CK_OBJECT_HANDLE::try_from(*words.get(place)?).ok()
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

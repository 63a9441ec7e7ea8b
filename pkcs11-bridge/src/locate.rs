//! Finding the halves of a pair by their public key, in few calls however much the token holds.
//!
//! What the token's own search finds is looked at first, by the id under which the key was seen
//! in this process, or by the public key itself. Only where that leads nowhere is every key of
//! the token read: some modules search badly, and some keys say nothing about themselves.

use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};

use crate::{
    TokenError,
    object::{Access, Attributes, find},
    session::OpenToken,
    sign,
    spki::{self, KeyBits, Mark},
};

/// The private half of a pair, found for one operation.
pub(crate) struct PrivateHalf {
    pub(crate) handle: ObjectHandle,
    pub(crate) id: Vec<u8>,
    /// The object tells its public half; otherwise only its id speaks for it.
    certain: bool,
}

/// The private keys that are likely to belong to a public key, by few searches. None may be
/// found of a key that is there.
pub(crate) fn likely(token: &mut OpenToken, spki: &[u8]) -> Result<Vec<PrivateHalf>, TokenError> {
    if let Some(seen) = token.seen(spki) {
        let found = token.with_session(|session| bearing(session, &seen.id))?;
        if !found.is_empty() {
            // What has signed is the key, unless another one bears its id.
            let certain = seen.proven && found.len() == 1;
            let halves = found
                .into_iter()
                .map(|half| PrivateHalf { certain, ..half });
            return Ok(halves.collect());
        }
    }
    token.with_session(|session| {
        if let Some(Mark::Modulus(modulus)) = spki::mark(spki) {
            return by_modulus(session, spki, modulus);
        }
        let mut halves = Vec::new();
        for public in likely_public_halves(session, spki)? {
            let id = Attributes::read(session, public, &[AttributeType::Id]).id;
            halves.append(&mut bearing(session, &id)?);
        }
        Ok(halves)
    })
}

/// Private keys that may belong to a public key and are not among those that were looked at
/// already, those that say so themselves first. Reads every private key of the token.
pub(crate) fn others(
    token: &mut OpenToken,
    spki: &[u8],
    but: &[PrivateHalf],
) -> Result<Vec<PrivateHalf>, TokenError> {
    let mut found = token.with_session(|session| candidates(session, spki))?;
    found.retain(|half| but.iter().all(|other| other.handle != half.handle));
    Ok(found)
}

/// The private half of a public key, beyond doubt: it says so itself, or a signature by it
/// verifies. `None` if there is none.
pub(crate) fn private_half(
    token: &mut OpenToken,
    spki: &[u8],
) -> Result<Option<PrivateHalf>, TokenError> {
    let mut looked_at = likely(token, spki)?;
    if let Some(half) = first_of(token, &looked_at, spki)? {
        return Ok(Some(looked_at.swap_remove(half)));
    }
    let mut found = others(token, spki, &looked_at)?;
    let half = first_of(token, &found, spki)?;
    Ok(half.map(|half| found.swap_remove(half)))
}

/// The public halves, by a search for the key itself; where it finds none, every public key of
/// the token is read.
pub(crate) fn likely_public_halves(
    session: &Access<'_>,
    spki: &[u8],
) -> Result<Vec<ObjectHandle>, TokenError> {
    let mark = spki::mark(spki).map(|mark| match mark {
        Mark::Modulus(modulus) => Attribute::Modulus(modulus),
        Mark::Point(point) => Attribute::EcPoint(point),
    });
    if let Some(mark) = mark {
        // A module that doesn't know the attribute may refuse the search.
        let mut halves = find(session, ObjectClass::PUBLIC_KEY, &[mark]).unwrap_or_default();
        retain_public_halves(session, spki, &mut halves);
        if !halves.is_empty() {
            return Ok(halves);
        }
    }
    public_halves(session, spki)
}

/// The public halves. Reads every public key of the token.
pub(crate) fn public_halves(
    session: &Access<'_>,
    spki: &[u8],
) -> Result<Vec<ObjectHandle>, TokenError> {
    let mut halves = find(session, ObjectClass::PUBLIC_KEY, &[])?;
    retain_public_halves(session, spki, &mut halves);
    Ok(halves)
}

fn retain_public_halves(session: &Access<'_>, spki: &[u8], halves: &mut Vec<ObjectHandle>) {
    halves.retain(|&handle| {
        let own = Attributes::read(session, handle, Attributes::PUBLIC_KEY).spki();
        own.is_some_and(|own| KeyBits::of(&own) == KeyBits::of(spki))
    });
}

/// The position of the first one that is beyond doubt.
fn first_of(
    token: &mut OpenToken,
    halves: &[PrivateHalf],
    spki: &[u8],
) -> Result<Option<usize>, TokenError> {
    for (position, half) in halves.iter().enumerate() {
        if half.certain || sign::proves(token, half, spki)? {
            return Ok(Some(position));
        }
    }
    Ok(None)
}

/// The private keys with an id; none of an empty one.
pub(crate) fn bearing(session: &Access<'_>, id: &[u8]) -> Result<Vec<PrivateHalf>, TokenError> {
    if id.is_empty() {
        return Ok(Vec::new());
    }
    let found = find(
        session,
        ObjectClass::PRIVATE_KEY,
        &[Attribute::Id(id.to_vec())],
    )?;
    let half = |handle| PrivateHalf {
        handle,
        id: id.to_vec(),
        certain: false,
    };
    Ok(found.into_iter().map(half).collect())
}

fn by_modulus(
    session: &Access<'_>,
    spki: &[u8],
    modulus: Vec<u8>,
) -> Result<Vec<PrivateHalf>, TokenError> {
    let mark = [Attribute::Modulus(modulus)];
    let found = find(session, ObjectClass::PRIVATE_KEY, &mark).unwrap_or_default();
    let halves = found.into_iter().filter_map(|handle| {
        let read = Attributes::read(session, handle, Attributes::PRIVATE_KEY);
        let own = read.spki()?;
        (KeyBits::of(&own) == KeyBits::of(spki)).then_some(PrivateHalf {
            handle,
            id: read.id,
            certain: true,
        })
    });
    Ok(halves.collect())
}

fn candidates(session: &Access<'_>, spki: &[u8]) -> Result<Vec<PrivateHalf>, TokenError> {
    let wanted = KeyBits::of(spki);
    let mut certain = Vec::new();
    let mut silent = Vec::new();
    for handle in find(session, ObjectClass::PRIVATE_KEY, &[])? {
        let read = Attributes::read(session, handle, Attributes::PRIVATE_KEY);
        let half = |certain| PrivateHalf {
            handle,
            id: read.id.clone(),
            certain,
        };
        match read.spki() {
            Some(own) if KeyBits::of(&own) == wanted => certain.push(half(true)),
            Some(_) => {}
            None => silent.push(half(false)),
        }
    }
    if !silent.is_empty() {
        let ids = ids_of(session, spki)?;
        silent.retain(|half| ids.contains(&half.id));
    }
    certain.append(&mut silent);
    Ok(certain)
}

/// The ids under which a public key is known: those of its public objects, else those of its
/// certificates, which are looked at last because there may be many.
fn ids_of(session: &Access<'_>, spki: &[u8]) -> Result<Vec<Vec<u8>>, TokenError> {
    let id = |handle| Attributes::read(session, handle, &[AttributeType::Id]).id;
    let ids: Vec<_> = public_halves(session, spki)?.into_iter().map(id).collect();
    if !ids.is_empty() {
        return Ok(ids);
    }
    let certified = find(session, ObjectClass::CERTIFICATE, &[])?
        .into_iter()
        .filter_map(|handle| {
            let read = Attributes::read(session, handle, Attributes::CERTIFICATE);
            let own = spki::of_certificate(&read.value)?;
            (KeyBits::of(own) == KeyBits::of(spki)).then_some(read.id)
        });
    Ok(certified.collect())
}

//! Who may speak at all: the rules that every request's head must pass.

use std::str;

use axum::http::{HeaderMap, Uri, Version};
use thiserror::Error;

use crate::{
    driver::RefusedOrigins,
    profile::{Current, TrustedOrigin},
};

/// Judges heads by the listed origins and the port that the agent listens on.
pub(super) struct Guard {
    hosts: [String; 2],
    profiles: Current,
    refused: RefusedOrigins,
}

/// Why a connection is closed without a byte; for the log only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum Stranger {
    /// Not HTTP/1.1 as a browser speaks it.
    #[error("malformed head")]
    Malformed,
    /// The head is larger than [`Limits::head`](super::Limits::head).
    #[error("oversized head")]
    Oversized,
    /// Head or body did not come in time, or the peer went away.
    #[error("slow or gone")]
    Slow,
    /// The target is not a path: absolute form, authority form or `*`.
    #[error("target is not a path")]
    Target,
    /// Host is missing, there twice, or names something else (DNS rebinding).
    #[error("wrong host")]
    Host,
    /// Origin is missing, there twice, or not listed.
    #[error("unlisted origin")]
    Origin,
    /// A fetch that is not under CORS: no-cors, navigate, websocket.
    #[error("fetch mode is not cors")]
    FetchMode,
    /// A page of another site, or a place that no page of ours loads from.
    #[error("not from a page of its own")]
    Elsewhere,
    /// The peer's socket belongs to another user of this PC.
    #[error("another user's socket")]
    OtherUser,
}

impl Guard {
    pub(super) fn new(port: u16, profiles: impl Into<Current>, refused: RefusedOrigins) -> Self {
        Self {
            hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")],
            profiles: profiles.into(),
            refused,
        }
    }

    /// Judges a head that hyper parsed.
    pub(super) fn judge(
        &self,
        target: &Uri,
        version: Version,
        fields: &HeaderMap,
    ) -> Result<TrustedOrigin, Stranger> {
        self.judge_fields(&parsed(target, version, fields)?)
    }

    /// Judges a head before hyper sees it.
    pub(super) fn judge_raw(
        &self,
        head: &httparse::Request<'_, '_>,
    ) -> Result<TrustedOrigin, Stranger> {
        self.judge_fields(&raw(head)?)
    }

    fn judge_fields(&self, fields: &[Field<'_>]) -> Result<TrustedOrigin, Stranger> {
        let host = only(named(fields, "host")).ok_or(Stranger::Host)?;
        if !self.hosts.iter().any(|mine| mine.as_bytes() == host) {
            return Err(Stranger::Host);
        }
        // Browsers send `cors` with a fetch that CORS governs and with its preflight. Programs
        // that are no browser send nothing.
        if named(fields, "sec-fetch-mode").any(|mode| mode != b"cors") {
            return Err(Stranger::FetchMode);
        }
        let origin = only(named(fields, "origin")).ok_or(Stranger::Origin)?;
        let trusted = str::from_utf8(origin)
            .ok()
            .and_then(|origin| self.profiles.now().trust(origin));
        if trusted.is_none() {
            self.refused.remember(origin);
        }
        trusted.ok_or(Stranger::Origin)
    }
}

/// The fields of a head that hyper parsed, if it is HTTP/1.1 and its target a path.
pub(crate) fn parsed<'a>(
    target: &Uri,
    version: Version,
    fields: &'a HeaderMap,
) -> Result<Vec<Field<'a>>, Stranger> {
    if version != Version::HTTP_11 {
        return Err(Stranger::Malformed);
    }
    if target.authority().is_some() || !target.path().starts_with('/') {
        return Err(Stranger::Target);
    }
    Ok(fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect())
}

/// The same of a head before hyper sees it.
///
/// It also refuses what hyper would answer by itself, with a status: an unreadable target and an
/// ambiguous length of the body (RFC 9112, section 6.3).
pub(crate) fn raw<'a>(head: &httparse::Request<'_, 'a>) -> Result<Vec<Field<'a>>, Stranger> {
    if head.version != Some(1) {
        return Err(Stranger::Malformed);
    }
    let target = head.path.ok_or(Stranger::Malformed)?;
    if !target.starts_with('/') {
        return Err(Stranger::Target);
    }
    let target: Uri = target.parse().map_err(|_| Stranger::Malformed)?;
    if target.authority().is_some() {
        return Err(Stranger::Target);
    }
    let fields: Vec<_> = head
        .headers
        .iter()
        .map(|field| (field.name, field.value))
        .collect();
    let lengths: Vec<_> = named(&fields, "content-length").collect();
    let codings: Vec<_> = named(&fields, "transfer-encoding").collect();
    match (lengths.as_slice(), codings.as_slice()) {
        ([], []) => {}
        ([length], []) if is_length(length) => {}
        ([], [coding]) if coding.eq_ignore_ascii_case(b"chunked") => {}
        _ => return Err(Stranger::Malformed),
    }
    Ok(fields)
}

/// A field's name, in any case, and its value.
pub(crate) type Field<'a> = (&'a str, &'a [u8]);

pub(crate) fn named<'a>(fields: &'a [Field<'a>], name: &str) -> impl Iterator<Item = &'a [u8]> {
    fields
        .iter()
        .filter(move |(field, _)| field.eq_ignore_ascii_case(name))
        .map(|(_, value)| *value)
}

pub(crate) fn only<T>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

fn is_length(value: &[u8]) -> bool {
    (1..=18).contains(&value.len()) && value.iter().all(u8::is_ascii_digit)
}

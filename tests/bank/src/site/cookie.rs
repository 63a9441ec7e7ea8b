//! Cookies: a session's secret for each site, and the language.
//!
//! `__Host-` ties a cookie to the one host over TLS. SameSite is Lax, not Strict: the CA's
//! session begins with a form that the bank's page sends, and the redirect after it counts as
//! cross-site. Changes of state are guarded by CSRF tokens and the Origin besides.

use axum::http::HeaderMap;

use crate::{
    page::{Language, cookie},
    store::Site,
};

/// The secret of the session that a request brings.
pub(super) fn read(site: Site, headers: &HeaderMap) -> Option<&str> {
    cookie(headers, name(site))
}

/// The cookie that begins a session.
pub(super) fn set(site: Site, secret: &str) -> String {
    format!(
        "{}={secret}; Path=/; Secure; HttpOnly; SameSite=Lax",
        name(site)
    )
}

/// The cookie that ends a session.
pub(super) fn clear(site: Site) -> String {
    format!(
        "{}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
        name(site)
    )
}

/// The cookie that remembers a language for a year.
pub(super) fn language(language: Language) -> String {
    format!(
        "lang={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000",
        language.tag()
    )
}

fn name(site: Site) -> &'static str {
    match site {
        Site::Bank => "__Host-bank-session",
        Site::Ca => "__Host-ca-session",
    }
}

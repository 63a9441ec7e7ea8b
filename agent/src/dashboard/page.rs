//! What is served to everybody whom the guard lets pass: the page, its script and its style. None
//! of it says anything about this PC.

use axum::{
    http::{
        HeaderName, HeaderValue,
        header::{
            ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
            X_FRAME_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

use crate::language::{Language, Texts};

/// The files beside the page: path, type, contents.
pub(super) const FILES: [(&str, &str, &str); 6] = [
    ("/dashboard.css", CSS, include_str!("assets/dashboard.css")),
    ("/parts.css", CSS, include_str!("assets/parts.css")),
    ("/dashboard.js", SCRIPT, include_str!("assets/dashboard.js")),
    ("/parts.js", SCRIPT, include_str!("assets/parts.js")),
    ("/views.js", SCRIPT, include_str!("assets/views.js")),
    (
        "/mark.svg",
        "image/svg+xml",
        include_str!("assets/mark.svg"),
    ),
];

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const PAGE: &str = include_str!("assets/dashboard.html");

/// The texts that the script says.
const TEXTS: [&str; 48] = [
    "dashboard-audit",
    "dashboard-bank",
    "dashboard-certificates",
    "dashboard-details",
    "dashboard-doctor",
    "dashboard-due",
    "dashboard-empty-certificates",
    "dashboard-empty-readers",
    "dashboard-empty-renewals",
    "dashboard-empty-tokens",
    "dashboard-empty-trail",
    "dashboard-failed",
    "dashboard-head",
    "dashboard-holder",
    "dashboard-issuer",
    "dashboard-key",
    "dashboard-legend-grace",
    "dashboard-legend-today",
    "dashboard-legend-valid",
    "dashboard-legend-window",
    "dashboard-live",
    "dashboard-loading",
    "dashboard-lost",
    "dashboard-module",
    "dashboard-none-due",
    "dashboard-number",
    "dashboard-origin",
    "dashboard-over",
    "dashboard-reader-empty",
    "dashboard-reader-full",
    "dashboard-readers",
    "dashboard-reference",
    "dashboard-refresh",
    "dashboard-remedy",
    "dashboard-renewals",
    "dashboard-renewing",
    "dashboard-serial",
    "dashboard-session-over",
    "dashboard-session-over-remedy",
    "dashboard-setting",
    "dashboard-settings",
    "dashboard-step",
    "dashboard-steps",
    "dashboard-time",
    "dashboard-token",
    "dashboard-tokens",
    "dashboard-value",
    "dashboard-who",
];

/// The texts of the page itself.
const PAGE_TEXTS: [&str; 5] = [
    "dashboard-title",
    "dashboard-no-script",
    "dashboard-other-language",
    "dashboard-skip",
    "dashboard-views",
];

/// The page in a language.
pub(super) fn path(language: Language) -> &'static str {
    match language {
        Language::Japanese => "/ja",
        Language::English => "/en",
    }
}

/// The page in a language: it has the texts, and no data.
pub(super) fn page(language: Language) -> Response {
    let texts = Texts::of(language);
    let other = match language {
        Language::Japanese => Language::English,
        Language::English => Language::Japanese,
    };
    let said: Map<String, Value> = TEXTS
        .iter()
        .map(|id| {
            let name = id.strip_prefix("dashboard-").unwrap_or(id);
            (name.to_owned(), texts.say(id, &[]).into())
        })
        .collect();
    // A script element ends at "</script" whatever its type; JSON may write "<" otherwise.
    let said = Value::from(said).to_string().replace('<', "\\u003c");
    let mut page = PAGE
        .replace("{language}", language.tag())
        .replace("{other-language}", other.tag())
        .replace("{texts}", &said);
    for id in PAGE_TEXTS {
        page = page.replace(&format!("{{{id}}}"), &escaped(&texts.say(id, &[])));
    }
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

/// Gives an answer what keeps other sites, and what lies about on a page, from it.
pub(super) fn protect(mut response: Response) -> Response {
    let fields = response.headers_mut();
    fields.remove(ACCESS_CONTROL_ALLOW_ORIGIN);
    for (name, value) in PROTECTION {
        fields.insert(name, HeaderValue::from_static(value));
    }
    response
}

const PROTECTION: [(HeaderName, &str); 6] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
    ),
    (REFERRER_POLICY, "no-referrer"),
    (X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// `say('name')`, however often.
    fn said_by_scripts() -> BTreeSet<String> {
        let scripts = FILES.iter().filter(|(path, ..)| path.ends_with(".js"));
        let mut said = BTreeSet::new();
        for (_, _, text) in scripts {
            for call in text.split("say('").skip(1) {
                let name = call.split('\'').next().unwrap();
                said.insert(format!("dashboard-{name}"));
            }
        }
        said
    }

    #[test]
    fn the_scripts_say_what_the_page_brings_and_nothing_else() {
        let brought: BTreeSet<String> = TEXTS.iter().map(ToString::to_string).collect();
        assert_eq!(said_by_scripts(), brought);
    }

    #[test]
    fn the_page_has_each_of_its_texts_and_no_hole() {
        for id in PAGE_TEXTS {
            assert!(PAGE.contains(&format!("{{{id}}}")), "{id}");
        }
        let page = PAGE_TEXTS
            .iter()
            .fold(PAGE.to_owned(), |page, id| {
                page.replace(&format!("{{{id}}}"), "")
            })
            .replace("{language}", "")
            .replace("{other-language}", "")
            .replace("{texts}", "");
        assert!(!page.contains('{'), "{page}");
    }

    /// What the policy forbids would not work, and nobody would be told.
    #[test]
    fn no_file_asks_for_what_its_policy_forbids() {
        let all = FILES.iter().map(|(_, _, text)| *text).chain([PAGE]);
        for text in all {
            for forbidden in [
                "innerHTML",
                "outerHTML",
                "document.cookie",
                "eval(",
                "style=\"",
                "onclick",
                "https://",
                "localStorage",
            ] {
                assert!(!text.contains(forbidden), "{forbidden}");
            }
        }
    }
}

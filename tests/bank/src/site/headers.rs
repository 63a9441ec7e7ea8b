//! Security headers, by kind of answer.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// What every answer of a site carries.
pub(super) struct Rules {
    policy: HeaderValue,
}

impl Rules {
    /// Pages load nothing from elsewhere, and talk to the agent's ports only. Forms go to this
    /// site and `form_target`.
    pub(super) fn new(form_target: Option<&str>, first_port: u16, port_count: u16) -> Self {
        let ports: Vec<String> = (first_port..=u16::MAX)
            .take(usize::from(port_count))
            .map(|port| format!("http://127.0.0.1:{port}"))
            .collect();
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
             connect-src 'self' {}; form-action 'self' {}; base-uri 'none'; \
             frame-ancestors 'none'",
            ports.join(" "),
            form_target.unwrap_or_default()
        );
        Self {
            policy: HeaderValue::from_str(&policy).expect("origins and ports are ASCII"),
        }
    }

    /// Adds them. A page names its own caching only where it is an asset.
    pub(super) fn apply(&self, headers: &mut HeaderMap) {
        let is_page = headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        if is_page {
            headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        }
        if !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        for (name, value) in [
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            // Only the origin goes along, which the form to the other site needs.
            (header::REFERRER_POLICY, "strict-origin"),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                "same-origin",
            ),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

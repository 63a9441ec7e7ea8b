//! Koshin's profile for this bank: what a real bank would hand to its customers.

use std::fmt::Write as _;

use crate::{BankError, Policy, ca};

/// The profile as TOML.
///
/// # Errors
/// When a CA certificate is too long for PEM.
pub(crate) fn toml(
    authorities: &ca::Authorities,
    policy: &Policy,
    bank_origin: &str,
    ca_origin: &str,
) -> Result<String, BankError> {
    let mut text = r#"# Koshin's profile for the reference bank, which stands in for a real one.

key-types = ["p-256", "p-384", "ed25519", "rsa-2048", "rsa-3072", "rsa-4096"]
"#
    .to_owned();
    let _ = write!(
        text,
        "# When the old certificate goes.\nretire = \"{}\"\nissuers = [\n",
        policy.old_ends.as_str()
    );
    for issuer in [&authorities.user_root, &authorities.user_issuing] {
        let _ = writeln!(text, "'''\n{}''',", ca::pem(issuer.certificate())?);
    }
    let _ = write!(
        text,
        r#"]

[name]
ja = "みほん信用金庫"
en = "Mihon Shinkin Bank"

[help-desk]
phone = "0120-000-000"
hours = {{ ja = "平日 9:00～18:00", en = "Weekdays 9:00–18:00 (Japan)" }}

[pin]
ja = "電子証明書の暗証番号（PIN）"
en = "certificate PIN"

[[origins]]
origin = "{bank_origin}"
role = "bank"

[[origins]]
origin = "{ca_origin}"
role = "ca"

[renewal]
window = "{window}d"
notice = [{notice}]
grace = "{grace}d"
"#,
        window = policy.window_days,
        notice = policy
            .notice_days()
            .map(|days| format!("\"{days}d\""))
            .join(", "),
        grace = policy.grace_days,
    );
    Ok(text)
}

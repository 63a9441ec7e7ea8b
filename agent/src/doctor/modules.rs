//! Modules and tokens, each module looked at in a worker of its own, without a login.

use pkcs11_bridge::{ModuleSpec, WorkerLauncher, client};
use protocol::certificate::Certificate;

use super::{Finding, Group::Tokens};
use crate::profile::Profiles;

/// How many tokens there are, and what was found.
pub(super) async fn look(
    launcher: &WorkerLauncher,
    modules: &[ModuleSpec],
    profiles: &Profiles,
) -> (usize, Vec<Finding>) {
    if modules.is_empty() {
        return (0, vec![Finding::failed(Tokens, "doctor-no-module")]);
    }
    let mut findings = Vec::new();
    let mut tokens = 0;
    let mut certificates = 0;
    for (module, listing) in modules.iter().zip(client::list(launcher, modules).await) {
        let listed = match listing.tokens {
            Ok(listed) => listed,
            Err(error) => {
                let id = if module.path.exists() {
                    "doctor-module-failed"
                } else {
                    "doctor-module-absent"
                };
                findings.push(
                    Finding::failed(Tokens, id)
                        .with("module", &module.name)
                        .with("path", module.path.display())
                        .because(error),
                );
                continue;
            }
        };
        findings.push(
            Finding::ok(Tokens, "doctor-module")
                .with("module", &module.name)
                .with("path", module.path.display()),
        );
        for found in listed.iter().filter(|found| found.token.initialized) {
            tokens += 1;
            let ours = found
                .inventory
                .certificates
                .iter()
                .filter_map(|entry| Certificate::from_der(&entry.der).ok())
                .filter(|certificate| profiles.for_certificate(certificate).next().is_some())
                .count();
            certificates += ours;
            let pin = &found.token.pin;
            let finding = if pin.locked {
                Finding::failed(Tokens, "doctor-pin-locked")
            } else if pin.final_try || pin.count_low {
                Finding::warning(Tokens, "doctor-pin-low")
            } else {
                Finding::ok(Tokens, "doctor-token")
            };
            findings.push(
                finding
                    .with("token", &found.token.label)
                    .with("count", ours),
            );
        }
    }
    let works = findings.iter().any(|finding| finding.id == "doctor-module");
    if works && tokens == 0 {
        findings.push(Finding::warning(Tokens, "doctor-no-token"));
    } else if tokens > 0 && certificates == 0 {
        findings.push(Finding::warning(Tokens, "doctor-no-certificate"));
    }
    (tokens, findings)
}

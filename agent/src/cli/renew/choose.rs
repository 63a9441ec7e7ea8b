//! Which certificate a name on the command line means.

use protocol::bridge::{Certificate, Status};

use crate::cli::{
    CliError, Exit,
    list::{short, table},
    session::Session,
};

/// The fewest digits of an id that name a certificate.
const FEWEST_DIGITS: usize = 4;

/// What the certificate is wanted for, which tells apart those of the same name: after a
/// renewal the token holds two for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To begin a renewal, or to find it again.
    Begin,
    /// To go on with a renewal.
    Continue,
}

/// The one certificate of that name, or with an id that begins so.
pub(super) fn choose(
    session: &Session<'_>,
    certificates: &[Certificate],
    name: &str,
    purpose: Purpose,
) -> Result<Certificate, Box<CliError>> {
    if certificates.is_empty() {
        let nothing = CliError::new(session.texts, Exit::Refused, "cli-no-certificates", &[]);
        return Err(nothing.into());
    }
    match pick(certificates, name, purpose)[..] {
        [one] => Ok(one.clone()),
        [] => {
            let all: Vec<&Certificate> = certificates.iter().collect();
            Err(refuse(session, "cli-certificate-unknown", name, &all))
        }
        ref several => Err(refuse(session, "cli-certificate-ambiguous", name, several)),
    }
}

fn pick<'c>(certificates: &'c [Certificate], name: &str, purpose: Purpose) -> Vec<&'c Certificate> {
    let named = |certificate: &&Certificate| certificate.name == name;
    let mut candidates: Vec<&Certificate> = certificates.iter().filter(named).collect();
    let digits = name.to_ascii_lowercase();
    if candidates.is_empty() && digits.len() >= FEWEST_DIGITS {
        let begins = |certificate: &&Certificate| certificate.id.starts_with(&digits);
        return certificates.iter().filter(begins).collect();
    }
    let under_way = |certificate: &&Certificate| certificate.renewal.is_some();
    let due = |certificate: &&Certificate| match certificate.status {
        Status::Due | Status::Urgent | Status::Expired => true,
        Status::NotYetValid | Status::Valid | Status::PastGrace => false,
    };
    narrow(&mut candidates, under_way);
    if purpose == Purpose::Begin {
        narrow(&mut candidates, due);
    }
    candidates
}

/// Keeps those that fit, unless none does.
fn narrow(candidates: &mut Vec<&Certificate>, fits: impl Fn(&&Certificate) -> bool) {
    if candidates.iter().any(&fits) {
        candidates.retain(fits);
    }
}

fn refuse(
    session: &Session<'_>,
    id: &str,
    name: &str,
    candidates: &[&Certificate],
) -> Box<CliError> {
    let mut error = CliError::new(session.texts, Exit::Usage, id, &[("name", name)]);
    let rows = table(session, candidates.iter().copied()).lines();
    error.causes.extend(rows);
    if let [first, ..] = candidates {
        let digits = short(&first.id);
        error.hints = vec![session.say(&format!("{id}.hint"), &[("id", digits)])];
    }
    error.into()
}

#[cfg(test)]
mod tests {
    use protocol::bridge::{CurrentKey, KeyStatus, TokenSummary};

    use super::*;

    fn certificate(id: &str, name: &str, status: Status, renewal: Option<&str>) -> Certificate {
        Certificate {
            id: id.repeat(64 / id.len()),
            subject: format!("CN={name}"),
            name: name.to_owned(),
            serial: "01".to_owned(),
            issuer: "CN=CA".to_owned(),
            not_before: "2026-01-01T00:00:00Z".to_owned(),
            not_after: "2027-01-01T00:00:00Z".to_owned(),
            days_left: 40,
            status,
            token: TokenSummary {
                label: "T".to_owned(),
                serial: "1".to_owned(),
                manufacturer: "M".to_owned(),
            },
            key: CurrentKey {
                r#type: "p-256".to_owned(),
                status: KeyStatus::Present,
            },
            renewal: renewal.map(str::to_owned),
        }
    }

    fn picked(all: &[Certificate], name: &str, purpose: Purpose) -> Vec<String> {
        let picked = pick(all, name, purpose);
        picked.iter().map(|one| one.id[..4].to_owned()).collect()
    }

    #[test]
    fn a_whole_name_or_the_beginning_of_an_id_names_a_certificate() {
        let all = [
            certificate("aaaa", "keiri-01", Status::Due, None),
            certificate("aabb", "keiri-02", Status::Due, None),
        ];
        assert_eq!(picked(&all, "keiri-01", Purpose::Begin), ["aaaa"]);
        assert_eq!(picked(&all, "AABB", Purpose::Begin), ["aabb"]);
        assert!(picked(&all, "aa", Purpose::Begin).is_empty());
        assert!(picked(&all, "keiri", Purpose::Begin).is_empty());
    }

    #[test]
    fn of_two_with_one_name_the_one_under_way_or_due_is_meant() {
        let old = certificate("aaaa", "keiri-01", Status::Due, None);
        let new = certificate("bbbb", "keiri-01", Status::Valid, None);
        let all = [old, new];
        assert_eq!(picked(&all, "keiri-01", Purpose::Begin), ["aaaa"]);
        assert_eq!(picked(&all, "keiri-01", Purpose::Continue).len(), 2);
        let mut all = all;
        all[0].renewal = Some("r".to_owned());
        assert_eq!(picked(&all, "keiri-01", Purpose::Continue), ["aaaa"]);
    }
}

//! The smart-card service (PC/SC) and its readers. A PC whose tokens are no smart cards needs
//! neither.

use pkcs11_bridge::readers::{self, Reader, ReadersError};

use super::{Finding, Group::Readers};

/// `tokens`: how many the modules show.
pub(super) async fn look(tokens: usize) -> Vec<Finding> {
    // The service may take its time to start.
    match tokio::task::spawn_blocking(readers::snapshot).await {
        Ok(seen) => judge(&seen, tokens),
        Err(_) => Vec::new(),
    }
}

fn judge(seen: &Result<Vec<Reader>, ReadersError>, tokens: usize) -> Vec<Finding> {
    let readers = match seen {
        Err(ReadersError::NoService) if tokens > 0 => {
            return vec![Finding::ok(Readers, "doctor-no-service-needed")];
        }
        Err(ReadersError::NoService) => {
            return vec![Finding::warning(Readers, "doctor-no-service")];
        }
        Err(error @ ReadersError::Failed(cause)) => {
            return vec![
                Finding::failed(Readers, "doctor-service-failed")
                    .because(error)
                    .because(cause),
            ];
        }
        Ok(readers) => readers,
    };
    let mut findings = vec![Finding::ok(Readers, "doctor-service")];
    findings.extend(readers.iter().map(|reader| {
        let id = if reader.card_present {
            "doctor-reader-with-card"
        } else {
            "doctor-reader"
        };
        Finding::ok(Readers, id).with("reader", &reader.name)
    }));
    if readers.is_empty() && tokens == 0 {
        findings.push(Finding::warning(Readers, "doctor-no-reader"));
    }
    if readers.iter().any(|reader| reader.card_present) && tokens == 0 {
        findings.push(Finding::warning(Readers, "doctor-card-unknown"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(seen: &Result<Vec<Reader>, ReadersError>, tokens: usize) -> Vec<&'static str> {
        judge(seen, tokens)
            .iter()
            .map(|finding| finding.id)
            .collect()
    }

    #[test]
    fn a_card_that_no_module_knows_is_told_from_no_card() {
        let reader = |card_present| Reader {
            name: "ACS ACR39U".to_owned(),
            card_present,
            changes: 0,
        };
        assert_eq!(
            ids(&Ok(vec![reader(true)]), 0),
            [
                "doctor-service",
                "doctor-reader-with-card",
                "doctor-card-unknown"
            ]
        );
        assert_eq!(
            ids(&Ok(vec![reader(true)]), 1),
            ["doctor-service", "doctor-reader-with-card"]
        );
        assert_eq!(
            ids(&Ok(vec![reader(false)]), 0),
            ["doctor-service", "doctor-reader"]
        );
        assert_eq!(
            ids(&Ok(Vec::new()), 0),
            ["doctor-service", "doctor-no-reader"]
        );
        assert_eq!(ids(&Ok(Vec::new()), 1), ["doctor-service"]);
    }

    #[test]
    fn the_service_is_missed_only_where_no_token_is_seen() {
        let none = Err(ReadersError::NoService);
        assert_eq!(ids(&none, 0), ["doctor-no-service"]);
        assert_eq!(ids(&none, 1), ["doctor-no-service-needed"]);
    }
}

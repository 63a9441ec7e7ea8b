//! Who may speak to the dashboard: a browser that was sent to its page, and that page.

use axum::http::{HeaderMap, Uri, Version};

use crate::bridge::guard::{Field, Stranger, named, only, parsed, raw};

/// Judges heads by the port that the dashboard listens on.
pub(super) struct Guard {
    host: String,
    origin: String,
}

impl Guard {
    pub(super) fn new(port: u16) -> Self {
        let host = format!("127.0.0.1:{port}");
        Self {
            origin: format!("http://{host}"),
            host,
        }
    }

    /// Judges a head that hyper parsed.
    pub(super) fn judge(
        &self,
        target: &Uri,
        version: Version,
        fields: &HeaderMap,
    ) -> Result<(), Stranger> {
        self.judge_fields(&parsed(target, version, fields)?)
    }

    /// Judges a head before hyper sees it.
    pub(super) fn judge_raw(&self, head: &httparse::Request<'_, '_>) -> Result<(), Stranger> {
        self.judge_fields(&raw(head)?)
    }

    /// Every browser that the dashboard is for sends `Sec-Fetch-*` (Fetch Metadata) to this PC:
    /// what does not is none, and learns nothing, not even that somebody listens.
    fn judge_fields(&self, fields: &[Field<'_>]) -> Result<(), Stranger> {
        let one = |name| only(named(fields, name));
        if one("host") != Some(self.host.as_bytes()) {
            return Err(Stranger::Host);
        }
        let allowed = match (one("sec-fetch-site"), one("sec-fetch-mode")) {
            // The person, or a program at their bidding, opens the page: in no frame.
            (Some(b"none" | b"same-origin"), Some(b"navigate")) => {
                one("sec-fetch-dest") == Some(b"document")
            }
            (Some(b"same-origin"), Some(_)) => true,
            _ => false,
        };
        if !allowed {
            return Err(Stranger::Elsewhere);
        }
        let foreign = named(fields, "origin").any(|origin| origin != self.origin.as_bytes());
        if foreign {
            return Err(Stranger::Origin);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: (&str, &str) = ("Host", "127.0.0.1:50000");
    const OWN: (&str, &str) = ("Origin", "http://127.0.0.1:50000");

    fn judged(fields: &[(&str, &str)]) -> Result<(), Stranger> {
        let fields: Vec<Field<'_>> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_bytes()))
            .collect();
        Guard::new(50000).judge_fields(&fields)
    }

    fn fetch<'a>(site: &'a str, mode: &'a str, dest: &'a str) -> [(&'a str, &'a str); 3] {
        [
            ("Sec-Fetch-Site", site),
            ("Sec-Fetch-Mode", mode),
            ("Sec-Fetch-Dest", dest),
        ]
    }

    #[test]
    fn the_page_is_opened_by_a_person_and_loads_what_is_its_own() {
        for [site, mode, dest] in [
            ["none", "navigate", "document"],
            ["same-origin", "navigate", "document"],
            ["same-origin", "cors", "empty"],
            ["same-origin", "cors", "script"],
            ["same-origin", "no-cors", "style"],
        ] {
            let mut fields = vec![HOST];
            fields.extend(fetch(site, mode, dest));
            assert_eq!(judged(&fields), Ok(()), "{site} {mode} {dest}");
            fields.push(OWN);
            assert_eq!(judged(&fields), Ok(()), "{site} {mode} {dest}, its origin");
        }
    }

    #[test]
    fn no_other_page_reaches_it() {
        for [site, mode, dest] in [
            ["cross-site", "navigate", "document"],
            ["same-site", "navigate", "document"],
            ["none", "navigate", "iframe"],
            ["same-origin", "navigate", "iframe"],
            ["cross-site", "no-cors", "image"],
            ["same-site", "cors", "empty"],
            ["none", "cors", "empty"],
        ] {
            let mut fields = vec![HOST];
            fields.extend(fetch(site, mode, dest));
            assert_eq!(
                judged(&fields),
                Err(Stranger::Elsewhere),
                "{site} {mode} {dest}"
            );
        }
        assert_eq!(judged(&[HOST]), Err(Stranger::Elsewhere));
        let twice = [HOST, ("Sec-Fetch-Site", "same-origin")];
        let twice: Vec<_> = twice
            .into_iter()
            .chain(fetch("same-origin", "cors", "empty"))
            .collect();
        assert_eq!(judged(&twice), Err(Stranger::Elsewhere));
    }

    #[test]
    fn host_and_origin_are_its_own_to_the_letter() {
        let own = fetch("same-origin", "cors", "empty");
        let with = |fields: &[(&'static str, &'static str)]| {
            judged(&fields.iter().copied().chain(own).collect::<Vec<_>>())
        };
        for host in [
            "localhost:50000",
            "127.0.0.1:50001",
            "127.0.0.1",
            "bank.example",
        ] {
            assert_eq!(with(&[("Host", host)]), Err(Stranger::Host), "{host}");
        }
        assert_eq!(with(&[]), Err(Stranger::Host));
        assert_eq!(with(&[HOST, HOST]), Err(Stranger::Host));
        for origin in [
            "null",
            "http://127.0.0.1:50001",
            "https://127.0.0.1:50000",
            "",
        ] {
            let refused = with(&[HOST, ("Origin", origin)]);
            assert_eq!(refused, Err(Stranger::Origin), "{origin}");
        }
        assert_eq!(
            with(&[HOST, OWN, ("Origin", "null")]),
            Err(Stranger::Origin)
        );
    }
}

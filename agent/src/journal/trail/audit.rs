//! The trail as an auditor reads it: entry by entry as it stands in the file or in an export, with
//! nothing taken on trust, and what is wrong with it.
//!
//! An export is JSON lines, an entry a line, with the members of [`Row`]. Anybody can compute the
//! hashes again: the fields go in as UTF-8 text, in the order `renewal`, `certificate`, `owner`,
//! `revision`, `at`, `what`, `state`, the numbers in decimal.

use std::{fmt, path::Path, str::FromStr};

use rusqlite::{Connection, OpenFlags, types::ValueRef};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{super::JournalError, Head, hash};

/// An entry as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its number, from 1 without gaps.
    pub sequence: i64,
    /// When, as Unix time in seconds.
    pub at: i64,
    /// The renewal's id.
    pub renewal: String,
    /// The old certificate's id, see [`Entry`](super::Entry).
    pub certificate: String,
    /// Who drove the renewal: the page's origin, or `cli`.
    pub owner: String,
    /// The renewal's revision.
    pub revision: i64,
    /// What happened.
    pub what: String,
    /// The state that the renewal was in then.
    pub state: String,
    /// The entry's hash, as hexadecimal.
    pub hash: String,
}

impl Row {
    fn hash_after(&self, before: &Head) -> Head {
        hash(
            before,
            [
                &self.renewal,
                &self.certificate,
                &self.owner,
                &self.revision.to_string(),
                &self.at.to_string(),
                &self.what,
                &self.state,
            ],
        )
    }
}

/// What an audit of a trail found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// What is wrong, in the order of the entries; nothing is, if it is empty.
    pub flaws: Vec<Flaw>,
    /// The hash of the last entry; zero bytes where there is none.
    pub head: Head,
}

/// What is wrong with a trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// These entries are not there.
    Missing {
        /// The first one.
        first: i64,
        /// The last one.
        last: i64,
    },
    /// The entry follows one that did not stand before it when it was written: the order was
    /// changed, or entries between them were removed.
    Displaced {
        /// Its number.
        sequence: i64,
        /// The entry that it was written after; 0 for the trail's beginning.
        after: i64,
    },
    /// The entry's fields are not those that were hashed, or the entry before it was replaced.
    Altered {
        /// Its number.
        sequence: i64,
    },
}

/// What a known head says of a trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Witness {
    /// The trail has the entry with that head; `later` came after it.
    Present {
        /// The entry's number; 0 for the trail's beginning.
        sequence: i64,
        /// How many entries came after it.
        later: usize,
    },
    /// It has not: entries at its end were removed, or it was written anew.
    Absent,
}

/// The entries of a journal, of which nothing is changed. A file that is not there has none.
///
/// # Errors
/// When the file is no journal or cannot be read.
pub fn read(path: &Path) -> Result<Vec<Row>, JournalError> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let open = |source| JournalError::Open {
        path: path.to_owned(),
        source,
    };
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(open)?;
    let mut statement = connection
        .prepare(
            "SELECT sequence, at, renewal, certificate_id, owner, revision, what, state, hash \
             FROM trail ORDER BY sequence",
        )
        .map_err(open)?;
    let mut rows = statement.query([])?;
    let mut read = Vec::new();
    while let Some(row) = rows.next()? {
        // Another program may have written what Koshin never would, and that is to be shown.
        let text = |index| -> Result<String, rusqlite::Error> {
            Ok(match row.get_ref(index)? {
                ValueRef::Null => String::new(),
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Real(number) => number.to_string(),
                ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                ValueRef::Blob(bytes) => hexadecimal(bytes),
            })
        };
        read.push(Row {
            sequence: row.get(0)?,
            at: row.get(1)?,
            renewal: text(2)?,
            certificate: text(3)?,
            owner: text(4)?,
            revision: row.get(5)?,
            what: text(6)?,
            state: text(7)?,
            hash: text(8)?,
        });
    }
    Ok(read)
}

/// Looks at every entry: is it bound to the one before it, and is none missing?
///
/// The end of a trail cannot be missed in the trail itself: see [`witness`].
#[must_use]
pub fn audit(rows: &[Row]) -> Audit {
    let mut flaws = Vec::new();
    let mut before = Head::default();
    let mut number = 0;
    for row in rows {
        let stored = parse_head(&row.hash);
        if row.sequence != number + 1 {
            flaws.push(Flaw::Missing {
                first: number + 1,
                last: row.sequence - 1,
            });
        } else if stored != Some(row.hash_after(&before)) {
            flaws.push(why(rows, row, stored));
        }
        number = row.sequence;
        // What is wrong with one entry is not said again of the next.
        before = stored.unwrap_or_default();
    }
    Audit {
        flaws,
        head: before,
    }
}

/// Whether a head that somebody kept (an export, the bank with a proof) is one of the trail's.
/// It counts only beside an [`audit`] without flaws.
#[must_use]
pub fn witness(rows: &[Row], head: &KnownHead) -> Witness {
    if head.0 == Head::default() {
        return Witness::Present {
            sequence: 0,
            later: rows.len(),
        };
    }
    rows.iter()
        .position(|row| parse_head(&row.hash) == Some(head.0))
        .map_or(Witness::Absent, |at| Witness::Present {
            sequence: rows[at].sequence,
            later: rows.len() - at - 1,
        })
}

/// A head that somebody kept: 64 hexadecimal digits as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownHead(pub Head);

/// Not a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a head has 64 hexadecimal digits")]
pub struct NotAHead;

impl FromStr for KnownHead {
    type Err = NotAHead;

    fn from_str(text: &str) -> Result<Self, NotAHead> {
        parse_head(text).map(Self).ok_or(NotAHead)
    }
}

impl fmt::Display for KnownHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hexadecimal(&self.0))
    }
}

/// An entry whose hash does not follow from the one before it: does it follow from another one?
fn why(rows: &[Row], row: &Row, stored: Option<Head>) -> Flaw {
    let beginning = (0, Head::default());
    let others = rows
        .iter()
        .filter_map(|other| Some((other.sequence, parse_head(&other.hash)?)));
    let after = std::iter::once(beginning)
        .chain(others)
        .find(|(_, head)| stored == Some(row.hash_after(head)));
    match after {
        Some((after, _)) => Flaw::Displaced {
            sequence: row.sequence,
            after,
        },
        None => Flaw::Altered {
            sequence: row.sequence,
        },
    }
}

fn parse_head(text: &str) -> Option<Head> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut head = Head::default();
    for (byte, digits) in head.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(head)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A trail of `count` entries, as the journal writes it.
    fn trail(count: i64) -> Vec<Row> {
        let mut before = Head::default();
        (1..=count)
            .map(|sequence| {
                let mut row = Row {
                    sequence,
                    at: 1_795_000_000 + sequence,
                    renewal: "0123456789abcdef0123456789abcdef".to_owned(),
                    certificate: "ab".repeat(32),
                    owner: "https://ca.bank.example".to_owned(),
                    revision: sequence,
                    what: "person-agreed".to_owned(),
                    state: "authenticate".to_owned(),
                    hash: String::new(),
                };
                before = row.hash_after(&before);
                row.hash = hexadecimal(&before);
                row
            })
            .collect()
    }

    fn flaws(rows: &[Row]) -> Vec<Flaw> {
        audit(rows).flaws
    }

    #[test]
    fn a_trail_that_nobody_touched_has_no_flaw() {
        assert_eq!(flaws(&[]), []);
        assert_eq!(audit(&[]).head, Head::default());
        let rows = trail(9);
        assert_eq!(flaws(&rows), []);
        assert_eq!(hexadecimal(&audit(&rows).head), rows[8].hash);
    }

    #[test]
    fn every_field_of_an_entry_is_bound() {
        type Change = fn(&mut Row);
        let changes: [Change; 8] = [
            |row| row.at += 1,
            |row| row.renewal.replace_range(..1, "f"),
            |row| row.certificate.replace_range(..1, "f"),
            |row| row.owner = "cli".to_owned(),
            |row| row.revision = 7,
            |row| row.what = "person-declined".to_owned(),
            |row| row.state = "cancelled".to_owned(),
            // What is moved from one field to the next leaves their sum alone.
            |row| {
                row.what.push('a');
                row.state.remove(0);
            },
        ];
        for change in changes {
            let mut rows = trail(5);
            change(&mut rows[2]);
            assert_eq!(flaws(&rows), [Flaw::Altered { sequence: 3 }]);
        }
        let mut rows = trail(5);
        rows[2].hash = "no hash".to_owned();
        assert_eq!(flaws(&rows)[0], Flaw::Altered { sequence: 3 });
    }

    #[test]
    fn an_entry_that_was_hashed_again_betrays_itself_by_the_next() {
        let mut rows = trail(5);
        rows[2].owner = "cli".to_owned();
        let before = parse_head(&rows[1].hash).unwrap();
        rows[2].hash = hexadecimal(&rows[2].hash_after(&before));
        assert_eq!(flaws(&rows), [Flaw::Altered { sequence: 4 }]);
    }

    #[test]
    fn removed_entries_are_missed_at_the_beginning_and_in_the_middle() {
        let mut rows = trail(6);
        rows.drain(2..4);
        assert_eq!(flaws(&rows), [Flaw::Missing { first: 3, last: 4 }]);
        let mut rows = trail(3);
        rows.remove(0);
        assert_eq!(flaws(&rows), [Flaw::Missing { first: 1, last: 1 }]);
    }

    #[test]
    fn numbering_anew_hides_neither_a_removed_entry_nor_a_changed_order() {
        let renumber = |rows: &mut Vec<Row>| {
            for (number, row) in (1..).zip(rows) {
                row.sequence = number;
            }
        };
        let mut rows = trail(5);
        rows.remove(2);
        renumber(&mut rows);
        assert_eq!(flaws(&rows), [Flaw::Altered { sequence: 3 }]);
        let mut rows = trail(5);
        rows.swap(1, 3);
        renumber(&mut rows);
        let displaced = |sequence, after| Flaw::Displaced { sequence, after };
        // The fourth was written after the third, which is still there; so for the others.
        assert_eq!(
            flaws(&rows),
            [
                displaced(2, 3),
                displaced(3, 4),
                displaced(4, 1),
                displaced(5, 2)
            ]
        );
    }

    #[test]
    fn the_end_is_missed_by_whoever_knows_a_head() {
        let mut rows = trail(5);
        let head: KnownHead = rows[4].hash.parse().unwrap();
        let early: KnownHead = rows[1].hash.to_ascii_uppercase().parse().unwrap();
        let present = |sequence, later| Witness::Present { sequence, later };
        assert_eq!(witness(&rows, &head), present(5, 0));
        assert_eq!(witness(&rows, &early), present(2, 3));
        assert_eq!(witness(&rows, &KnownHead(Head::default())), present(0, 5));
        rows.pop();
        assert_eq!(flaws(&rows), []);
        assert_eq!(witness(&rows, &head), Witness::Absent);
    }

    #[test]
    fn a_head_is_64_hexadecimal_digits() {
        for text in ["", "00", &"g".repeat(64), &"+1".repeat(32), &"0".repeat(65)] {
            assert_eq!(text.parse::<KnownHead>(), Err(NotAHead));
        }
        let text = "0f".repeat(32);
        assert_eq!(text.parse::<KnownHead>().unwrap().to_string(), text);
    }
}

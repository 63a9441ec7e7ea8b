//! Reads a TOML document key by key: every value keeps the line that it came from, and every
//! mistake is found in one pass, with its file, its line and the nearest key that exists.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs, io,
    ops::{Range, RangeInclusive},
    path::{Path, PathBuf},
    time::Duration,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::finding::{Expected, Finding, Findings, Place, Reason};

/// The largest settings file or profile that is read, in bytes.
const MAX_FILE: u64 = 1024 * 1024;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Koshin's own default.
    Default,
    /// A line of a file.
    File(Place),
    /// A flag of the command line, e.g. `--language`.
    Flag(&'static str),
    /// An environment variable, e.g. `XDG_CONFIG_HOME`.
    Environment(&'static str),
}

/// A value with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// Koshin's own default.
    pub const fn default(value: T) -> Self {
        Self {
            value,
            origin: Origin::Default,
        }
    }

    /// The same origin with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced {
            value: change(self.value),
            origin: self.origin,
        }
    }
}

/// A file's text, and what is wrong with it as far as it has been read.
pub struct Document {
    path: PathBuf,
    text: String,
    findings: RefCell<Vec<Finding>>,
}

impl Document {
    /// A text that stands for the file at `path` (which need not exist).
    #[must_use]
    pub fn new(path: &Path, text: String) -> Self {
        Self {
            path: path.to_owned(),
            text,
            findings: RefCell::default(),
        }
    }

    /// Reads the file; `None` if there is none.
    ///
    /// # Errors
    /// A finding if the file is too large, is not UTF-8, or cannot be read.
    pub fn read(path: &Path) -> Result<Option<Self>, Findings> {
        let finding = |reason| Findings(vec![Finding::new(Place::file(path), reason)]);
        let unreadable = |error: io::Error| {
            finding(Reason::Unreadable {
                cause: error.to_string(),
            })
        };
        match fs::metadata(path) {
            Ok(metadata) if metadata.len() > MAX_FILE => {
                return Err(finding(Reason::TooLarge));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error)),
        }
        let text = fs::read_to_string(path).map_err(unreadable)?;
        Ok(Some(Self::new(path, text)))
    }

    /// The file's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads the document's top table with `read`, then reports the keys that `read` did not ask
    /// for. `None` if it is not TOML at all.
    pub fn top<T>(&self, read: impl FnOnce(&mut Section<'_>) -> T) -> Option<T> {
        match DeTable::parse(&self.text) {
            Ok(table) => {
                let mut section = Section::new(self, String::new(), table.get_ref(), 0..0);
                let value = read(&mut section);
                section.finish();
                Some(value)
            }
            Err(error) => {
                let message = error.message().lines().next().unwrap_or_default();
                self.report(
                    error.span().unwrap_or_default(),
                    Reason::Syntax {
                        message: message.to_owned(),
                    },
                );
                None
            }
        }
    }

    /// Reports something about the value that came from `origin`.
    pub fn report_at(&self, origin: &Origin, reason: Reason) {
        let place = match origin {
            Origin::File(place) => place.clone(),
            Origin::Default | Origin::Flag(_) | Origin::Environment(_) => Place::file(&self.path),
        };
        self.findings.borrow_mut().push(Finding::new(place, reason));
    }

    /// What is wrong, in the order of the lines.
    #[must_use]
    pub fn into_findings(self) -> Vec<Finding> {
        let mut findings = self.findings.into_inner();
        findings.sort_by_key(|finding| finding.place.line);
        findings
    }

    fn report(&self, span: Range<usize>, reason: Reason) {
        self.report_at(&self.origin(span), reason);
    }

    fn origin(&self, span: Range<usize>) -> Origin {
        let before = self.text.get(..span.start).unwrap_or_default();
        Origin::File(Place {
            file: self.path.clone(),
            line: Some(before.matches('\n').count() + 1),
        })
    }
}

/// A table of a document. A key that nobody asked for is unknown.
pub struct Section<'d> {
    document: &'d Document,
    name: String,
    table: &'d DeTable<'d>,
    span: Range<usize>,
    asked: Vec<&'static str>,
}

impl<'d> Section<'d> {
    fn new(
        document: &'d Document,
        name: String,
        table: &'d DeTable<'d>,
        span: Range<usize>,
    ) -> Self {
        Self {
            document,
            name,
            table,
            span,
            asked: Vec::new(),
        }
    }

    /// The document that it is part of.
    #[must_use]
    pub fn document(&self) -> &'d Document {
        self.document
    }

    /// Where it begins.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.document.origin(self.span.clone())
    }

    /// A string.
    pub fn text(&mut self, key: &'static str) -> Option<Sourced<String>> {
        let value = self.ask(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(self.sourced(value, text.to_string())),
            _ => self.expected(key, value, Expected::Text),
        }
    }

    /// A string in which `parse` finds a value.
    pub fn parsed<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Reason>,
    ) -> Option<Sourced<T>> {
        let Sourced { value, origin } = self.text(key)?;
        match parse(&value) {
            Ok(value) => Some(Sourced { value, origin }),
            Err(reason) => {
                self.document.report_at(&origin, reason);
                None
            }
        }
    }

    /// One of a few words.
    pub fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &'static [(&'static str, T)],
    ) -> Option<Sourced<T>> {
        let name = self.full_name(key);
        self.parsed(key, |text| choose(&name, text, choices))
    }

    /// `true` or `false`.
    pub fn switch(&mut self, key: &'static str) -> Option<Sourced<bool>> {
        let value = self.ask(key)?;
        match value.get_ref() {
            DeValue::Boolean(switch) => Some(self.sourced(value, *switch)),
            _ => self.expected(key, value, Expected::Switch),
        }
    }

    /// A whole number within `range`.
    pub fn number(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u16>,
    ) -> Option<Sourced<u16>> {
        let value = self.ask(key)?;
        let DeValue::Integer(digits) = value.get_ref() else {
            return self.expected(key, value, Expected::Number);
        };
        match u16::from_str_radix(digits.as_str(), digits.radix()) {
            Ok(number) if range.contains(&number) => Some(self.sourced(value, number)),
            Ok(_) | Err(_) => {
                self.document.report(
                    value.span(),
                    Reason::OutOfRange {
                        key: self.full_name(key),
                        least: range.start().to_string(),
                        most: range.end().to_string(),
                    },
                );
                None
            }
        }
    }

    /// A length of time with its unit (`"90s"`, `"5m"`, `"12h"`, `"30d"`) within `range`.
    pub fn duration(
        &mut self,
        key: &'static str,
        range: RangeInclusive<Duration>,
    ) -> Option<Sourced<Duration>> {
        let name = self.full_name(key);
        self.parsed(key, |text| parse_duration(&name, text, &range))
    }

    /// Whole days (`"30d"`), at most `most`.
    pub fn days(&mut self, key: &'static str, most: u16) -> Option<Sourced<u16>> {
        let name = self.full_name(key);
        self.parsed(key, |text| parse_days(&name, text, most))
    }

    /// A list of strings, each with its line.
    pub fn texts(&mut self, key: &'static str) -> Option<Sourced<Vec<Item>>> {
        let value = self.ask(key)?;
        let DeValue::Array(array) = value.get_ref() else {
            return self.expected(key, value, Expected::Texts);
        };
        let items = array.iter().filter_map(|item| match item.get_ref() {
            DeValue::String(text) => Some(Item {
                text: text.to_string(),
                origin: self.document.origin(item.span()),
                span: item.span(),
            }),
            _ => self.expected(key, item, Expected::Texts),
        });
        Some(self.sourced(value, items.collect()))
    }

    /// A table of strings whose keys are the writer's own, such as environment variables.
    pub fn strings(&mut self, key: &'static str) -> Option<Sourced<BTreeMap<String, String>>> {
        let value = self.ask(key)?;
        let DeValue::Table(table) = value.get_ref() else {
            return self.expected(key, value, Expected::Table);
        };
        let entries = table
            .iter()
            .filter_map(|(name, entry)| match entry.get_ref() {
                DeValue::String(text) => Some((name.get_ref().to_string(), text.to_string())),
                _ => self.expected(key, entry, Expected::Text),
            });
        Some(self.sourced(value, entries.collect()))
    }

    /// Reads the table `key` with `read`.
    pub fn section<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Section<'d>) -> T,
    ) -> Option<T> {
        let value = self.ask(key)?;
        let DeValue::Table(table) = value.get_ref() else {
            return self.expected(key, value, Expected::Table);
        };
        let name = self.full_name(key);
        let mut section = Section::new(self.document, name, table, value.span());
        let value = read(&mut section);
        section.finish();
        Some(value)
    }

    /// Reads each table of the list `key` (`[[key]]`) with `read`.
    pub fn sections<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Section<'d>) -> T,
    ) -> Vec<T> {
        let Some(value) = self.ask(key) else {
            return Vec::new();
        };
        let DeValue::Array(array) = value.get_ref() else {
            self.expected::<()>(key, value, Expected::Tables);
            return Vec::new();
        };
        let mut sections = Vec::new();
        for item in array {
            let DeValue::Table(table) = item.get_ref() else {
                self.expected::<()>(key, item, Expected::Tables);
                continue;
            };
            let name = self.full_name(key);
            let mut section = Section::new(self.document, name, table, item.span());
            sections.push(read(&mut section));
            section.finish();
        }
        sections
    }

    /// Whether the key is there.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Reports `key` as missing if it is (a key that is there but wrong is reported already).
    pub fn require(&mut self, key: &'static str) {
        if !self.has(key) {
            self.document.report(
                self.span.clone(),
                Reason::Missing {
                    key: self.full_name(key),
                },
            );
        }
    }

    /// The key with the names of the tables around it, e.g. `bridge.first-port`.
    #[must_use]
    pub fn full_name(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }

    fn ask(&mut self, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.asked.push(key);
        self.table.get(key)
    }

    fn sourced<T>(&self, value: &Spanned<DeValue<'_>>, found: T) -> Sourced<T> {
        Sourced {
            value: found,
            origin: self.document.origin(value.span()),
        }
    }

    fn expected<T>(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        expected: Expected,
    ) -> Option<T> {
        self.document.report(
            value.span(),
            Reason::WrongType {
                key: self.full_name(key),
                expected,
            },
        );
        None
    }

    fn finish(self) {
        for key in self.table.keys() {
            if !self.asked.contains(&key.get_ref().as_ref()) {
                self.document.report(
                    key.span(),
                    Reason::UnknownKey {
                        key: self.full_name(key.get_ref()),
                        nearest: nearest(key.get_ref(), self.asked.iter().copied())
                            .map(|nearest| self.full_name(nearest)),
                    },
                );
            }
        }
    }
}

/// A string of a list.
#[derive(Clone, Debug)]
pub struct Item {
    /// The string.
    pub text: String,
    /// Its line.
    pub origin: Origin,
    /// The bytes of the document that it takes, with its quotation marks.
    pub span: Range<usize>,
}

/// The word's value among `choices`.
///
/// # Errors
/// [`Reason::BadChoice`] with the words there are, and the nearest one.
pub fn choose<T: Copy>(key: &str, text: &str, choices: &[(&str, T)]) -> Result<T, Reason> {
    choices
        .iter()
        .find(|(word, _)| *word == text)
        .map(|(_, value)| *value)
        .ok_or_else(|| Reason::BadChoice {
            key: key.to_owned(),
            value: text.to_owned(),
            choices: choices.iter().map(|(word, _)| (*word).to_owned()).collect(),
            nearest: nearest(text, choices.iter().map(|(word, _)| *word)).map(str::to_owned),
        })
}

/// Whole days, written `30d`, at most `most`.
///
/// # Errors
/// [`Reason::BadDuration`] or [`Reason::OutOfRange`].
pub fn parse_days(key: &str, text: &str, most: u16) -> Result<u16, Reason> {
    const DAY: u64 = 24 * 60 * 60;
    let range = Duration::ZERO..=Duration::from_secs(u64::from(most) * DAY);
    let seconds = parse_duration(key, text, &range)?.as_secs();
    if !seconds.is_multiple_of(DAY) {
        return Err(Reason::NotWholeDays {
            key: key.to_owned(),
            value: text.to_owned(),
        });
    }
    Ok(u16::try_from(seconds / DAY).expect("the range has at most u16::MAX days"))
}

fn parse_duration(
    key: &str,
    text: &str,
    range: &RangeInclusive<Duration>,
) -> Result<Duration, Reason> {
    let bad = || Reason::BadDuration {
        key: key.to_owned(),
        value: text.to_owned(),
    };
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match &text[digits.len()..] {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err(bad()),
    };
    let number: u32 = digits.parse().map_err(|_| bad())?;
    let duration = Duration::from_secs(u64::from(number) * unit);
    if !range.contains(&duration) {
        return Err(Reason::OutOfRange {
            key: key.to_owned(),
            least: duration_text(*range.start()),
            most: duration_text(*range.end()),
        });
    }
    Ok(duration)
}

/// A length of time as it is written in a file, in the largest unit that divides it.
#[must_use]
pub fn duration_text(duration: Duration) -> String {
    let seconds = duration.as_secs();
    for (length, unit) in [(86_400, 'd'), (3_600, 'h'), (60, 'm')] {
        if seconds > 0 && seconds.is_multiple_of(length) {
            return format!("{}{unit}", seconds / length);
        }
    }
    format!("{seconds}s")
}

fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, candidate)| candidate)
}

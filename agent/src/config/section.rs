//! The tables of a document, read by keys and types.

use std::{
    collections::BTreeMap,
    ops::{Range, RangeInclusive},
    time::Duration,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    document::{Document, Origin, Sourced},
    finding::{Expected, Reason},
    words::{choose, nearest, parse_days, parse_duration},
};

/// A table of a document. A key that nobody asked for is unknown.
pub struct Section<'d> {
    document: &'d Document,
    name: String,
    table: &'d DeTable<'d>,
    span: Range<usize>,
    asked: Vec<&'static str>,
}

impl<'d> Section<'d> {
    pub(super) fn new(
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
        #[cfg(test)]
        if !self.has(key) {
            let name = self.full_name(key);
            self.document.absent.borrow_mut().push(name);
        }
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

    pub(super) fn finish(self) {
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn findings(text: &str, read: impl FnOnce(&mut Section<'_>)) -> Vec<String> {
        let document = Document::new(Path::new("config.toml"), text.to_owned());
        document.top(read);
        let findings = document.into_findings();
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_unknown_key_is_told_with_its_line_and_the_nearest_key() {
        let text = "language = \"ja\"\n\n[bridge]\nfirst-prot = 1\nxyz = 2\n";
        let found = findings(text, |top| {
            top.text("language");
            top.section("bridge", |bridge| bridge.number("first-port", 0..=9));
        });
        assert_eq!(
            found,
            [
                "config.toml:4: unknown-key key=\"bridge.first-prot\" nearest=\"bridge.first-port\"",
                "config.toml:5: unknown-key key=\"bridge.xyz\" nearest=\"none\"",
            ]
        );
    }

    #[test]
    fn a_wrong_type_is_told_for_each_kind_of_value() {
        let text = "a = 1\nb = 1\nc = \"x\"\nd = 1\ne = [1]\nf = 1\ng = [1]\nh = -1\n";
        let found = findings(text, |top| {
            top.text("a");
            top.switch("b");
            top.number("c", 0..=9);
            top.texts("d");
            top.texts("e");
            top.section("f", |_| ());
            top.sections("g", |_| ());
            top.number("h", 0..=9);
        });
        assert_eq!(
            found,
            [
                "config.toml:1: wrong-type key=\"a\" expected=\"text\"",
                "config.toml:2: wrong-type key=\"b\" expected=\"switch\"",
                "config.toml:3: wrong-type key=\"c\" expected=\"number\"",
                "config.toml:4: wrong-type key=\"d\" expected=\"texts\"",
                "config.toml:5: wrong-type key=\"e\" expected=\"texts\"",
                "config.toml:6: wrong-type key=\"f\" expected=\"table\"",
                "config.toml:7: wrong-type key=\"g\" expected=\"tables\"",
                "config.toml:8: out-of-range key=\"h\" least=\"0\" most=\"9\"",
            ]
        );
    }

    #[test]
    fn what_is_not_toml_is_told_with_its_line() {
        let found = findings("a = 1\nb = \"x\n", |_| ());
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("config.toml:2: syntax "), "{found:?}");
    }
}

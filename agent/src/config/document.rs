//! Reads a TOML document key by key: every value keeps the line that it came from, and every
//! mistake is found in one pass, with its file, its line and the nearest key that exists.

use std::{
    cell::RefCell,
    fs,
    io::{self, Read as _},
    ops::Range,
    path::{Path, PathBuf},
};

use toml::de::DeTable;

use super::{
    finding::{Finding, Findings, Place, Reason},
    section::Section,
};

/// The largest settings file or profile that is read, in bytes.
const MAX_FILE: u64 = 1024 * 1024;

/// The text of a file that somebody else may have named: a device or a pipe, which may never
/// end, is not read.
///
/// # Errors
/// When it is missing, not a regular file, too large ([`io::ErrorKind::FileTooLarge`], more than
/// 1 MiB), not UTF-8, or cannot be read.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut text = String::new();
    fs::File::open(path)?
        .take(MAX_FILE + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > MAX_FILE {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(text)
}

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
    /// The keys that a reader asked for in vain, by which a test holds the examples complete.
    #[cfg(test)]
    pub(crate) absent: RefCell<Vec<String>>,
}

impl Document {
    /// A text that stands for the file at `path` (which need not exist).
    #[must_use]
    pub fn new(path: &Path, text: String) -> Self {
        Self {
            path: path.to_owned(),
            text,
            findings: RefCell::default(),
            #[cfg(test)]
            absent: RefCell::default(),
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
        let text = match read_text(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                return Err(finding(Reason::TooLarge));
            }
            Err(error) => return Err(unreadable(error)),
        };
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

    pub(super) fn report(&self, span: Range<usize>, reason: Reason) {
        self.report_at(&self.origin(span), reason);
    }

    pub(super) fn origin(&self, span: Range<usize>) -> Origin {
        let before = self.text.get(..span.start).unwrap_or_default();
        Origin::File(Place {
            file: self.path.clone(),
            line: Some(before.matches('\n').count() + 1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_never_end_is_not_read() {
        assert!(read_text(Path::new("/dev/zero")).is_err());
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        assert!(read_text(&pipe).is_err());
    }

    #[test]
    fn a_file_of_the_largest_size_is_read_and_no_larger_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut text = " ".repeat(usize::try_from(MAX_FILE).unwrap());
        fs::write(&path, &text).unwrap();
        assert_eq!(read_text(&path).unwrap(), text);
        text.push(' ');
        fs::write(&path, &text).unwrap();
        let error = read_text(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }
}

//! Reads the project itself: its source files, its crates, its packages.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// A file with its path from the project's top, `/` between folders.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    pub(super) fn extension(&self) -> &str {
        Path::new(&self.path)
            .extension()
            .and_then(|extension| extension.to_str())
            .unwrap_or_default()
    }

    /// Lines of the part that is shipped, with their numbers: no comments, no test module.
    pub(super) fn shipped_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.split_at_tests().0;
        lines
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, without_comment(line)))
    }

    /// The part that only tests run: all of a test file, else the test module at the end.
    pub(super) fn test_part(&self) -> &str {
        // The reference bank is a program like any other.
        let program = ["tests/bank/src/", "tests/bank/assets/"]
            .iter()
            .any(|folder| self.path.starts_with(folder));
        let test = self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.path.contains("/test/");
        if test && !program {
            &self.text
        } else {
            self.split_at_tests().1
        }
    }

    fn split_at_tests(&self) -> (&str, &str) {
        if self.text.contains("\n#![cfg(test)]\n") {
            return ("", &self.text);
        }
        self.text
            .find("#[cfg(test)]\nmod ")
            .map_or((self.text.as_str(), ""), |at| self.text.split_at(at))
    }
}

pub(super) fn without_comment(line: &str) -> &str {
    let trimmed = line.trim_start();
    if trimmed.starts_with("//") {
        return "";
    }
    line.find(" // ").map_or(line, |at| &line[..at])
}

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate's folder is inside the workspace")
        .to_owned()
}

/// Every file that people wrote and that has a limit on its length.
pub(super) fn tree() -> Vec<Source> {
    let mut sources = Vec::new();
    collect(&root(), &root(), &mut sources);
    assert!(sources.len() > 20, "the project has more files than that");
    sources
}

fn collect(folder: &Path, root: &Path, into: &mut Vec<Source>) {
    const SKIPPED: &[&str] = &["target", "node_modules", ".git"];
    const EXTENSIONS: &[&str] = &["rs", "js", "mjs", "ts", "html", "css"];
    for entry in fs::read_dir(folder).expect("the project's folders can be read") {
        let path = entry.expect("the folder does not change").path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                collect(&path, root, into);
            }
        } else if EXTENSIONS
            .iter()
            .any(|extension| name.ends_with(&format!(".{extension}")))
        {
            let relative = path.strip_prefix(root).expect("below the root");
            into.push(Source {
                path: relative.to_string_lossy().replace('\\', "/"),
                text: fs::read_to_string(&path).expect("source files are UTF-8"),
            });
        }
    }
}

/// Each member of the workspace with the names of all its dependencies, of any kind.
pub(super) fn workspace_crates() -> BTreeMap<String, BTreeSet<String>> {
    packages()
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().into_iter().flatten();
            (
                text(&package["name"]),
                dependencies
                    .map(|dependency| text(&dependency["name"]))
                    .collect(),
            )
        })
        .collect()
}

/// Folders of test libraries that stand in for a vendor's module and so must speak C.
pub(super) fn cdylib_folders() -> Vec<String> {
    let root = root();
    packages()
        .iter()
        .filter(|package| {
            let targets = package["targets"].as_array().into_iter().flatten();
            targets
                .flat_map(|target| target["kind"].as_array().into_iter().flatten())
                .any(|kind| kind == "cdylib")
        })
        .filter_map(|package| {
            let manifest = PathBuf::from(text(&package["manifest_path"]));
            let folder = manifest.parent()?.strip_prefix(&root).ok()?;
            Some(format!("{}/", folder.to_string_lossy()))
        })
        .filter(|folder| folder.starts_with("tests/"))
        .collect()
}

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs, as it built this test");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    metadata["packages"]
        .as_array()
        .expect("the members")
        .clone()
}

/// The packages that the SDK and the browser tests take from npm.
pub(super) fn npm_packages() -> BTreeSet<String> {
    ["protocol/js/package.json", "tests/browser/package.json"]
        .iter()
        .filter_map(|path| fs::read_to_string(root().join(path)).ok())
        .flat_map(|text| {
            let package: Value = serde_json::from_str(&text).expect("package.json is JSON");
            ["dependencies", "devDependencies"]
                .iter()
                .filter_map(|kind| package[kind].as_object())
                .flat_map(|map| map.keys().cloned())
                .collect::<Vec<_>>()
        })
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("cargo's names are texts").to_owned()
}

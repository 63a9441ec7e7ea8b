//! Which modules there are: those of the configuration, then those that p11-kit knows.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use crate::ModuleSpec;

/// The name by which p11-kit's `enable-in` and `disable-in` know this program.
const PROGRAM: &str = "koshin";

/// The modules to load, without doubles: the configured ones first, in their order, then those
/// of the `*.module` files in the p11-kit folders, by name.
///
/// Of two p11-kit files with one name, that in the earlier folder counts, so folders are given
/// as p11-kit ranks them: the user's, the system's, the packages'. Left out are modules that
/// hold trust policy rather than keys, p11-kit's own proxy (it would load all others again),
/// remote ones, and those that their file keeps from this program. A module is the same as
/// another if its path leads to the same file, unless both are configured and work in different
/// environments. A file that can't be read is logged and skipped.
#[must_use]
pub fn discover(configured: &[ModuleSpec], p11_kit_folders: &[PathBuf]) -> Vec<ModuleSpec> {
    let place = |spec: &ModuleSpec| fs::canonicalize(&spec.path).unwrap_or(spec.path.clone());
    let mut seen = HashSet::new();
    let mut modules: Vec<_> = configured
        .iter()
        .filter(|spec| seen.insert((place(spec), spec.environment.clone())))
        .cloned()
        .collect();
    let mut places: HashSet<_> = seen.into_iter().map(|(place, _)| place).collect();
    modules.extend(p11_kit_modules(p11_kit_folders).filter(|spec| places.insert(place(spec))));
    modules
}

fn p11_kit_modules(folders: &[PathBuf]) -> impl Iterator<Item = ModuleSpec> {
    let mut files = BTreeMap::new();
    for folder in folders {
        // A folder that isn't there is the ordinary case: few machines have all of them.
        let Ok(entries) = fs::read_dir(folder) else {
            continue;
        };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let (Some(name), Some(extension)) = (path.file_stem(), path.extension()) else {
                continue;
            };
            if extension == "module" {
                let name = name.to_string_lossy().into_owned();
                files.entry(name).or_insert(path);
            }
        }
    }
    files.into_iter().filter_map(|(name, file)| {
        let text = fs::read_to_string(&file)
            .inspect_err(|error| tracing::warn!(file = %file.display(), %error, "cannot read a p11-kit module file"))
            .ok()?;
        parse(name, &text)
    })
}

/// The module that a p11-kit file describes (pkcs11.conf(5)), if it is for us.
fn parse(name: String, text: &str) -> Option<ModuleSpec> {
    let settings: BTreeMap<&str, &str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key.trim(), value.trim()))
        .collect();
    let lists = |key| -> Option<bool> {
        let programs = settings.get(key)?;
        Some(
            programs
                .split([',', ' '])
                .any(|program| program.trim() == PROGRAM),
        )
    };
    let path = Path::new(*settings.get("module")?);
    let excluded = settings.get("trust-policy") == Some(&"yes")
        || settings.contains_key("remote")
        || path.file_stem().is_none_or(|stem| stem == "p11-kit-proxy")
        || lists("enable-in") == Some(false)
        || lists("disable-in") == Some(true);
    if excluded {
        return None;
    }
    Some(ModuleSpec {
        name,
        path: locate(path),
        environment: BTreeMap::new(),
        reserved: settings
            .get("x-init-reserved")
            .filter(|value| !value.is_empty())
            .map(|&value| value.to_owned()),
        time_limit: ModuleSpec::TIME_LIMIT,
    })
}

/// A relative path is meant relative to p11-kit's module folder, which is fixed when p11-kit
/// is built and differs between distributions.
fn locate(path: &Path) -> PathBuf {
    if path.is_absolute() {
        return path.to_owned();
    }
    let multiarch = fs::read_dir("/usr/lib")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("pkcs11")));
    [
        "/usr/lib64/pkcs11",
        "/usr/lib/pkcs11",
        "/usr/local/lib/pkcs11",
    ]
    .into_iter()
    .map(PathBuf::from)
    .chain(multiarch)
    .map(|folder| folder.join(path))
    .find(|candidate| candidate.exists())
    .unwrap_or_else(|| Path::new("/usr/lib/pkcs11").join(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn names(modules: &[ModuleSpec]) -> Vec<&str> {
        modules.iter().map(|module| module.name.as_str()).collect()
    }

    #[test]
    fn modules_without_keys_for_us_are_left_out() {
        let folder = folder(&[
            ("card.module", "# a comment\nmodule: /opt/card.so\n"),
            (
                "nss.module",
                "module:/opt/nss.so\nx-init-reserved: configDir='/x'",
            ),
            ("trust.module", "module: /opt/trust.so\ntrust-policy: yes"),
            ("proxy.module", "module: /usr/lib/p11-kit-proxy.so"),
            (
                "remote.module",
                "remote: |ssh host p11-kit remote\nmodule: /opt/r.so",
            ),
            (
                "others.module",
                "module: /opt/others.so\nenable-in: seahorse, firefox",
            ),
            (
                "ours.module",
                "module: /opt/ours.so\nenable-in: firefox, koshin",
            ),
            ("kept.module", "module: /opt/kept.so\ndisable-in: koshin"),
            ("broken.module", "nothing of use"),
            ("card.conf", "module: /opt/conf.so"),
        ]);
        let modules = discover(&[], &[folder.path().to_owned()]);
        assert_eq!(names(&modules), ["card", "nss", "ours"]);
        assert_eq!(modules[0].path, Path::new("/opt/card.so"));
        assert_eq!(modules[1].reserved.as_deref(), Some("configDir='/x'"));
    }

    #[test]
    fn a_module_is_listed_once_and_the_configuration_comes_first() {
        let user = folder(&[("card.module", "module: /opt/user.so")]);
        let system = folder(&[
            ("card.module", "module: /opt/system.so"),
            ("again.module", "module: /opt/mine.so"),
        ]);
        let mine = ModuleSpec {
            name: "mine".to_owned(),
            path: PathBuf::from("/opt/mine.so"),
            environment: BTreeMap::new(),
            reserved: None,
            time_limit: ModuleSpec::TIME_LIMIT,
        };
        let folders = [
            user.path().to_owned(),
            PathBuf::from("/nowhere"),
            system.path().to_owned(),
        ];
        let modules = discover(&[mine], &folders);
        assert_eq!(names(&modules), ["mine", "card"]);
        assert_eq!(modules[1].path, Path::new("/opt/user.so"));
    }

    #[test]
    fn a_configured_module_may_work_in_two_environments() {
        let spec = |name: &str, settings: &str| ModuleSpec {
            name: name.to_owned(),
            path: PathBuf::from("/opt/card.so"),
            environment: BTreeMap::from([("SETTINGS".to_owned(), settings.to_owned())]),
            reserved: None,
            time_limit: ModuleSpec::TIME_LIMIT,
        };
        let system = folder(&[("card.module", "module: /opt/card.so")]);
        let configured = [
            spec("one", "/one"),
            spec("two", "/two"),
            spec("again", "/one"),
        ];
        let modules = discover(&configured, &[system.path().to_owned()]);
        let names: Vec<_> = modules.iter().map(|module| &module.name).collect();
        assert_eq!(names, ["one", "two"]);
    }

    #[test]
    fn a_relative_path_is_one_in_p11_kits_module_folder() {
        let folder = folder(&[("card.module", "module: card.so")]);
        let modules = discover(&[], &[folder.path().to_owned()]);
        assert!(modules[0].path.is_absolute());
        assert!(modules[0].path.ends_with("pkcs11/card.so"));
    }
}

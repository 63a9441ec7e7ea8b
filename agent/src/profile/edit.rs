//! Adding profiles to the user's folder and removing them from it. Nothing here asks anybody:
//! the caller shows a [`Draft`] to the person first.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use der::pem::{LineEnding, encode_string};

use crate::config::{
    Config, Document, Existing, Finding, Findings, Item, Place, Reason, write_file,
};

use super::{
    Profile, Profiles, Rank, check,
    issuer::pem_documents,
    read::{is_inline, pem_of},
};

/// A profile that may be added.
#[derive(Debug)]
pub struct Draft {
    profile: Profile,
    warnings: Vec<Finding>,
    text: String,
    target: PathBuf,
}

/// Why a profile can be neither added nor removed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// It is broken, or in conflict with another one.
    #[error("the profile cannot be used")]
    Unusable(#[source] Findings),
    /// The user's folder has one of that name.
    #[error("there is a profile {id} already")]
    Exists {
        /// The id.
        id: String,
    },
    /// No folder has one of that name.
    #[error("there is no profile {id}")]
    NotFound {
        /// The id.
        id: String,
        /// The ids there are.
        known: Vec<String>,
    },
    /// Only who installed it can remove it.
    #[error("the profile {id} is installed for all users")]
    Installed {
        /// The id.
        id: String,
        /// Its file.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("{path} could not be changed", path = .path.display())]
    File {
        /// What was to be changed.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: io::Error,
    },
}

impl Draft {
    /// Reads the profile at `source` as it would be in the user's folder.
    ///
    /// # Errors
    /// [`EditError::Unusable`] or [`EditError::Exists`].
    pub fn read(
        source: &Path,
        config: &Config,
        profiles: &Profiles,
        now: jiff::Timestamp,
    ) -> Result<Self, EditError> {
        let refuse = |reasons: Vec<Reason>| {
            let finding = |reason| Finding::new(Place::file(source), reason);
            EditError::Unusable(Findings(reasons.into_iter().map(finding).collect()))
        };
        if !config.policy.user_profiles.value {
            return Err(refuse(vec![Reason::UserProfilesOff]));
        }
        let (profile, warnings) = check(source, Rank::User, now);
        let Some(mut profile) = profile else {
            return Err(EditError::Unusable(Findings(warnings)));
        };
        let target = config
            .folders
            .user_profiles()
            .join(format!("{}.toml", profile.id));
        if target.exists() {
            return Err(EditError::Exists { id: profile.id });
        }
        profile.path.clone_from(&target);
        let conflicts = profiles.conflicts(&profile);
        if !conflicts.is_empty() {
            return Err(refuse(conflicts));
        }
        Ok(Self {
            profile,
            warnings,
            text: self_contained(source).map_err(EditError::Unusable)?,
            target,
        })
    }

    /// The profile: what the person is asked about.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What is odd about it, though it can be used.
    #[must_use]
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }

    /// Puts it into the user's folder.
    ///
    /// # Errors
    /// [`EditError::Exists`] or [`EditError::File`].
    pub fn add(self) -> Result<Profile, EditError> {
        let failed = |cause| EditError::File {
            path: self.target.clone(),
            cause,
        };
        let folder = self.target.parent().expect("the target is in a folder");
        fs::create_dir_all(folder).map_err(failed)?;
        match write_file(&self.target, self.text.as_bytes(), Existing::Keep) {
            Ok(()) => Ok(self.profile),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(EditError::Exists {
                id: self.profile.id,
            }),
            Err(error) => Err(failed(error)),
        }
    }
}

/// Removes a profile, whole or broken, from the user's folder, and answers where it was.
///
/// # Errors
/// [`EditError::NotFound`], [`EditError::Installed`] or [`EditError::File`].
pub fn remove(id: &str, config: &Config, profiles: &Profiles) -> Result<PathBuf, EditError> {
    let folder = config.folders.user_profiles();
    let broken = profiles.rejected().iter().map(|rejected| &rejected.path);
    let whole = profiles.all().iter().map(|profile| &profile.path);
    let paths: Vec<&PathBuf> = whole.chain(broken).collect();
    let named = |path: &&&PathBuf| path.file_stem().is_some_and(|stem| stem == id);
    let own = paths
        .iter()
        .filter(named)
        .find(|path| path.parent() == Some(&folder));
    let Some(path) = own else {
        return Err(match paths.iter().find(named) {
            Some(path) => EditError::Installed {
                id: id.to_owned(),
                path: (*path).clone(),
            },
            None => EditError::NotFound {
                id: id.to_owned(),
                known: profiles
                    .all()
                    .iter()
                    .map(|known| known.id.clone())
                    .collect(),
            },
        });
    };
    fs::remove_file(path).map_err(|cause| EditError::File {
        path: (*path).clone(),
        cause,
    })?;
    Ok((*path).clone())
}

/// The profile's text with the PEM of its certificate and key files in place of their names: in
/// the user's folder it stands alone.
fn self_contained(source: &Path) -> Result<String, Findings> {
    let unreadable = |reason| Findings(vec![Finding::new(Place::file(source), reason)]);
    let Some(document) = Document::read(source)? else {
        let cause = io::Error::from(io::ErrorKind::NotFound).to_string();
        return Err(unreadable(Reason::Unreadable { cause }));
    };
    let lists = document.top(|top| {
        [("issuers", "CERTIFICATE"), ("request-keys", "PUBLIC KEY")].map(|(key, label)| {
            let items = top.texts(key).map(|list| list.value).unwrap_or_default();
            items.into_iter().map(move |item| (item, label))
        })
    });
    let mut items: Vec<(Item, &str)> = lists.into_iter().flatten().flatten().collect();
    items.retain(|(item, _)| !is_inline(item));
    items.sort_by_key(|(item, _)| std::cmp::Reverse(item.span.start));
    let mut text = document.text().to_owned();
    for (item, label) in items {
        let pem = pem_of(&item, source).map_err(unreadable)?;
        let blocks = pem_documents(&pem, label)
            .map_err(|cause| unreadable(Reason::NotACertificate { cause }))?;
        let encoded: String = blocks
            .iter()
            .map(|der| {
                encode_string(label, LineEnding::LF, der).expect("a PEM label and DER of a file")
            })
            .collect();
        text.replace_range(item.span, &format!("'''\n{encoded}'''"));
    }
    Ok(text)
}

//! All profiles of this user, and the trust that follows from them.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use protocol::certificate::Certificate;

use crate::config::{Config, Finding, Place, Reason};

use super::{Issuer, Profile, Rank, Role, SiteOrigin, read};

/// The profiles that count.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    profiles: Vec<Arc<Profile>>,
    rejected: Vec<Rejected>,
}

/// The profiles that count now: they change while the agent runs. What has begun by one of them
/// goes on by it.
#[derive(Clone, Debug)]
pub struct Current(Arc<RwLock<Arc<Profiles>>>);

impl Current {
    /// The profiles as they are at this moment.
    #[must_use]
    pub fn now(&self) -> Arc<Profiles> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts others in their place.
    pub fn replace(&self, profiles: Profiles) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(profiles);
    }
}

impl From<Arc<Profiles>> for Current {
    fn from(profiles: Arc<Profiles>) -> Self {
        Self(Arc::new(RwLock::new(profiles)))
    }
}

/// A profile that does not count, and why.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// Its file.
    pub path: PathBuf,
    /// Why; never empty.
    pub findings: Vec<Finding>,
}

impl Profiles {
    /// Reads the installed profiles, then the user's. One that is broken or in conflict does not
    /// touch the others: it is among [`Profiles::rejected`].
    #[must_use]
    pub fn load(config: &Config) -> Self {
        let mut profiles = Self::default();
        profiles.load_folder(&config.folders.system_profiles(), Rank::Installed);
        if config.policy.user_profiles.value {
            profiles.load_folder(&config.folders.user_profiles(), Rank::User);
        } else {
            for path in files(&config.folders.user_profiles()).unwrap_or_default() {
                profiles.reject(&path, vec![Reason::UserProfilesOff]);
            }
        }
        profiles
    }

    /// A set of profiles that are in memory already, the ones that come first winning.
    #[must_use]
    pub fn of(all: impl IntoIterator<Item = Profile>) -> Self {
        let mut profiles = Self::default();
        for profile in all {
            profiles.admit(profile);
        }
        profiles
    }

    /// Trusts the page of an origin, if a profile names exactly that origin. A CA's site may
    /// serve several banks.
    #[must_use]
    pub fn trust(&self, origin: &str) -> Option<TrustedOrigin> {
        let profiles: Vec<_> = self
            .profiles
            .iter()
            .filter(|profile| profile.origins.iter().any(|known| known.origin == origin))
            .cloned()
            .collect();
        (!profiles.is_empty()).then(|| TrustedOrigin {
            origin: origin.to_owned(),
            profiles,
        })
    }

    /// The banks that a certificate may be of: several only where banks share a CA and a subject
    /// has what both of them demand.
    pub fn for_certificate<'a>(
        &'a self,
        certificate: &'a Certificate,
    ) -> impl Iterator<Item = &'a Arc<Profile>> + use<'a> {
        self.profiles
            .iter()
            .filter(move |profile| profile.serves(certificate))
    }

    /// The profile of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Profile>> {
        self.profiles.iter().find(|profile| profile.id == id)
    }

    /// All that count: the installed ones first, each folder by file name.
    #[must_use]
    pub fn all(&self) -> &[Arc<Profile>] {
        &self.profiles
    }

    /// Those that do not count.
    #[must_use]
    pub fn rejected(&self) -> &[Rejected] {
        &self.rejected
    }

    /// Why `profile` cannot stand beside the profiles of this set; empty if it can.
    #[must_use]
    pub fn conflicts(&self, profile: &Profile) -> Vec<Reason> {
        self.profiles
            .iter()
            .filter(|other| other.path != profile.path)
            .flat_map(|other| conflicts_with(profile, other))
            .collect()
    }

    fn load_folder(&mut self, folder: &Path, rank: Rank) {
        match files(folder) {
            Ok(paths) => {
                for path in paths {
                    match read(&path, rank) {
                        (Some(profile), _) => self.admit(profile),
                        (None, findings) => self.rejected.push(Rejected { path, findings }),
                    }
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                let cause = error.to_string();
                self.reject(folder, vec![Reason::Unreadable { cause }]);
            }
        }
    }

    fn admit(&mut self, profile: Profile) {
        let conflicts = self.conflicts(&profile);
        if conflicts.is_empty() {
            self.profiles.push(Arc::new(profile));
        } else {
            self.reject(&profile.path, conflicts);
        }
    }

    fn reject(&mut self, path: &Path, reasons: Vec<Reason>) {
        let findings = reasons
            .into_iter()
            .map(|reason| Finding::new(Place::file(path), reason))
            .collect();
        self.rejected.push(Rejected {
            path: path.to_owned(),
            findings,
        });
    }
}

/// An origin that a profile names. Only [`Profiles::trust`] makes one.
#[derive(Clone, Debug)]
pub struct TrustedOrigin {
    origin: String,
    profiles: Vec<Arc<Profile>>,
}

impl TrustedOrigin {
    /// The origin, as the browser sends it.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The profiles that name it; at least one.
    #[must_use]
    pub fn profiles(&self) -> &[Arc<Profile>] {
        &self.profiles
    }
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden
            && path
                .extension()
                .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Every profile keeps its name and its bank's origins to itself. A CA may serve several banks
/// whose profiles tell their certificates apart, but a user's profile must not reach the
/// certificates of an installed one.
fn conflicts_with(profile: &Profile, other: &Profile) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let same_id = profile.id == other.id;
    if same_id || shares_name(profile, other) {
        reasons.push(Reason::NameTaken {
            value: if same_id {
                &profile.id
            } else {
                &profile.name.ja
            }
            .clone(),
            other: other.id.clone(),
        });
    }
    // Banks may share a CA's site, but not across ranks: the user's profile would reach into an
    // installed one's.
    let shareable = |site: &SiteOrigin| site.role == Role::Ca && profile.rank == other.rank;
    for site in &profile.origins {
        if other
            .origins
            .iter()
            .any(|known| known.origin == site.origin && !(shareable(site) && shareable(known)))
        {
            reasons.push(Reason::OriginTaken {
                value: site.origin.clone(),
                other: other.id.clone(),
            });
        }
    }
    if profile.rank != other.rank {
        for issuer in &profile.issuers {
            if other
                .issuers
                .iter()
                .any(|known| known.subject_der() == issuer.subject_der())
            {
                reasons.push(Reason::IssuerTaken {
                    subject: issuer.subject().to_owned(),
                    other: other.id.clone(),
                });
            }
        }
    } else if !told_apart(&profile.subject, &other.subject) {
        let shared = profile.issuers.iter().filter(|issuer| {
            let key = issuer.certificate().spki_der();
            let same = |known: &Issuer| known.certificate().spki_der() == key;
            other.issuers.iter().any(same)
        });
        reasons.extend(shared.map(|issuer| Reason::SubjectNotDistinct {
            subject: issuer.subject().to_owned(),
            other: other.id.clone(),
        }));
    }
    reasons
}

/// Whether two banks demand different values of one type of attribute. Demanding different types
/// is not enough: one subject may well have both.
fn told_apart(one: &[String], other: &[String]) -> bool {
    let values = |demanded: &[String], kind: &str| -> BTreeSet<String> {
        let of_kind = demanded.iter().filter(|each| type_of(each) == kind);
        of_kind.cloned().collect()
    };
    one.iter().map(|each| type_of(each)).any(|kind| {
        let (ours, theirs) = (values(one, kind), values(other, kind));
        !ours.is_subset(&theirs) && !theirs.is_subset(&ours)
    })
}

fn type_of(attribute: &str) -> &str {
    attribute.split('=').next().unwrap_or(attribute)
}

fn shares_name(profile: &Profile, other: &Profile) -> bool {
    let names = |profile: &Profile| [plain(&profile.name.ja), plain(&profile.name.en)];
    names(profile)
        .iter()
        .any(|name| names(other).contains(name))
}

/// What is left of a name when case, spaces and full-width Latin letters make no difference.
fn plain(name: &str) -> String {
    name.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => {
                char::from_u32(c as u32 - 0xfee0).expect("the range maps onto ASCII")
            }
            other => other,
        })
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

//! What all renewals of an agent have in common.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use pkcs11_bridge::{ModuleSpec, WorkerLauncher};
use protocol::bridge::ProblemCode;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    challenge::Challenges,
    course::Course,
    found::{self, Look},
    refused::RefusedOrigins,
    session::{Place, Session},
};
use crate::{
    clock::Clock,
    failure::Failure,
    journal::{Journal, RenewalId},
    language::Language,
    profile::Current,
    prompt::Prompter,
};

/// What all renewals of an agent have in common.
pub(super) struct Shared {
    pub(super) journal: Journal,
    pub(super) profiles: Current,
    modules: RwLock<Arc<Vec<ModuleSpec>>>,
    pub(super) launcher: WorkerLauncher,
    pub(super) lock_folder: PathBuf,
    pub(super) prompter: Prompter,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) language: Language,
    pub(super) port: Option<u16>,
    pub(super) challenges: Challenges,
    pub(super) refused: RefusedOrigins,
    /// Fires when the agent ends: tasks bring what they are doing to its end, and end as well.
    pub(super) ending: CancellationToken,
    pub(super) tasks: TaskTracker,
    /// Held while a renewal is looked for and begun, so that two tabs find the same one.
    pub(super) beginning: tokio::sync::Mutex<()>,
    courses: Mutex<HashMap<RenewalId, Course>>,
    /// Told when a renewal gives the watch something to look at.
    pub(super) moved: tokio::sync::Notify,
}

impl Shared {
    pub(super) fn new(setup: super::Setup) -> Self {
        Self {
            journal: setup.journal,
            profiles: setup.profiles,
            modules: RwLock::new(Arc::new(setup.modules)),
            launcher: setup.launcher,
            lock_folder: setup.lock_folder,
            prompter: setup.prompter,
            challenges: Challenges::new(Arc::clone(&setup.clock)),
            refused: RefusedOrigins::default(),
            clock: setup.clock,
            language: setup.language,
            port: setup.port,
            ending: CancellationToken::new(),
            tasks: TaskTracker::new(),
            beginning: tokio::sync::Mutex::new(()),
            courses: Mutex::default(),
            moved: tokio::sync::Notify::new(),
        }
    }

    /// The modules in which tokens are looked for now.
    pub(super) fn modules(&self) -> Arc<Vec<ModuleSpec>> {
        Arc::clone(&self.modules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks for tokens in other modules from now on.
    pub(super) fn replace_modules(&self, modules: Vec<ModuleSpec>) {
        *self.modules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(modules);
    }

    /// Looks at every token, without a login.
    pub(super) async fn look(&self) -> Look {
        found::look(&self.launcher, &self.modules(), &self.profiles.now()).await
    }

    pub(super) fn module(&self, name: &str) -> Option<ModuleSpec> {
        let modules = self.modules();
        modules.iter().find(|module| module.name == name).cloned()
    }

    /// Where a token is: a module's name and a token's address (RFC 7512 URI).
    pub(super) fn place(&self, module: &str, token: &str) -> Result<Place, Failure> {
        let module = self
            .module(module)
            .ok_or_else(|| Failure::new(ProblemCode::ModuleMissing))?;
        let token = token
            .parse()
            .map_err(|error| Failure::new(ProblemCode::Internal).because(error))?;
        Ok(Place { module, token })
    }

    /// A renewal's access to its token.
    pub(super) fn session(&self, place: Option<Place>) -> Session {
        Session::new(
            self.launcher.clone(),
            place,
            self.lock_folder.clone(),
            self.journal.clone(),
            Arc::clone(&self.clock),
        )
    }

    /// The renewals that are under way.
    pub(super) fn courses(&self) -> MutexGuard<'_, HashMap<RenewalId, Course>> {
        self.courses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The renewal that is under way for a certificate.
    pub(super) fn course_for(&self, certificate_id: &str) -> Option<Course> {
        self.courses()
            .values()
            .find(|course| {
                let record = course.now();
                record.certificate_id == certificate_id && !record.state.is_final()
            })
            .cloned()
    }
}

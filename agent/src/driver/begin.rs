//! How a renewal begins, is found again, or is taken up after a restart.

use std::sync::Arc;

use pkcs11_bridge::TokenError;
use protocol::{
    bridge::{
        BeginRenewal, CertificateId, ProblemCode, Target,
        signed_request::{self, ExpectedRequest},
    },
    renewal::{Effect, Event, Page, State},
    schedule,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{
    Caller, MOST_COURSES, acquire,
    aim::Aim,
    ask::Person,
    course::{Course, First},
    found::{self, Found},
    perform::Performer,
    session::Stuck,
    shared::Shared,
    unavailable,
};
use crate::{
    failure::Failure,
    journal::{self, Record, RenewalId},
    profile::Profile,
};

/// How often the tokens are looked at for a certificate: one look may miss a token on which
/// another renewal is at work.
const LOOKS: usize = 2;

/// Begins a renewal or an acquisition, or finds the one that there is.
pub(super) async fn begin(
    shared: &Arc<Shared>,
    caller: &Caller,
    request: &BeginRenewal,
) -> Result<(Arc<Record>, bool), Failure> {
    if let Some(file) = shared.journal.held_back().await.map_err(unavailable)? {
        return Err(Failure::new(ProblemCode::JournalSetAside).with("file", file));
    }
    match &request.target {
        Target::Renew(certificate) => renew(shared, caller, request, certificate).await,
        Target::Acquire(subject) => acquire::acquire(shared, caller, request, subject).await,
    }
}

async fn renew(
    shared: &Arc<Shared>,
    caller: &Caller,
    request: &BeginRenewal,
    certificate: &CertificateId,
) -> Result<(Arc<Record>, bool), Failure> {
    let id = certificate.as_str();
    if let Some(course) = shared.course_for(id) {
        return Ok((find_again(shared, caller, request, &course).await?, false));
    }
    let looked = find_certificate(shared, caller, id).await;
    // From here to the journal it is one at a time, so that two tabs find the same renewal.
    let one_at_a_time = shared.beginning.lock().await;
    if let Some(course) = shared.course_for(id) {
        drop(one_at_a_time);
        return Ok((find_again(shared, caller, request, &course).await?, false));
    }
    let past = shared
        .journal
        .of_certificate(id)
        .await
        .map_err(unavailable)?;
    let past = past.filter(|record| caller.may_see(&record.profile));
    let (found, profile) = match (looked, past) {
        (Ok((found, profile)), Some(mut record)) if !record.state.is_final() => {
            // It was left alone when the agent started, because its module or profile was gone.
            record.module = found.module;
            record.token = found.token.uri.to_string();
            let first = First::Restarted;
            let course = start(
                shared,
                &record,
                Aim::Renewal(found.certificate),
                profile,
                caller,
                first,
            )?;
            drop(one_at_a_time);
            return Ok((find_again(shared, caller, request, &course).await?, false));
        }
        (Ok(found), _) => found,
        // The old certificate has gone already, and the page wants the receipt once more.
        (Err(_), Some(record)) if matches!(record.state, State::Retired { .. }) => {
            return Ok((Arc::new(record), false));
        }
        (Err(failure), _) => return Err(failure),
    };
    check_signature(shared, caller, request, &profile)?;
    may_be_renewed(shared, &found, &profile)
        .map_err(|failure| failure.with("help-desk", profile.help_desk.say(caller.language())))?;
    let record = Record {
        module: found.module.clone(),
        token: found.token.uri.to_string(),
        certificate_id: found.certificate.id(),
        target: journal::Target::Renewal {
            certificate: found.certificate.der().to_vec(),
        },
        ..blank_record(shared, caller, request, &profile)?
    };
    let aim = Aim::Renewal(found.certificate);
    Ok((begin_new(shared, caller, record, aim, profile).await?, true))
}

/// Writes a new record down, and starts its task.
pub(super) async fn begin_new(
    shared: &Arc<Shared>,
    caller: &Caller,
    record: Record,
    aim: Aim,
    profile: Arc<Profile>,
) -> Result<Arc<Record>, Failure> {
    let working = shared
        .courses()
        .values()
        .filter(|course| course.is_working())
        .count();
    if working >= MOST_COURSES {
        return Err(Failure::new(ProblemCode::TooMany));
    }
    shared
        .journal
        .begin(record.clone())
        .await
        .map_err(unavailable)?;
    let kind = aim.kind();
    info!(renewal = %record.id, ?kind, origin = caller.owner(), "renewal begun");
    let first = First::Effect(Effect::AskConsent);
    let course = start(shared, &record, aim, profile, caller, first)?;
    Ok(course.now())
}

/// Takes up a renewal that the journal has. One that can't go on now, because its module or its
/// profile is gone, stays in the journal as it is.
pub(super) fn take_up(shared: &Arc<Shared>, record: Record) {
    let profile = shared.profiles.now().get(&record.profile).cloned();
    let aim = Aim::of(&record.target);
    let (Some(profile), Ok(aim)) = (profile, aim) else {
        warn!(renewal = %record.id, "its profile or certificate is gone: left alone");
        return;
    };
    let caller = Caller::Cli {
        terminal: Default::default(),
        language: shared.language,
    };
    if let Err(failure) = start(shared, &record, aim, profile, &caller, First::Restarted) {
        warn!(renewal = %record.id, %failure, "left alone");
    }
}

pub(super) async fn find_again(
    shared: &Arc<Shared>,
    caller: &Caller,
    request: &BeginRenewal,
    course: &Course,
) -> Result<Arc<Record>, Failure> {
    let record = course.now();
    if !caller.may_see(&record.profile) {
        return Err(Failure::new(ProblemCode::CertificateNotFound));
    }
    let profiles = shared.profiles.now();
    let profile = profiles
        .get(&record.profile)
        .ok_or_else(|| Failure::new(ProblemCode::RenewalNotFound))?;
    check_signature(shared, caller, request, profile)?;
    if record.owner != caller.owner() {
        take_over(shared, caller, course).await?;
    }
    let nonce = request.nonce.as_bytes();
    // A signed proof is for the nonce, and for the origin, that it was made for.
    let record = course.now();
    let proven_to = record
        .state
        .signed()
        .map_or((record.nonce.as_slice(), record.owner.as_str()), |signed| {
            (signed.nonce.as_slice(), signed.origin.as_str())
        });
    let event = if proven_to == (nonce, caller.owner()) {
        Page::Resume
    } else {
        Page::FreshNonce
    };
    let mut obeyed = course.drive(Event::Page(event), caller, nonce).await?;
    if matches!(obeyed.record.state, State::Waiting { .. }) {
        obeyed = course.tell(Event::Page(Page::Resume)).await?;
    }
    Ok(obeyed.record)
}

/// Another site of the same bank, or the CLI, goes on with it if the person agrees.
async fn take_over(shared: &Arc<Shared>, caller: &Caller, course: &Course) -> Result<(), Failure> {
    let Ok(_one_question) = course.taking_over.try_lock() else {
        return Err(Failure::new(ProblemCode::TooMany));
    };
    let record = course.now();
    let profiles = shared.profiles.now();
    let profile = profiles
        .get(&record.profile)
        .ok_or_else(|| Failure::new(ProblemCode::RenewalNotFound))?;
    let aim = Aim::of(&record.target)?;
    let person = Person::new(shared, caller, profile, &aim, &record);
    // The question goes when the renewal ends, or when somebody else has it.
    let mut following = course.follow();
    let over = CancellationToken::new();
    let _withdrawn_then = over.clone().drop_guard();
    let settled =
        following.wait_for(|now| now.record.state.is_final() || now.record.owner != record.owner);
    tokio::select! {
        agreed = person.agree_to_take_over(&record.owner, &over) => agreed,
        _ = settled => Err(Failure::new(ProblemCode::WrongState)),
    }
}

async fn find_certificate(
    shared: &Shared,
    caller: &Caller,
    wanted: &str,
) -> Result<(Found, Arc<Profile>), Failure> {
    let mut listings = Vec::new();
    for _ in 0..LOOKS {
        let look = shared.look().await;
        let of_caller = look
            .found
            .into_iter()
            .filter(|found| found.certificate.id() == wanted);
        for found in of_caller {
            let own = |profile: &&Arc<Profile>| caller.may_see(&profile.id);
            let profile = found.profiles.iter().find(own).cloned();
            if let Some(profile) = profile {
                return Ok((found, profile));
            }
        }
        listings = look.listings;
        let hangs = |error: &TokenError| matches!(error, TokenError::WorkerTimedOut { .. });
        if listings
            .iter()
            .any(|one| one.tokens.as_ref().is_err_and(hangs))
        {
            break;
        }
    }
    // A module that failed may be the one that has it.
    let failed = listings
        .into_iter()
        .find_map(|listing| Some((listing.tokens.err()?, listing.module)));
    Err(match failed {
        Some((error, module)) => Stuck::from(error).failure.with("module", module),
        None if shared.modules().is_empty() => Failure::new(ProblemCode::ModuleMissing),
        None => Failure::new(ProblemCode::CertificateNotFound),
    })
}

fn may_be_renewed(shared: &Shared, found: &Found, profile: &Profile) -> Result<(), Failure> {
    let policy = found::policy(Some(profile));
    let certificate = &found.certificate;
    let now = shared.clock.now().as_second();
    let status = schedule::status(
        &policy,
        certificate.not_before(),
        certificate.not_after(),
        now,
    );
    schedule::renewable(status).map_err(|code| {
        let date = match code {
            ProblemCode::TooEarly => schedule::window_opens(&policy, certificate.not_after()),
            _ => schedule::window_closes(&policy, certificate.not_after()),
        };
        Failure::new(code).with("date", found::day_text(date))
    })
}

/// Where the profile has keys for it, a page's request counts only with the bank's signature
/// over a challenge of ours. The owner of this PC needs none.
pub(super) fn check_signature(
    shared: &Shared,
    caller: &Caller,
    request: &BeginRenewal,
    profile: &Profile,
) -> Result<(), Failure> {
    let Caller::Page { origin, .. } = caller else {
        return Ok(());
    };
    let keys = &profile.request_keys;
    if keys.is_empty() {
        return Ok(());
    }
    let invalid = || Failure::new(ProblemCode::RequestSignatureInvalid);
    let jws = request.request.as_deref().ok_or_else(invalid)?;
    let expected = ExpectedRequest {
        target: &request.target,
        nonce: &request.nonce,
        origin: origin.origin(),
        now: shared.clock.now().as_second(),
    };
    signed_request::verify(jws, keys, &expected)
        .and_then(|signed| signed.redeem(|nonce| shared.challenges.spend(origin.origin(), nonce)))
        .map_err(|error| invalid().because(error))?;
    Ok(())
}

/// A record that has yet to be told what it is for.
pub(super) fn blank_record(
    shared: &Shared,
    caller: &Caller,
    request: &BeginRenewal,
    profile: &Profile,
) -> Result<Record, Failure> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::new(ProblemCode::Internal).because(error.to_string()))?;
    // The journal keeps whole seconds.
    let now = shared.clock.now().as_second();
    let now = jiff::Timestamp::from_second(now).expect("a timestamp's seconds are in range");
    Ok(Record {
        id: RenewalId::new(random),
        profile: profile.id.clone(),
        owner: caller.owner().to_owned(),
        module: String::new(),
        token: String::new(),
        certificate_id: String::new(),
        target: journal::Target::Renewal {
            certificate: Vec::new(),
        },
        nonce: request.nonce.as_bytes().to_vec(),
        created: now,
        changed: now,
        revision: 1,
        state: State::Consent {
            kind: request.target.kind(),
        },
        failure: None,
    })
}

pub(super) fn start(
    shared: &Arc<Shared>,
    record: &Record,
    aim: Aim,
    profile: Arc<Profile>,
    caller: &Caller,
    first: First,
) -> Result<Course, Failure> {
    let place = if record.token.is_empty() {
        None
    } else {
        Some(shared.place(&record.module, &record.token)?)
    };
    let person = Person::new(shared, caller, &profile, &aim, record);
    let session = shared.session(place);
    let performer = Performer {
        shared: Arc::clone(shared),
        profile,
        aim: Arc::new(aim),
        session: Arc::new(session),
        person: Arc::new(person),
        parting: Arc::default(),
        lease: Arc::default(),
    };
    // The task takes itself off the list when it ends: the lock keeps it from doing so before
    // it is on the list.
    let mut courses = shared.courses();
    let course = Course::start(record.clone(), performer, first);
    courses.insert(record.id.clone(), course.clone());
    Ok(course)
}

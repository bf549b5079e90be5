//! Concurrent changes of the factors of a user, through the service.

use challenges_core::{
    Answer, ChallengeSpec, ChallengeType, EnrollmentId, Error, Grant, Invalid, Owner, Policy, Purpose, Secret,
    Timestamp,
};
use futures::future::BoxFuture;

use super::failure::{Complaint, Verdict, ensure};
use super::fixture::Fixture;
use super::host::{Host, START};
use super::race::costly_rounds;
use crate::{Authenticator, administrator};

/// The number of enrollments of a user: the cap of the default policy.
const ENROLLMENTS: usize = 8;

/// R67: enrollments begun while the user had no factor are all completed at once.
pub(super) async fn one_first_factor(fixture: &Fixture<'_>) -> Verdict {
    let host = Host::new(fixture, Policy::default()).await?;
    for (round, tasks) in costly_rounds(fixture) {
        let owner = Owner::user(format!("user{round}")).map_err(Error::from)?;
        let mut pending = Vec::new();
        for _ in 0..ENROLLMENTS {
            pending.push(begin(&host, &owner, &Grant::first_factor()).await?);
        }
        let confirm = |(id, code): (EnrollmentId, Secret)| -> BoxFuture<'static, Verdict<bool>> {
            let (challenges, owner) = (host.challenges.clone(), owner.clone());
            Box::pin(async move {
                match challenges.totp().confirm(&owner, &Grant::first_factor(), id, &code).await {
                    Ok(_) => Ok(true),
                    Err(Error::Grant(_)) => Ok(false),
                    Err(error) => Err(error.into()),
                }
            })
        };
        let callers = pending.iter().cycle().take(tasks.max(ENROLLMENTS));
        let callers = callers.map(|(id, code)| confirm((*id, Secret::from(code.expose()))));
        let replies = fixture.race(callers.collect()).await?;
        let completed = replies.into_iter().filter(|completed| *completed).count();
        let stored = completed_enrollments(&host, &owner).await?;
        ensure!(
            completed == 1 && stored == 1,
            "{tasks} tasks completed {completed} of {ENROLLMENTS} first factors and {stored} are stored; expected one"
        );
    }
    host.raced()
}

/// R69: all factors of a user are removed at once.
pub(super) async fn last_factor_stays(fixture: &Fixture<'_>) -> Verdict {
    let host = Host::new(fixture, Policy::default()).await?;
    for (round, tasks) in costly_rounds(fixture) {
        let owner = Owner::user(format!("user{round}")).map_err(Error::from)?;
        let mut ids = Vec::new();
        for _ in 0..ENROLLMENTS {
            let (id, code) = begin(&host, &owner, &administrator()).await?;
            host.challenges.totp().confirm(&owner, &administrator(), id, &code).await?;
            ids.push(id);
        }
        let grant = step_up(&host, &owner).await?;
        let remove = |id: EnrollmentId| -> BoxFuture<'static, Verdict<bool>> {
            let (challenges, owner, grant) = (host.challenges.clone(), owner.clone(), grant.clone());
            Box::pin(async move {
                match challenges.totp().delete(&owner, &grant, id).await {
                    Ok(()) => Ok(true),
                    Err(Error::Invalid(Invalid::LastFactor) | Error::NotFound) => Ok(false),
                    Err(error) => Err(error.into()),
                }
            })
        };
        let callers = ids.into_iter().cycle().take(tasks.max(ENROLLMENTS));
        let replies = fixture.race(callers.map(remove).collect()).await?;
        let removed = replies.into_iter().filter(|removed| *removed).count();
        let stored = completed_enrollments(&host, &owner).await?;
        ensure!(
            removed == ENROLLMENTS - 1 && stored == 1,
            "{tasks} tasks removed {removed} of {ENROLLMENTS} factors and {stored} are stored; expected one to stay"
        );
    }
    host.raced()
}

/// Creates a pending enrollment. Returns the id and the right code.
async fn begin(host: &Host, owner: &Owner, grant: &Grant) -> Verdict<(EnrollmentId, Secret)> {
    let (enrollment, key) = host.challenges.totp().create(owner.clone(), grant).await?;
    let app = Authenticator::new(key.to_base32().expose());
    let Some(app) = app else { return Err(Complaint::Wrong("the enrollment has no valid key".to_owned())) };
    Ok((enrollment.id(), app.code(Timestamp::from_seconds(START)).into()))
}

/// Passes a challenge of the user for managing factors.
async fn step_up(host: &Host, owner: &Owner) -> Verdict<Grant> {
    let purpose = Purpose::manage_factors();
    let spec = ChallengeSpec::new(ChallengeType::Code).map_err(Error::from)?.with_purpose(purpose.clone());
    let created = host.challenges.create(owner.clone(), spec).await?;
    let code = created.code.as_ref().map(Secret::expose).unwrap_or_default();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code);
    let passed = host.challenges.answer(answer).await?.passed();
    let Some(passed) = passed else { return Err(Complaint::Wrong("a right answer was declined".to_owned())) };
    let token = host.challenges.step_up().grant(&passed)?;
    let max_age = host.challenges.policy().grant_age;
    let step_up = host.challenges.step_up().verify(&token, owner, &purpose, max_age).map_err(Error::from)?;
    Ok(Grant::step_up(&step_up))
}

async fn completed_enrollments(host: &Host, owner: &Owner) -> Verdict<usize> {
    let listed = host.challenges.totp().list(owner, None, 500).await?;
    Ok(listed.iter().filter(|enrollment| enrollment.is_completed()).count())
}

use super::observations::{observe_created, observe_deleted};
use super::{Enrollment, EnrollmentFactor};
use crate::engine::{Change, Engine, Entity as _, Scope, Versioned, find, find_owned, load};
use crate::error::{Error, Invalid};
use crate::grant::Grant;
use crate::id::EnrollmentId;
use crate::keyring::Place;
use crate::notices;
use crate::outbox::Notice;
use crate::owner::Owner;
use crate::policy::Policy;
use crate::throttle;

/// Creates a pending enrollment. Returns the enrollment and the second value of `new_factor`.
///
/// The same commit deletes the user's expired enrollments, and at the cap also the oldest pending enrollments.
/// Abandoned attempts therefore never block a new attempt.
pub(crate) async fn create<F: EnrollmentFactor, T: Send>(
    engine: &Engine,
    owner: &Owner,
    grant: &Grant,
    new_factor: impl Fn(Place<'_>) -> Result<(F, T), Error> + Send + Sync,
) -> Result<(Enrollment<F>, T), Error> {
    let load = engine.load_owned(owner, &Grant::kinds());
    let (created, made, replaced) = engine
        .transact(Some(&load), |loaded, now| {
            grant.admit(engine, loaded, owner, None, now)?;
            let enrolled = engine.owned::<Enrollment<F>>(loaded, owner, now)?;
            let replaced = replaced_pending(&engine.policy, enrolled)?;
            let id = EnrollmentId(engine.new_id(owner, now)?);
            let (factor, made) = new_factor(Enrollment::<F>::place_of(id, owner))?;
            let enrollment = Enrollment::new(id, owner.clone(), now.clock, factor);
            let mut writes = engine.delete_expired::<Enrollment<F>>(loaded, owner, now)?;
            writes.extend(replaced.iter().map(Versioned::delete));
            writes.push(engine.put(&enrollment, None)?);
            writes.push(throttle::touch(engine, loaded, owner, now)?);
            Ok(Change::new(writes, (enrollment, made, replaced)))
        })
        .await?;
    grant.observe(engine, owner);
    for gone in &replaced {
        observe_deleted(engine, &gone.value);
    }
    observe_created(engine, &created);
    Ok((created, made))
}

pub(crate) async fn get<F: EnrollmentFactor>(
    engine: &Engine,
    owner: &Owner,
    id: EnrollmentId,
) -> Result<Enrollment<F>, Error> {
    let enrollment = get_in_tenant(engine, owner.tenant(), id).await?;
    if enrollment.owner() == owner { Ok(enrollment) } else { Err(Error::NotFound) }
}

pub(crate) async fn get_in_tenant<F: EnrollmentFactor>(
    engine: &Engine,
    tenant: &str,
    id: EnrollmentId,
) -> Result<Enrollment<F>, Error> {
    let now = engine.now().latest;
    let loaded = engine.store.load(&load::<Enrollment<F>>(id.0)).await?;
    let enrollment = find::<Enrollment<F>>(&loaded, id.0)?.value;
    let is_visible = enrollment.owner().tenant() == tenant && enrollment.is_alive(&engine.policy, now);
    if is_visible { Ok(enrollment) } else { Err(Error::NotFound) }
}

pub(crate) async fn list<F: EnrollmentFactor>(
    engine: &Engine,
    scope: Scope<'_>,
    after: Option<EnrollmentId>,
    limit: usize,
) -> Result<Vec<Enrollment<F>>, Error> {
    engine.list::<Enrollment<F>>(scope, after.map(|id| id.0), limit).await
}

/// Deletes and returns an enrollment.
pub(crate) async fn delete<F: EnrollmentFactor>(
    engine: &Engine,
    owner: &Owner,
    grant: &Grant,
    id: EnrollmentId,
) -> Result<Enrollment<F>, Error> {
    let load = load::<Enrollment<F>>(id.0).with_owned(&Grant::kinds());
    let deleted = engine
        .transact(Some(&load), |loaded, now| {
            let found = find_owned::<Enrollment<F>>(loaded, owner, id.0)?;
            let mut writes = vec![found.delete()];
            let value = found.value;
            if value.is_completed() {
                grant.admit_removing(engine, loaded, owner, F::CHALLENGE_TYPE, now)?;
                writes.extend(notices::removed(engine, loaded, owner, Notice::Removed(F::CHALLENGE_TYPE), now)?);
            } else {
                grant.admit(engine, loaded, owner, None, now)?;
                writes.push(throttle::touch(engine, loaded, owner, now)?);
            }
            Ok(Change::new(writes, value))
        })
        .await?;
    grant.observe(engine, owner);
    observe_deleted(engine, &deleted);
    Ok(deleted)
}

/// Returns the oldest pending enrollments, to be replaced by one more enrollment.
///
/// Completed and pending enrollments together never exceed the cap, so completing an enrollment needs no check.
pub(super) fn replaced_pending<F: EnrollmentFactor>(
    policy: &Policy,
    enrolled: Vec<Versioned<Enrollment<F>>>,
) -> Result<Vec<Versioned<Enrollment<F>>>, Invalid> {
    let max = policy.enrollments;
    let excess = (enrolled.len() + 1).saturating_sub(max);
    let (completed, mut pending): (Vec<_>, Vec<_>) = enrolled.into_iter().partition(|found| found.value.is_completed());
    if completed.len() >= max {
        return Err(Invalid::TooMany { field: "enrollments", max });
    }
    pending.sort_by_key(|found| (found.value.created(), found.value.id()));
    pending.truncate(excess);
    Ok(pending)
}

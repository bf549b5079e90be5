use super::calls::replaced_pending;
use super::observations::{observe_created, observe_deleted};
use super::{Enrollment, EnrollmentFactor};
use crate::engine::{Change, Engine, Versioned};
use crate::error::Error;
use crate::grant::{self, Grant};
use crate::id::EnrollmentId;
use crate::keyring::Place;
use crate::notices;
use crate::outbox::Notice;
use crate::owner::Owner;
use crate::recovery;
use crate::throttle;

/// Stores an imported enrollment, unless `is_same` finds an earlier one. Returns the enrollment, and whether the
/// enrollment is new. A dry run decides likewise and stores nothing.
///
/// One of several concurrent imports of the same factor is new, because each commit rewrites the counters of the owner.
pub(crate) async fn import<F: EnrollmentFactor>(
    engine: &Engine,
    owner: &Owner,
    dry_run: bool,
    is_same: impl Fn(&Enrollment<F>) -> Result<bool, Error> + Send + Sync,
    new_factor: impl Fn(Place<'_>) -> Result<F, Error> + Send + Sync,
) -> Result<(Enrollment<F>, bool), Error> {
    let load = engine.load_owned(owner, &Grant::kinds());
    let (enrollment, is_new, replaced, ends_codes) = engine
        .transact(Some(&load), |loaded, now| {
            let enrolled = engine.owned::<Enrollment<F>>(loaded, owner, now)?;
            for found in &enrolled {
                if is_same(&found.value)? {
                    return Ok(Change::none((found.value.clone(), false, Vec::new(), false)));
                }
            }
            let replaced = replaced_pending(&engine.policy, enrolled)?;
            let id = EnrollmentId(engine.new_id(owner, now)?);
            let factor = new_factor(Enrollment::<F>::place_of(id, owner))?;
            let enrollment = Enrollment::new(id, owner.clone(), now.clock, factor);
            if dry_run {
                return Ok(Change::none((enrollment, true, Vec::new(), false)));
            }
            let mut writes = engine.delete_expired::<Enrollment<F>>(loaded, owner, now)?;
            writes.extend(replaced.iter().map(Versioned::delete));
            writes.push(engine.put(&enrollment, None)?);
            let mut ends_codes = false;
            if enrollment.is_completed() {
                let ended = grant::end_codes(engine, loaded, owner, F::CHALLENGE_TYPE, now.clock, now)?;
                ends_codes = !ended.is_empty();
                writes.extend(ended);
                writes.extend(notices::changed(engine, loaded, owner, Notice::Imported(F::CHALLENGE_TYPE), now)?);
            } else {
                writes.push(throttle::touch(engine, loaded, owner, now)?);
            }
            Ok(Change::new(writes, (enrollment, true, replaced, ends_codes)))
        })
        .await?;
    for gone in &replaced {
        observe_deleted(engine, &gone.value);
    }
    if is_new && !dry_run {
        observe_created(engine, &enrollment);
    }
    recovery::observe_ended(engine, owner, ends_codes);
    Ok((enrollment, is_new))
}

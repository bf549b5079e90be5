use super::enrollment::TotpFactor;
use super::{Totp, TotpEnrollment};
use crate::challenge_type::ChallengeType;
use crate::engine::{Change, Engine, Entity as _, Now, Versioned, find_owned, load};
use crate::enrollment::{observe_completed, observe_refused, observe_undecided, observe_wrong};
use crate::error::{Error, Invalid, Refused};
use crate::factor::Factor;
use crate::grant::Grant;
use crate::id::EnrollmentId;
use crate::notices;
use crate::outbox::Notice;
use crate::owner::Owner;
use crate::recovery;
use crate::secret::Secret;
use crate::store::Loaded;
use crate::throttle::{self, Counters, Lock};

/// The decision on a code for a pending enrollment.
enum Verdict {
    Completed { enrollment: TotpEnrollment, ends_codes: bool },
    Wrong(Option<Lock>),
    Refused(Refused),
    Closed,
}

impl Totp<'_> {
    /// Completes a pending enrollment with a code of the authenticator. The code cannot answer a challenge afterwards.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if the user has no such enrollment.
    /// - [`Error::Grant`] if the grant does not admit the change.
    /// - [`Error::Invalid`] if the code is wrong, the user has to wait after too many wrong codes, or the enrollment is
    ///   completed or expired.
    /// - [`Error::Store`] if the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "totp.confirm", level = "debug", skip_all))]
    pub async fn confirm(
        &self,
        owner: &Owner,
        grant: &Grant,
        id: EnrollmentId,
        code: &Secret,
    ) -> Result<TotpEnrollment, Error> {
        let engine = self.engine;
        let load = load::<TotpEnrollment>(id.0).with_owned(&Grant::kinds());
        let verdict = engine
            .transact(Some(&load), |loaded, now| decide(engine, owner, grant, id, code.expose(), loaded, now))
            .await
            .inspect_err(|error| observe_undecided(engine, owner, id, error))?;
        match verdict {
            Verdict::Completed { enrollment, ends_codes } => {
                grant.observe(engine, owner);
                observe_completed(engine, &enrollment);
                recovery::observe_ended(engine, owner, ends_codes);
                Ok(enrollment)
            }
            Verdict::Wrong(lock) => {
                observe_wrong::<TotpFactor>(engine, owner, id, None);
                throttle::observe_lock(engine, owner, Factor::TotpEnrollment, lock);
                Err(Invalid::EnrollmentAnswer.into())
            }
            Verdict::Refused(reason) => {
                observe_refused(engine, owner, id, reason);
                Err(Invalid::EnrollmentAnswer.into())
            }
            Verdict::Closed => {
                observe_refused(engine, owner, id, Refused::Final);
                Err(Invalid::EnrollmentClosed.into())
            }
        }
    }
}

fn decide(
    engine: &Engine,
    owner: &Owner,
    grant: &Grant,
    id: EnrollmentId,
    code: &str,
    loaded: &Loaded,
    now: Now,
) -> Result<Change<Verdict>, Error> {
    let policy = &engine.policy;
    let Versioned { value: enrollment, version } = find_owned::<TotpEnrollment>(loaded, owner, id.0)?;
    let mut writes = grant.admit_completing(engine, loaded, owner, ChallengeType::Totp, enrollment.created(), now)?;
    if enrollment.is_completed() || !enrollment.is_alive(policy, now.latest) {
        return Ok(Change::none(Verdict::Closed));
    }
    if !enrollment.parameters().is_well_formed(code) {
        return Ok(Change::none(Verdict::Refused(Refused::NothingToCompare)));
    }
    // The step is part of the place: a code that is wrong now may be right later, and is then another guess.
    let field = format!("wrong/{}", enrollment.parameters().step(now.clock).number());
    let place = enrollment.place().field(&field);
    if let Some(last) = enrollment.last_wrong()
        && engine.keys.is_fingerprint(place, last, code)?
    {
        return Ok(Change::none(Verdict::Refused(Refused::Repeated)));
    }
    let mut counters = Counters::read(engine, loaded, owner)?;
    if let Err(reason) = counters.admit(Factor::TotpEnrollment, policy, now.clock) {
        return Ok(Change::none(Verdict::Refused(reason)));
    }
    let generator = enrollment.generator(&engine.keys)?;
    let notice;
    let (next, verdict) = match generator.newest_match(code, now.clock, policy.totp_skew, None) {
        Some(step) => {
            counters.clear_failures(Factor::TotpEnrollment);
            counters.factors_changed();
            notice = Some(Notice::Added(ChallengeType::Totp));
            let completed = enrollment.completed(step, now.latest);
            (completed.clone(), Verdict::Completed { enrollment: completed, ends_codes: !writes.is_empty() })
        }
        None => {
            let lock = counters.count_failure(Factor::TotpEnrollment, policy, now.clock);
            notice = notices::of_lock(engine, &counters, Factor::TotpEnrollment, lock);
            let fingerprint = engine.keys.mac(place, code);
            writes.clear();
            (enrollment.after_wrong_code(fingerprint, now.latest), Verdict::Wrong(lock))
        }
    };
    writes.push(engine.put(&next, Some(version))?);
    if let Some(notice) = notice {
        writes.extend(notices::queue(engine, loaded, &mut counters, notice, now)?);
    }
    writes.push(counters.write(engine, now)?);
    Ok(Change::new(writes, verdict))
}

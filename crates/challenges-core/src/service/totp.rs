use super::enrollments::{find, load};
use super::transaction::Decision;
use super::{Challenges, Now};
use crate::challenge::Refused;
use crate::codec;
use crate::enrollment::{self, Confirmation, EnrollmentRecord as _, TotpEnrollment, TotpKey};
use crate::error::{Error, Invalid};
use crate::factor::{TimeStep, totp};
use crate::id::EnrollmentId;
use crate::observer::Observation;
use crate::owner::Owner;
use crate::request::CreatedTotpEnrollment;
use crate::secret::Secret;
use crate::store::{Kind, Loaded, Version, Write};
use crate::subject::{Factor, Lock, Subject};

/// What became of a code that was to complete an enrollment.
enum Verdict {
    Completed(TotpEnrollment),
    Wrong(TotpEnrollment, Option<Lock>),
    Refused(Refused),
    Closed,
}

impl Challenges {
    /// Makes a TOTP key for a user. The enrollment is pending, and answers nothing, until a code of the user's
    /// authenticator completes it.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the user has as many enrollments as the policy allows, [`Error::Store`] when the store
    /// fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn create_totp_enrollment(&self, owner: Owner) -> Result<CreatedTotpEnrollment, Error> {
        let load = self.load_of(&owner, &[Kind::TotpEnrollment, Kind::Subject]);
        let created = self
            .transact(Some(&load), |loaded, now| {
                let siblings = self.siblings(loaded, &owner, now)?;
                self.check_enrollments(siblings.totp.len())?;
                let id = EnrollmentId(self.mint(&owner, now)?);
                let key = TotpKey::generate(self.entropy())?;
                let place = enrollment::place(id, &owner).field("key");
                let sealed = self.inner.ring.seal(self.entropy(), place, key.expose())?;
                let enrollment = TotpEnrollment::pending(id, owner.clone(), now.clock, sealed);
                let mut writes = siblings.expired;
                writes.extend([self.put_totp(&enrollment, None)?, self.change_set(loaded, &owner, now)?]);
                Ok(Decision::Commit(writes, CreatedTotpEnrollment { enrollment, key }))
            })
            .await?;
        self.observe(&Observation::EnrollmentCreated((&created.enrollment).into()));
        Ok(created)
    }

    /// The TOTP enrollments of a user, at most `limit` (1 to 500), in order of creation.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for another limit, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn totp_enrollments(&self, owner: &Owner, limit: usize) -> Result<Vec<TotpEnrollment>, Error> {
        self.enrollments_of(owner, limit).await
    }

    /// The TOTP enrollments of every user of a tenant, at most `limit` (1 to 500), those of a user in order of creation,
    /// for callers who may act for every one of them. It may look through the enrollments of every tenant.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for another limit, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn totp_enrollments_in(&self, tenant: &str, limit: usize) -> Result<Vec<TotpEnrollment>, Error> {
        self.enrollments_in(tenant, limit).await
    }

    /// A TOTP enrollment of a user.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when the user has none of that id, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn totp_enrollment(&self, owner: &Owner, id: EnrollmentId) -> Result<TotpEnrollment, Error> {
        self.enrollment_of(owner, id).await
    }

    /// A TOTP enrollment of whichever user of a tenant, for callers who may act for every one of them.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when no user of the tenant has one of that id, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn totp_enrollment_by_id(&self, tenant: &str, id: EnrollmentId) -> Result<TotpEnrollment, Error> {
        self.enrollment_in(tenant, id).await
    }

    /// Completes a pending enrollment with a code of the user's authenticator. That code answers nothing else.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when the user has none of that id; [`Error::Invalid`] when the code is wrong, has to wait
    /// after too many wrong ones, or the enrollment is completed or expired; [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn confirm_totp_enrollment(
        &self,
        owner: &Owner,
        id: EnrollmentId,
        code: &Secret,
    ) -> Result<TotpEnrollment, Error> {
        let load = load::<TotpEnrollment>(id).with_siblings(&[Kind::Subject]);
        let verdict = self
            .transact(Some(&load), |loaded, now| self.confirm(owner, id, code.expose(), loaded, now))
            .await
            .inspect_err(|error| self.observe(&Observation::EnrollmentAnswerUndecided(id, error)))?;
        match verdict {
            Verdict::Completed(enrollment) => {
                self.observe(&Observation::EnrollmentCompleted((&enrollment).into()));
                Ok(enrollment)
            }
            Verdict::Wrong(enrollment, lock) => {
                self.observe(&Observation::EnrollmentAnswerWrong((&enrollment).into(), None));
                self.observe_lock(owner, lock.map(|lock| (Factor::TotpEnrollment, lock)));
                Err(Invalid::EnrollmentAnswer.into())
            }
            Verdict::Refused(reason) => {
                self.observe(&Observation::EnrollmentAnswerRefused(id, reason));
                Err(Invalid::EnrollmentAnswer.into())
            }
            Verdict::Closed => {
                self.observe(&Observation::EnrollmentAnswerRefused(id, Refused::Final));
                Err(Invalid::EnrollmentClosed.into())
            }
        }
    }

    /// Deletes a TOTP enrollment of a user. From then on it answers no challenge, open ones included.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when the user has none of that id, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn delete_totp_enrollment(&self, owner: &Owner, id: EnrollmentId) -> Result<(), Error> {
        self.delete_enrollment::<TotpEnrollment>(owner, id).await.map(|_| ())
    }

    fn confirm(
        &self,
        owner: &Owner,
        id: EnrollmentId,
        code: &str,
        loaded: &Loaded,
        now: Now,
    ) -> Result<Decision<Verdict>, Error> {
        let policy = &self.inner.policy;
        let (enrollment, version) = find::<TotpEnrollment>(loaded, owner, id)?;
        if enrollment.is_completed() || !enrollment.is_alive(policy, now.latest) {
            return Ok(Decision::Done(Verdict::Closed));
        }
        if !totp::is_well_formed(code) {
            return Ok(Decision::Done(Verdict::Refused(Refused::NothingToCompare)));
        }
        let field = format!("wrong/{}", TimeStep::at(now.clock).number());
        let place = enrollment.place().field(&field);
        if let Some(last) = enrollment.last_wrong()
            && self.inner.ring.verify(place, last, code)?
        {
            return Ok(Decision::Done(Verdict::Refused(Refused::Repeated)));
        }
        let read = self.subject(loaded, owner)?;
        let read_version = read.as_ref().map(|(_, version)| *version);
        let mut subject = read.map_or_else(|| Subject::new(owner.clone()), |(subject, _)| subject);
        if let Err(reason) = subject.admit(Factor::TotpEnrollment, policy, now.clock) {
            return Ok(Decision::Done(Verdict::Refused(reason)));
        }
        let key = enrollment.key(&self.inner.ring)?;
        let matched = totp::newest_match(&key, code, now.clock, policy.totp_skew, None);
        let fingerprint = self.inner.ring.mac(place, code);
        let (next, verdict) = match enrollment.confirm(matched, fingerprint, now.latest) {
            Confirmation::Completed(next) => {
                subject.clear(Factor::TotpEnrollment);
                (next.clone(), Verdict::Completed(next))
            }
            Confirmation::Wrong(next) => {
                let lock = subject.count_failure(Factor::TotpEnrollment, policy, now.clock);
                (next.clone(), Verdict::Wrong(next, lock))
            }
        };
        let writes = vec![self.put_totp(&next, Some(version))?, self.put_subject(&subject, read_version, now)?];
        Ok(Decision::Commit(writes, verdict))
    }

    /// Stores an enrollment in place of the one that was read, or of none. Pending ones are garbage after a while.
    pub(super) fn put_totp(&self, enrollment: &TotpEnrollment, read: Option<Version>) -> Result<Write, Error> {
        self.put_enrollment(enrollment, codec::encode(enrollment.body())?, read)
    }
}

use super::transaction::Decision;
use super::{Challenges, Now};
use crate::challenge::Refused;
use crate::codec;
use crate::enrollment::{self, Confirmation, TotpEnrollment, TotpKey};
use crate::error::{Capped, Error, Invalid};
use crate::factor::{TimeStep, totp};
use crate::id::EnrollmentId;
use crate::observer::Observation;
use crate::owner::Owner;
use crate::request::CreatedTotpEnrollment;
use crate::secret::Secret;
use crate::store::{Expect, Key, Kind, Load, Loaded, Record, Version, Write};
use crate::subject::{Factor, Subject};

/// What became of a code that was to complete an enrollment.
enum Verdict {
    Completed(TotpEnrollment),
    Wrong(TotpEnrollment),
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
    pub async fn create_totp_enrollment(&self, owner: Owner) -> Result<CreatedTotpEnrollment, Error> {
        let load = self.load_of(&owner, &[Kind::TotpEnrollment, Kind::Subject]);
        let created = self
            .transact(Some(&load), |loaded, now| {
                let max = self.inner.policy.enrollments;
                let siblings = self.siblings(loaded, &owner, now)?;
                if siblings.totp.len() >= max {
                    return Err(Invalid::TooMany { what: Capped::Enrollments, max }.into());
                }
                let id = EnrollmentId(self.mint(&owner, now)?);
                let key = TotpKey::generate(self.entropy())?;
                let place = enrollment::place(id, &owner).field("key");
                let sealed = self.inner.ring.seal(self.entropy(), place, key.expose())?;
                let enrollment = TotpEnrollment::pending(id, owner.clone(), now.clock, sealed);
                let mut writes = vec![self.put_enrollment(&enrollment, None)?, self.change_set(loaded, &owner, now)?];
                // Whoever begins again and again does not leave a heap that every answer has to read.
                let expired = siblings.expired.iter();
                writes.extend(expired.map(|(old, version)| Write::delete(key_of(old.id()), *version)));
                Ok(Decision::Commit(writes, CreatedTotpEnrollment { enrollment, key }))
            })
            .await?;
        self.observe(&Observation::EnrollmentCreated(&created.enrollment));
        Ok(created)
    }

    /// The TOTP enrollments of a user, at most `limit` (1 to 500), in order of creation.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for another limit, [`Error::Store`] when the store fails.
    pub async fn totp_enrollments(&self, owner: &Owner, limit: usize) -> Result<Vec<TotpEnrollment>, Error> {
        let now = self.time().latest;
        self.list(Some(owner), Kind::TotpEnrollment, None, limit, |body| {
            let enrollment = TotpEnrollment::from_body(codec::decode(body)?);
            let theirs = enrollment.owner() == owner && enrollment.is_alive(&self.inner.policy, now);
            Ok(theirs.then_some(enrollment))
        })
        .await
    }

    /// The TOTP enrollments of every user of a tenant, at most `limit` (1 to 500), those of a user in order of creation,
    /// for callers who may act for every one of them. It may look through the enrollments of every tenant.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for another limit, [`Error::Store`] when the store fails.
    pub async fn totp_enrollments_in(&self, tenant: &str, limit: usize) -> Result<Vec<TotpEnrollment>, Error> {
        let now = self.time().latest;
        self.list(None, Kind::TotpEnrollment, None, limit, |body| {
            let enrollment = TotpEnrollment::from_body(codec::decode(body)?);
            let theirs = enrollment.owner().tenant() == tenant && enrollment.is_alive(&self.inner.policy, now);
            Ok(theirs.then_some(enrollment))
        })
        .await
    }

    /// A TOTP enrollment of a user.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when the user has none of that id, [`Error::Store`] when the store fails.
    pub async fn totp_enrollment(&self, owner: &Owner, id: EnrollmentId) -> Result<TotpEnrollment, Error> {
        let enrollment = self.totp_enrollment_by_id(owner.tenant(), id).await?;
        if enrollment.owner() == owner { Ok(enrollment) } else { Err(Error::NotFound) }
    }

    /// A TOTP enrollment of whichever user of a tenant, for callers who may act for every one of them.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when no user of the tenant has one of that id, [`Error::Store`] when the store fails.
    pub async fn totp_enrollment_by_id(&self, tenant: &str, id: EnrollmentId) -> Result<TotpEnrollment, Error> {
        let now = self.time().latest;
        let loaded = self.inner.store.load(&load(id)).await?;
        let stored = loaded.find(key_of(id)).ok_or(Error::NotFound)?;
        let enrollment = TotpEnrollment::from_body(codec::decode(&stored.record.body)?);
        let theirs = enrollment.owner().tenant() == tenant && enrollment.is_alive(&self.inner.policy, now);
        if theirs { Ok(enrollment) } else { Err(Error::NotFound) }
    }

    /// Completes a pending enrollment with a code of the user's authenticator. That code answers nothing else.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when the user has none of that id; [`Error::Invalid`] when the code is wrong, has to wait
    /// after too many wrong ones, or the enrollment is completed or expired; [`Error::Store`] when the store fails.
    pub async fn confirm_totp_enrollment(
        &self,
        owner: &Owner,
        id: EnrollmentId,
        code: &Secret,
    ) -> Result<TotpEnrollment, Error> {
        let load = load(id).with_siblings(&[Kind::Subject]);
        let verdict =
            self.transact(Some(&load), |loaded, now| self.confirm(owner, id, code.expose(), loaded, now)).await?;
        match verdict {
            Verdict::Completed(enrollment) => {
                self.observe(&Observation::EnrollmentCompleted(&enrollment));
                Ok(enrollment)
            }
            Verdict::Wrong(enrollment) => {
                self.observe(&Observation::EnrollmentAnswerWrong(&enrollment));
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
    pub async fn delete_totp_enrollment(&self, owner: &Owner, id: EnrollmentId) -> Result<(), Error> {
        let load = load(id).with_siblings(&[Kind::Subject]);
        self.transact(Some(&load), |loaded, now| {
            let (_, version) = find(loaded, owner, id)?;
            let delete = Write::delete(key_of(id), version);
            Ok(Decision::Commit(vec![delete, self.change_set(loaded, owner, now)?], ()))
        })
        .await?;
        self.observe(&Observation::EnrollmentDeleted(id));
        Ok(())
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
        let (enrollment, version) = find(loaded, owner, id)?;
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
                subject.count_failure(Factor::TotpEnrollment, policy, now.clock);
                (next.clone(), Verdict::Wrong(next))
            }
        };
        let writes = vec![self.put_enrollment(&next, Some(version))?, self.put_subject(&subject, read_version, now)?];
        Ok(Decision::Commit(writes, verdict))
    }

    /// Stores an enrollment in place of the one that was read, or of none. Pending ones are garbage after a while.
    pub(super) fn put_enrollment(&self, enrollment: &TotpEnrollment, read: Option<Version>) -> Result<Write, Error> {
        let policy = &self.inner.policy;
        let pending = (!enrollment.is_completed())
            .then(|| enrollment.created().after(policy.pending_enrollment).after(policy.retention));
        let record = Record {
            key: key_of(enrollment.id()),
            due: None,
            expires: pending,
            body: codec::encode(enrollment.body())?,
        };
        Ok(Write::put(read.map_or(Expect::Absent, Expect::At), record))
    }

    /// Rewrites the owner's subject record, so that of two changes of a set of the owner's records one meets a conflict.
    pub(super) fn change_set(&self, loaded: &Loaded, owner: &Owner, now: Now) -> Result<Write, Error> {
        match self.subject(loaded, owner)? {
            Some((subject, version)) => self.put_subject(&subject, Some(version), now),
            None => self.put_subject(&Subject::new(owner.clone()), None, now),
        }
    }
}

fn key_of(id: EnrollmentId) -> Key {
    Key::new(Kind::TotpEnrollment, id.0)
}

fn load(id: EnrollmentId) -> Load {
    Load::key(key_of(id))
}

/// The enrollment among what was loaded, if it is that owner's.
fn find(loaded: &Loaded, owner: &Owner, id: EnrollmentId) -> Result<(TotpEnrollment, Version), Error> {
    let stored = loaded.find(key_of(id)).ok_or(Error::NotFound)?;
    let enrollment = TotpEnrollment::from_body(codec::decode(&stored.record.body)?);
    if enrollment.owner() == owner { Ok((enrollment, stored.version)) } else { Err(Error::NotFound) }
}

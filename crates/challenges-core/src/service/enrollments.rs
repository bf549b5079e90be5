use bytes::Bytes;

use super::transaction::Decision;
use super::{Challenges, Now};
use crate::enrollment::EnrollmentRecord;
use crate::error::{Capped, Error, Invalid};
use crate::id::EnrollmentId;
use crate::observer::Observation;
use crate::owner::Owner;
use crate::store::{Expect, Kind, Load, Loaded, Record, Version, Write};
use crate::subject::Subject;

/// What is done with enrollments of either kind alike.
impl Challenges {
    pub(super) async fn enrollments_of<E: EnrollmentRecord>(
        &self,
        owner: &Owner,
        limit: usize,
    ) -> Result<Vec<E>, Error> {
        self.list_enrollments(Some(owner), limit, |enrollment: &E| enrollment.owner() == owner).await
    }

    pub(super) async fn enrollments_in<E: EnrollmentRecord>(
        &self,
        tenant: &str,
        limit: usize,
    ) -> Result<Vec<E>, Error> {
        self.list_enrollments(None, limit, |enrollment: &E| enrollment.owner().tenant() == tenant).await
    }

    async fn list_enrollments<E: EnrollmentRecord>(
        &self,
        owner: Option<&Owner>,
        limit: usize,
        theirs: impl Fn(&E) -> bool + Send + Sync,
    ) -> Result<Vec<E>, Error> {
        let now = self.time().latest;
        self.list(owner, E::KIND, None, limit, |body| {
            let enrollment = E::decode(body)?;
            Ok((theirs(&enrollment) && enrollment.is_alive(&self.inner.policy, now)).then_some(enrollment))
        })
        .await
    }

    pub(super) async fn enrollment_of<E: EnrollmentRecord>(&self, owner: &Owner, id: EnrollmentId) -> Result<E, Error> {
        let enrollment: E = self.enrollment_in(owner.tenant(), id).await?;
        if enrollment.owner() == owner { Ok(enrollment) } else { Err(Error::NotFound) }
    }

    pub(super) async fn enrollment_in<E: EnrollmentRecord>(&self, tenant: &str, id: EnrollmentId) -> Result<E, Error> {
        let now = self.time().latest;
        let loaded = self.inner.store.load(&load::<E>(id)).await?;
        let enrollment = E::decode_stored(loaded.find(E::key(id)).ok_or(Error::NotFound)?)?;
        let theirs = enrollment.owner().tenant() == tenant && enrollment.is_alive(&self.inner.policy, now);
        if theirs { Ok(enrollment) } else { Err(Error::NotFound) }
    }

    /// Deletes an enrollment and answers what it was.
    pub(super) async fn delete_enrollment<E: EnrollmentRecord>(
        &self,
        owner: &Owner,
        id: EnrollmentId,
    ) -> Result<E, Error> {
        let load = load::<E>(id).with_siblings(&[Kind::Subject]);
        let deleted = self
            .transact(Some(&load), |loaded, now| {
                let (enrollment, version) = find::<E>(loaded, owner, id)?;
                let delete = Write::delete(E::key(id), version);
                Ok(Decision::Commit(vec![delete, self.change_set(loaded, owner, now)?], enrollment))
            })
            .await?;
        self.observe(&Observation::EnrollmentDeleted(id));
        Ok(deleted)
    }

    /// Whether a user who has so many may have one more.
    pub(super) fn check_enrollments(&self, count: usize) -> Result<(), Invalid> {
        let max = self.inner.policy.enrollments;
        if count < max { Ok(()) } else { Err(Invalid::TooMany { what: Capped::Enrollments, max }) }
    }

    pub(super) fn put_enrollment<E: EnrollmentRecord>(
        &self,
        enrollment: &E,
        body: Bytes,
        read: Option<Version>,
    ) -> Result<Write, Error> {
        let key = E::key(enrollment.shown().id());
        let record = Record { key, due: None, expires: enrollment.expires(&self.inner.policy), body };
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

pub(super) fn load<E: EnrollmentRecord>(id: EnrollmentId) -> Load {
    Load::key(E::key(id))
}

/// The enrollment among what was loaded, if it is that owner's.
pub(super) fn find<E: EnrollmentRecord>(
    loaded: &Loaded,
    owner: &Owner,
    id: EnrollmentId,
) -> Result<(E, Version), Error> {
    let stored = loaded.find(E::key(id)).ok_or(Error::NotFound)?;
    let enrollment = E::decode_stored(stored)?;
    if enrollment.owner() == owner { Ok((enrollment, stored.version)) } else { Err(Error::NotFound) }
}

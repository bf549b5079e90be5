use super::transaction::Decision;
use super::{Challenges, Now};
use crate::codec;
use crate::error::Error;
use crate::observer::Observation;
use crate::owner::Owner;
use crate::store::{Expect, Key, Kind, Load, Record, Version, Write};
use crate::subject::{Factor, Lock, Subject};

impl Challenges {
    /// Forgets a user's failures of a factor: unlocks one that has to wait, and resets one that was disabled, so that it
    /// can be used again at once. It is for administrators: whoever may call it decides how often a code may be guessed.
    /// That it had something to forget is observed ([`Observation::FactorReset`]).
    ///
    /// A challenge that took as many wrong answers as it may stays closed: start another one.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn reset_factor(&self, owner: &Owner, factor: Factor) -> Result<(), Error> {
        let load = self.load_of(owner, &[Kind::Subject]);
        let cleared = self
            .transact(Some(&load), |loaded, now| {
                let Some((mut subject, version)) = self.subject(loaded, owner)? else {
                    return Ok(Decision::Done(false));
                };
                if !subject.clear(factor) {
                    return Ok(Decision::Done(false));
                }
                Ok(Decision::Commit(vec![self.put_subject(&subject, Some(version), now)?], true))
            })
            .await?;
        if cleared {
            self.observe(&Observation::FactorReset(owner, factor));
        }
        Ok(())
    }

    /// A user's failures of a factor in a row.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn failures(&self, owner: &Owner, factor: Factor) -> Result<u32, Error> {
        let loaded = self.inner.store.load(&self.load_of(owner, &[Kind::Subject])).await?;
        Ok(self.subject(&loaded, owner)?.map_or(0, |(subject, _)| subject.failures(factor)))
    }

    /// Tells that a factor of a user is locked by a failure that was counted.
    pub(super) fn observe_lock(&self, owner: &Owner, lock: Option<(Factor, Lock)>) {
        match lock {
            Some((factor, Lock::DelayedUntil(until))) => {
                self.observe(&Observation::FactorDelayed(owner, factor, until));
            }
            Some((factor, Lock::Disabled)) => self.observe(&Observation::FactorDisabled(owner, factor)),
            None => {}
        }
    }

    pub(super) fn load_of(&self, owner: &Owner, kinds: &[Kind]) -> Load {
        Load::of(self.inner.tagger.tag(owner)).with_siblings(kinds)
    }

    /// Stores a subject record in place of the one that was read, or of none. Failures are kept for ever, sends for as long
    /// as they count; without any it only has to be there while changes of a set may meet.
    pub(super) fn put_subject(&self, subject: &Subject, read: Option<Version>, now: Now) -> Result<Write, Error> {
        let key = self.subject_key(&subject.owner);
        let window = self.inner.policy.sends.window;
        let counted = subject.sends_over(window).unwrap_or(now.clock).max(now.clock);
        let expires = subject.has_no_failures().then(|| counted.after(self.inner.policy.retention));
        let record = Record { key, due: None, expires, body: codec::encode(subject)? };
        Ok(Write::put(read.map_or(Expect::Absent, Expect::At), record))
    }

    /// Asserts that the subject record is as it was read.
    pub(super) fn keep_subject(&self, owner: &Owner, read: Option<Version>) -> Write {
        Write::keep(self.subject_key(owner), read.map_or(Expect::Absent, Expect::At))
    }

    fn subject_key(&self, owner: &Owner) -> Key {
        Key::new(Kind::Subject, self.inner.tagger.subject_id(owner))
    }
}

/// A subject record that was read and its version, or a new one.
pub(super) fn subject_or_new(read: Option<(Subject, Version)>, owner: &Owner) -> (Subject, Option<Version>) {
    match read {
        Some((subject, version)) => (subject, Some(version)),
        None => (Subject::new(owner.clone()), None),
    }
}

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::lists::MAX_LIMIT;
use super::root::{self, Root};
use super::transaction::TRIES;
use super::{Challenges, Now};
use crate::codec;
use crate::error::{Error, Invalid};
use crate::keyring::{Keeps, Renewal};
use crate::observer::Observation;
use crate::resealed::{ResealCursor, Resealed, Unopened};
use crate::store::{Commit, Expect, Kind, ListQuery, Load, Record, Stored, Write};
use crate::time::Timestamp;
use crate::{challenge, endpoint, enrollment, outbox};

/// What is to be done with a record.
enum Found {
    /// Nothing: somebody else is at work on it.
    Busy,
    /// Nothing, since something else is still under the key of the root.
    Held,
    /// This body takes the place of the one that was read, where there is one.
    Looked { anew: Option<bytes::Bytes>, renewal: Renewal },
}

impl Challenges {
    /// Seals anew, under the active key, what the store holds under others of the ring: at most `limit` records (1 to
    /// 500) after that cursor. [`KeyRing`](crate::KeyRing) tells when to.
    ///
    /// Each record is replaced by compare-and-set, so the service goes on meanwhile, any number of walks may run at once,
    /// and one that was cut off goes on at its last cursor or from the start. The pause between two calls is the
    /// caller's, and sets the pace. A record that does not open, or is of an unknown form, stops nothing; it is reported.
    /// Each page is told to the observer as [`Observation::Resealed`].
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for another limit; [`Error::Store`] when the store fails or finds a record corrupt, and
    /// [`Error::Contended`] when others keep rewriting a record: then call it again with the same cursor.
    ///
    /// # Examples
    ///
    /// A background task that seals everything anew and returns once the old key may go:
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use challenges_core::{Challenges, Error};
    ///
    /// async fn rotate(challenges: Challenges) -> Result<(), Error> {
    ///     let mut cursor = None;
    ///     loop {
    ///         let page = challenges.reseal(cursor, 100).await?;
    ///         if page.done {
    ///             return Ok(());
    ///         }
    ///         cursor = page.next;
    ///         // At the end of a walk something was left: walk again later.
    ///         let pause = if cursor.is_some() { Duration::from_millis(100) } else { Duration::from_secs(3_600) };
    ///         tokio::time::sleep(pause).await;
    ///     }
    /// }
    /// ```
    pub async fn reseal(&self, after: Option<ResealCursor>, limit: usize) -> Result<Resealed, Error> {
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Invalid::Limit.into());
        }
        let mut report = Resealed::default();
        let mut at = after.unwrap_or(ResealCursor::START);
        loop {
            let rest = limit.saturating_sub(report.looked_at);
            let query = ListQuery { kind: at.kind, owner: None, after: at.after, limit: rest };
            let page = self.inner.store.list(&query).await?;
            for stored in page.records {
                at.left |= self.reseal_into(&mut report, stored, at.left).await?;
            }
            let Some(next) = at.beyond(page.next) else {
                report.done = !at.left;
                break;
            };
            at = next;
            if report.looked_at >= limit {
                report.next = Some(at);
                break;
            }
        }
        self.observe(&Observation::Resealed(&report));
        Ok(report)
    }

    /// Seals a record anew and notes what came of it; whether something was left that another walk may find gone.
    async fn reseal_into(&self, report: &mut Resealed, stored: Stored, left: bool) -> Result<bool, Error> {
        let key = stored.record.key;
        report.looked_at = report.looked_at.saturating_add(1);
        match self.reseal_record(report, stored, left).await {
            Err(source @ (Error::Seal(_) | Error::Body(_))) => {
                let unknown_form = matches!(source, Error::Body(_));
                report.unopened.push(Unopened { key, source });
                Ok(unknown_form)
            }
            done => done,
        }
    }

    async fn reseal_record(&self, report: &mut Resealed, mut stored: Stored, left: bool) -> Result<bool, Error> {
        let key = stored.record.key;
        for _ in 0..TRIES {
            let now = self.time();
            let (anew, renewal) = match self.look_at(&stored.record, left, now)? {
                Found::Held => return Ok(true),
                Found::Busy => {
                    report.busy = report.busy.saturating_add(1);
                    return Ok(true);
                }
                Found::Looked { anew, renewal } => (anew, renewal),
            };
            let ends = stored.record.expires.unwrap_or(Timestamp::MAX);
            let changed = anew.is_some();
            if let Some(body) = anew {
                let put = Write::put(Expect::At(stored.version), Record { body, ..stored.record });
                if self.commit(vec![put]).await? == Commit::Conflict {
                    let loaded = self.inner.store.load(&Load::key(key)).await?;
                    let Some(fresh) = loaded.find(key) else { return Ok(false) };
                    stored = fresh.clone();
                    continue;
                }
            }
            report.resealed = report.resealed.saturating_add(usize::from(changed));
            // Garbage is compared with nothing any more.
            if renewal.hashed_under.is_empty() || ends <= now.latest {
                return Ok(false);
            }
            for id in renewal.hashed_under {
                let latest = report.still_under.entry(id).or_default();
                *latest = ends.max(*latest);
            }
            return Ok(true);
        }
        Err(Error::Contended)
    }

    fn look_at(&self, record: &Record, left: bool, now: Now) -> Result<Found, Error> {
        match record.key.kind {
            Kind::Root => self.look_at_root(record, left),
            Kind::Challenge => self.look_at_body::<challenge::Body>(record),
            Kind::TotpEnrollment => self.look_at_body::<enrollment::TotpBody>(record),
            Kind::Endpoint => self.look_at_body::<endpoint::Body>(record),
            Kind::Outbox => {
                // Whoever holds an entry loses it when it changes, and it would be sent twice.
                let attempted = codec::decode::<outbox::Body>(&record.body)?.attempts > 0;
                let found = self.look_at_body::<outbox::Body>(record)?;
                let held = attempted && record.due.is_some_and(|due| now.clock < due);
                let stale = matches!(&found, Found::Looked { anew: Some(_), .. });
                Ok(if held && stale { Found::Busy } else { found })
            }
            Kind::DeadLetter => self.look_at_body::<outbox::Body>(record),
            Kind::Subject | Kind::WebauthnEnrollment | Kind::Reservation | Kind::ActionResult => {
                Ok(Found::Looked { anew: None, renewal: Renewal::default() })
            }
        }
    }

    fn look_at_body<B: Keeps + Serialize + DeserializeOwned>(&self, record: &Record) -> Result<Found, Error> {
        let mut body: B = codec::decode(&record.body)?;
        let renewal = self.inner.ring.renew(self.entropy(), &mut body)?;
        let anew = if renewal.changed { Some(codec::encode(&body)?) } else { None };
        Ok(Found::Looked { anew, renewal })
    }

    fn look_at_root(&self, record: &Record, left: bool) -> Result<Found, Error> {
        let mut body: Root = codec::decode(&record.body)?;
        let owner = root::owner()?;
        let changed = self.inner.ring.renew_sealed(self.entropy(), root::place(&owner), &mut body.salt)?;
        if changed && left {
            return Ok(Found::Held);
        }
        let anew = if changed { Some(codec::encode(&body)?) } else { None };
        Ok(Found::Looked { anew, renewal: Renewal::default() })
    }
}

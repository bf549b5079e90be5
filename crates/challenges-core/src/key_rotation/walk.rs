use super::renewal::Renewal;
use super::{ResealCursor, ResealReport};
use crate::engine::{Engine, MAX_LIMIT, MAX_TRIES};
use crate::error::{Error, Invalid};
use crate::keyring::TagState;
use crate::observer::Observation;
use crate::store::{Commit, Expect, Kind, ListQuery, Record, Stored, Write};
use crate::time::Timestamp;

/// The keys of a service in use. See [`Challenges::keys`](crate::Challenges::keys).
#[derive(Clone, Copy, Debug)]
pub struct Keys<'a> {
    engine: &'a Engine,
}

impl<'a> Keys<'a> {
    pub(crate) const fn new(engine: &'a Engine) -> Self {
        Self { engine }
    }

    /// Seals and authenticates stored records again under the active key: at most `limit` records (1 to 500) after the
    /// cursor. [`KeyRing`](crate::keyring::KeyRing) tells when to do so.
    ///
    /// Each record is replaced by compare-and-set, so the service keeps running. Any number of walks may run at once,
    /// and an interrupted walk continues from the last cursor or from the start. The pause between two calls is up to
    /// the caller, and sets the pace. Unreadable records are reported, and do not stop the walk. Each page is observed
    /// as [`Observation::Resealed`].
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] when the limit is out of range.
    /// - [`Error::Store`] when the store fails or finds a record corrupt, and [`Error::Contended`] when concurrent
    ///   writers keep changing a record: call again with the same cursor.
    ///
    /// # Examples
    ///
    /// A background task that returns when the old key may be removed:
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use challenges_core::{Challenges, Error};
    ///
    /// async fn rotate(challenges: Challenges) -> Result<(), Error> {
    ///     let mut cursor = None;
    ///     loop {
    ///         let page = challenges.keys().reseal(cursor, 100).await?;
    ///         if page.done {
    ///             return Ok(());
    ///         }
    ///         cursor = page.next;
    ///         // A walk that left something has to be repeated later.
    ///         let pause = if cursor.is_some() { Duration::from_millis(100) } else { Duration::from_secs(3_600) };
    ///         tokio::time::sleep(pause).await;
    ///     }
    /// }
    /// ```
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "keys.reseal", level = "debug", skip_all))]
    pub async fn reseal(self, after: Option<ResealCursor>, limit: usize) -> Result<ResealReport, Error> {
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Invalid::Limit.into());
        }
        let mut report = ResealReport::default();
        let mut at = after.unwrap_or(ResealCursor::START);
        loop {
            let rest = limit.saturating_sub(report.looked_at);
            let query = ListQuery { kind: at.kind, owner: None, after: at.after, limit: rest };
            let page = self.engine.store.list_tagged(&query).await?;
            for (stored, tag) in page.records {
                at.left |= self.reseal_into(&mut report, stored, tag, at.left).await?;
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
        self.engine.observe(&Observation::Resealed { report: &report });
        Ok(report)
    }

    /// Seals a record again and adds the result to the report. Returns whether the record still needs an inactive key,
    /// and a later walk can help.
    async fn reseal_into(
        self,
        report: &mut ResealReport,
        stored: Stored,
        tag: TagState,
        left: bool,
    ) -> Result<bool, Error> {
        let key = stored.record.key;
        report.looked_at = report.looked_at.saturating_add(1);
        match self.reseal_record(report, stored, tag, left).await {
            Err(source @ (Error::Seal(_) | Error::Body(_))) => {
                let is_unknown_format = matches!(source, Error::Body(_));
                report.unreadable.push((key, source));
                Ok(is_unknown_format)
            }
            result => result,
        }
    }

    async fn reseal_record(
        self,
        report: &mut ResealReport,
        mut stored: Stored,
        mut tag: TagState,
        left: bool,
    ) -> Result<bool, Error> {
        let engine = self.engine;
        let key = stored.record.key;
        for _ in 0..MAX_TRIES {
            let now = engine.now();
            let (body, mac_keys) = match Renewal::of(engine, &stored.record, tag, left, now)? {
                Renewal::Early => return Ok(true),
                Renewal::Busy => {
                    report.busy = report.busy.saturating_add(1);
                    return Ok(true);
                }
                Renewal::Read { body, mac_keys } => (body, mac_keys),
            };
            let expires = stored.record.expires.unwrap_or(Timestamp::MAX);
            if let Some(body) = body {
                let put = Write::put(Expect::At(stored.version), Record { body, ..stored.record });
                if engine.commit(vec![put]).await? == Commit::Conflict {
                    let Some(fresh) = engine.store.load_tagged(key).await? else { return Ok(false) };
                    (stored, tag) = fresh;
                    continue;
                }
                report.resealed = report.resealed.saturating_add(1);
            }
            // Nothing is compared with the MACs of garbage any more.
            if mac_keys.is_empty() || expires <= now.latest {
                return Ok(false);
            }
            for id in mac_keys {
                let latest = report.still_under.entry(id).or_default();
                *latest = expires.max(*latest);
            }
            // Recovery codes never expire, so no walk can wait for the last one. Devices in use move to the active key,
            // and the others cost their users a second factor only.
            return Ok(stored.record.expires.is_some() && key.kind != Kind::TrustedDevice);
        }
        Err(Error::Contended)
    }
}

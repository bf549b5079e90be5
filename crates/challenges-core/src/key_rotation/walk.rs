use super::ResealReport;
use super::cursor::Cursor;
use super::renewal::Renewal;
use crate::engine::{Engine, MAX_LIMIT, MAX_TRIES};
use crate::error::{Error, Invalid};
use crate::keyring::TagState;
use crate::observer::Observation;
use crate::store::{Commit, Kind, Record, Stored, Write};
use crate::time::Timestamp;

/// Seals and authenticates records again under the active key. See [`Challenges::reseal`](crate::Challenges::reseal).
pub(crate) async fn reseal(engine: &Engine, after: Option<&str>, limit: usize) -> Result<ResealReport, Error> {
    Walk { engine }.reseal(after, limit).await
}

#[derive(Clone, Copy)]
struct Walk<'a> {
    engine: &'a Engine,
}

impl Walk<'_> {
    async fn reseal(self, after: Option<&str>, limit: usize) -> Result<ResealReport, Error> {
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Invalid::Limit.into());
        }
        let mut report = ResealReport::default();
        let mut at = after.map(str::parse).transpose()?.unwrap_or(Cursor::START);
        loop {
            let rest = limit.saturating_sub(report.looked_at);
            let page = self.engine.store.list_tagged(at.kind, None, at.after, rest).await?;
            for (stored, tag) in page.records {
                at.left |= self.reseal_into(&mut report, stored, tag, at.left).await?;
            }
            let Some(next) = at.beyond(page.next) else {
                report.done = !at.left;
                break;
            };
            at = next;
            if report.looked_at >= limit {
                report.next = Some(at.to_string());
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
                Renewal::SaltWaits => return Ok(true),
                Renewal::Held => {
                    report.skipped = report.skipped.saturating_add(1);
                    return Ok(true);
                }
                Renewal::Read { body, mac_keys } => (body, mac_keys),
            };
            let expires = stored.record.expires.unwrap_or(Timestamp::MAX);
            if let Some(body) = body {
                let put = Write::update(stored.version, Record { body, ..stored.record });
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

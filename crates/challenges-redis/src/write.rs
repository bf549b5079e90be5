use std::ops::Range;
use std::time::Duration;

use challenges_core::Timestamp;
use challenges_core::store::{Batch, Commit, Expect, Then};
use redis::{Cmd, Value};

use crate::Wait;
use crate::client::{Client, Effect};
use crate::fault::Fault;
use crate::layout::{self, Layout, Partition};
use crate::pages::Pages;
use crate::read::fair_share;
use crate::script::{COMMIT, PURGE};
use crate::value::{self, Corruption};

/// The records that one script deletes, so that it does not keep others waiting.
const PURGED_AT_ONCE: usize = 200;

/// As good as for ever: a call ends long before.
const LONGEST_WAIT: Duration = Duration::from_secs(86_400);

pub(crate) async fn commit(
    client: &Client,
    layout: &Layout,
    wait: Option<Wait>,
    batch: &Batch,
) -> Result<Commit, Fault> {
    let version = value::version(&batch.version());
    let keys = layout.of(batch.shard()).keys();
    let complete = |command: &mut Cmd| {
        command.arg(keys.len()).arg(keys).arg(&version);
        for write in batch.writes() {
            command.arg(layout::field(write.key));
            match &write.expect {
                Expect::Absent => command.arg(""),
                Expect::At(expected) => command.arg(value::version(expected)),
            };
            match &write.then {
                Then::Keep => command.arg("k"),
                Then::Delete => command.arg("d"),
                Then::Put(record) => command.arg(value::encode(&version, record)),
            };
        }
    };
    let behind: Vec<Cmd> = wait.iter().map(wait_command).collect();
    let answers = client.run(Effect::Once, &COMMIT, complete, &behind).await?;
    match answers.as_slice() {
        [Value::Int(0), ..] => Ok(Commit::Conflict),
        [Value::Int(1)] => Ok(Commit::Applied),
        [Value::Int(1), Value::Int(replicas)] => match wait {
            Some(wait) if *replicas < i64::from(wait.replicas.get()) => Err(Fault::NotReplicated(*replicas)),
            _ => Ok(Commit::Applied),
        },
        _ => Err(Corruption::Answer.into()),
    }
}

/// Deletes at most `limit` records that expired before `before`; answers how many.
pub(crate) async fn purge(
    client: &Client,
    layout: &Layout,
    shards: &Range<u16>,
    before: Timestamp,
    limit: usize,
) -> Result<usize, Fault> {
    let range = ["-".to_owned(), format!("({}", layout::time(before))];
    let mut pages = Pages::new(layout, shards, Partition::expires, range);
    let mut size = fair_share(limit, pages.parts.len());
    let mut deleted = 0;
    loop {
        size = size.min(PURGED_AT_ONCE).min(limit - deleted);
        let has_more = pages.are_open() || pages.parts.iter().any(|part| !part.found.is_empty());
        if size == 0 || !has_more {
            return Ok(deleted);
        }
        pages.read(client, size).await?;
        for part in &mut pages.parts {
            // What the limit leaves over is for the next round, should others have been faster with some of these.
            let expired: Vec<String> =
                part.found.drain(..part.found.len().min(PURGED_AT_ONCE).min(limit - deleted)).collect();
            if expired.is_empty() {
                continue;
            }
            let keys = part.partition.keys();
            let complete = |command: &mut Cmd| {
                command.arg(keys.len()).arg(keys).arg(&expired);
            };
            let [Value::Int(count)] = client.run(Effect::Repeatable, &PURGE, complete, &[]).await?[..] else {
                return Err(Corruption::Answer.into());
            };
            deleted += usize::try_from(count).unwrap_or_default();
        }
        size = size.saturating_mul(4);
    }
}

fn wait_command(wait: &Wait) -> Cmd {
    let mut command = redis::cmd("WAIT");
    // Zero would mean for ever, and more than fits with the present time is an error, behind a commit that is carried out.
    let millis = wait.timeout.as_millis().clamp(1, LONGEST_WAIT.as_millis());
    command.arg(wait.replicas.get()).arg(u64::try_from(millis).unwrap_or(1));
    command
}

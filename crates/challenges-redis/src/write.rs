use std::ops::Range;
use std::time::Duration;

use challenges_core::Timestamp;
use challenges_core::store::{Batch, Commit, Write};
use redis::{Cmd, Value};

use crate::Wait;
use crate::client::{Client, Effect};
use crate::fault::Fault;
use crate::layout::{self, Layout, Partition};
use crate::marks;
use crate::pages::Pages;
use crate::read::fair_share;
use crate::script::{COMMIT, PURGE};
use crate::value::{self, Corruption};

/// Records deleted per script. Bounds the time that a purge blocks Redis.
const PURGE_BATCH: usize = 200;

/// Caps the timeout of `WAIT` at a day, to avoid an overflow in Redis. A call usually times out earlier.
const LONGEST_WAIT: Duration = Duration::from_secs(86_400);

pub(crate) async fn commit(
    client: &Client,
    layout: &Layout,
    wait: Option<Wait>,
    batch: &Batch,
) -> Result<Commit, Fault> {
    let version = value::version(&batch.version());
    let partition = layout.partition_of(batch.shard());
    let keys = partition.keys();
    let mark = marks::of(client, partition).await?;
    let complete = |command: &mut Cmd| {
        command.arg(keys.len()).arg(keys).arg(&version).arg(mark);
        for write in batch.writes() {
            command.arg(layout::field(write.key()));
            match write.expected() {
                None => command.arg(""),
                Some(expected) => command.arg(value::version(&expected)),
            };
            match write {
                Write::Keep { .. } => command.arg("k"),
                Write::Delete { .. } => command.arg("d"),
                Write::Put { record, .. } => command.arg(value::encode(&version, record)),
            };
        }
    };
    let trailing: Vec<Cmd> = wait.iter().map(wait_command).collect();
    let answers = client.run(Effect::Once, &COMMIT, complete, &trailing).await?;
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

/// Deletes at most `limit` records that expired before `before`, and returns the number deleted.
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
        size = size.min(PURGE_BATCH).min(limit - deleted);
        let has_more = pages.are_open() || pages.parts.iter().any(|part| !part.found.is_empty());
        if size == 0 || !has_more {
            return Ok(deleted);
        }
        pages.read(client, size).await?;
        for part in &mut pages.parts {
            // Keeps entries beyond the limit for the next round, in case a concurrent purge deletes some of these.
            let expired: Vec<String> =
                part.found.drain(..part.found.len().min(PURGE_BATCH).min(limit - deleted)).collect();
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
    // WAIT treats 0 as no timeout, and rejects a timeout that overflows the clock, after the commit was executed.
    let millis = wait.timeout.as_millis().clamp(1, LONGEST_WAIT.as_millis());
    command.arg(wait.replicas.get()).arg(u64::try_from(millis).unwrap_or(1));
    command
}

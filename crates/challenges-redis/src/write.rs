use std::ops::Range;
use std::time::Duration;

use challenges_core::Timestamp;
use challenges_core::store::{Batch, Commit, Expect, Then};
use redis::{Cmd, Value};

use crate::Wait;
use crate::client::{Client, Effect};
use crate::fault::Fault;
use crate::layout::{self, Layout};
use crate::read::{fair_share, read_limit};
use crate::reply::{entries, shard_of};
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
    let until = format!("({}", layout::time(before));
    let partitions = layout.of_all(shards);
    let mut share = fair_share(limit, partitions.len());
    let mut deleted = 0;
    loop {
        let wanted = PURGED_AT_ONCE.min(limit - deleted).min(share);
        if wanted == 0 {
            return Ok(deleted);
        }
        share = share.saturating_mul(4);
        let expired = partitions.iter().map(|partition| {
            let mut command = redis::cmd("ZRANGEBYLEX");
            command.arg(partition.expires()).arg("-").arg(&until).arg("LIMIT").arg(0).arg(read_limit(shards, wanted));
            command
        });
        let found = client.read_all(&expired.collect::<Vec<_>>()).await?;
        let mut progress = 0;
        for (partition, found) in partitions.iter().zip(found) {
            let here = |entry: &String| shard_of(entry).is_none_or(|shard| shards.contains(&shard.number()));
            let mut expired: Vec<String> = entries(found)?.into_iter().filter(here).collect();
            expired.truncate(wanted.min(limit - deleted - progress));
            if expired.is_empty() {
                continue;
            }
            let keys = partition.keys();
            let complete = |command: &mut Cmd| {
                command.arg(keys.len()).arg(keys).arg(&expired);
            };
            let [Value::Int(count)] = client.run(Effect::Repeatable, &PURGE, complete, &[]).await?[..] else {
                return Err(Corruption::Answer.into());
            };
            progress += usize::try_from(count).unwrap_or_default();
        }
        deleted += progress;
        if progress == 0 {
            return Ok(deleted);
        }
    }
}

fn wait_command(wait: &Wait) -> Cmd {
    let mut command = redis::cmd("WAIT");
    // Zero would mean for ever, and more than fits with the present time is an error, behind a commit that is carried out.
    let millis = wait.timeout.as_millis().clamp(1, LONGEST_WAIT.as_millis());
    command.arg(wait.replicas.get()).arg(u64::try_from(millis).unwrap_or(1));
    command
}

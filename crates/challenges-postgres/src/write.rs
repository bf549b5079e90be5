use std::ops::RangeInclusive;
use std::time::Duration;

use challenges_core::Timestamp;
use challenges_core::store::{Batch, Commit, Write};

use crate::call::{Call, Value};
use crate::client::Client;
use crate::fault::Fault;
use crate::number;
use crate::row::Corruption;
use crate::schema::Functions;

/// Records purged per statement. Bounds the time that a purge holds row locks.
const PURGE_SLICE: usize = 500;

const APPLIED: i64 = 1;
const CONFLICT: i64 = 0;
const HELD: i64 = 2;

const KEEP: i16 = 0;
const PUT: i16 = 1;
const DELETE: i16 = 2;

/// The outcome of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done(Commit),
    /// Not tried: another transaction holds the shard. Only a call that does not wait returns this.
    Held,
}

/// The reaction of a call to a shard that another transaction holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    /// Waits until the shard is free, or for this time.
    Wait(Duration),
    /// Returns [`Outcome::Held`] for the batch.
    Try,
}

impl Lock {
    /// Returns the time to wait in milliseconds; 0 does not wait.
    fn wait(self) -> i64 {
        match self {
            // The greatest value of `lock_timeout`.
            Self::Wait(time) => time.as_millis().clamp(1, i32::MAX.unsigned_abs().into()).try_into().unwrap_or(1),
            Self::Try => 0,
        }
    }
}

/// Commits batches in order, each as a whole or not at all.
pub(crate) async fn commit(
    client: &Client,
    functions: &Functions,
    batches: &[Batch],
    channel: Option<&str>,
    lock: Lock,
) -> Result<Vec<Outcome>, Fault> {
    let versions = versions(batches);
    outcomes(&client.write(&call(functions, batches, &versions, channel, lock)).await?, batches.len())
}

pub(crate) fn versions(batches: &[Batch]) -> Vec<[u8; 16]> {
    batches.iter().map(|batch| batch.version()).collect()
}

/// Returns the call that commits batches with these versions.
pub(crate) fn call<'a>(
    functions: &'a Functions,
    batches: &'a [Batch],
    versions: &'a [[u8; 16]],
    channel: Option<&'a str>,
    lock: Lock,
) -> Call<'a> {
    let shards = batches.iter().map(|batch| batch.shard().into()).collect();
    let mut ends = Vec::new();
    let (mut kinds, mut owners, mut ids, mut expected) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut actions, mut dues, mut expiries, mut bodies) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut end = 0;
    for batch in batches {
        for write in batch.writes() {
            end += 1;
            let key = write.key();
            kinds.push(key.kind.code().into());
            owners.push(Some(number::from_owner(key.id.owner())));
            ids.push(key.id.encode().as_str().to_owned());
            let (action, version, record) = match write {
                Write::Keep { expected, .. } => (KEEP, expected.as_ref(), None),
                Write::Put { expected, record } => (PUT, expected.as_ref(), Some(record)),
                Write::Delete { version, .. } => (DELETE, Some(version), None),
            };
            expected.push(version.map(|version| version.as_slice()));
            actions.push(action);
            dues.push(record.and_then(|record| record.due).map(number::from_time));
            expiries.push(record.and_then(|record| record.expires).map(number::from_time));
            bodies.push(record.map(|record| record.body.as_ref()));
        }
        ends.push(end);
    }
    let values = vec![
        Value::Ints(shards),
        Value::Bytes(versions.iter().map(|version| Some(version.as_slice())).collect()),
        Value::Ints(ends),
        Value::Smalls(kinds),
        Value::Bigs(owners),
        Value::Texts(ids),
        Value::Bytes(expected),
        Value::Smalls(actions),
        Value::Bigs(dues),
        Value::Bigs(expiries),
        Value::Bytes(bodies),
        Value::Text(channel),
        Value::Big(lock.wait()),
        Value::Text(Some(&functions.mark)),
    ];
    Call { sql: &functions.commit, values }
}

/// Reads the reply for a number of batches.
pub(crate) fn outcomes(reply: &[i64], batches: usize) -> Result<Vec<Outcome>, Fault> {
    if reply.len() != batches {
        return Err(Corruption::Reply.into());
    }
    let outcome = |outcome: &i64| match *outcome {
        APPLIED => Ok(Outcome::Done(Commit::Applied)),
        CONFLICT => Ok(Outcome::Done(Commit::Conflict)),
        HELD => Ok(Outcome::Held),
        _ => Err(Fault::Corrupt(Corruption::Reply)),
    };
    reply.iter().map(outcome).collect()
}

/// Deletes at most `limit` records that expired before `before`, and returns the number deleted.
pub(crate) async fn purge(
    client: &Client,
    functions: &Functions,
    owners: &RangeInclusive<i64>,
    before: Timestamp,
    limit: usize,
) -> Result<usize, Fault> {
    let mut purged = 0;
    while purged < limit {
        let slice = PURGE_SLICE.min(limit - purged);
        let values = vec![
            Value::Big(*owners.start()),
            Value::Big(*owners.end()),
            Value::Big(number::from_time(before)),
            Value::Big(number::from_limit(slice)),
        ];
        let deleted = client.write(&Call { sql: &functions.purge, values }).await?;
        let [deleted] = deleted.as_slice() else { return Err(Corruption::Reply.into()) };
        let deleted = usize::try_from(*deleted).map_err(|_| Corruption::Reply)?;
        purged += deleted;
        if deleted < slice {
            break;
        }
    }
    Ok(purged)
}

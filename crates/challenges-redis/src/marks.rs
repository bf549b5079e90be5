//! Marks that show whether a partition still holds the records of the store.
//!
//! Redis starts empty after the loss of its volume, and in an empty store nobody has a factor. The first store opened
//! on a server therefore writes a random mark to every partition, and later stores read the marks. The scripts of
//! commits and loads compare the mark. So nothing is decided on an emptied server, even after another process has
//! marked the server again.
//!
//! A mark is 32 hexadecimal digits and a state: `0` while the first store marks the partitions, `1` once all are
//! marked. A partition without a mark was emptied if other partitions are in state `1`.

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use challenges_core::entropy::{Entropy as _, OsEntropy};
use challenges_core::store::Id;
use futures::future::join_all;
use redis::{Cmd, RedisError, Value};
use tokio::time::{sleep, timeout};

use crate::OpenError;
use crate::client::Client;
use crate::fault::Fault;
use crate::layout::{Layout, Partition};
use crate::value::Corruption;

/// The field of the mark in the hash of records.
pub(crate) const FIELD: &str = "store";

const DIGITS: usize = 32;

/// Attempts to read the marks. Another process may be writing them.
const ATTEMPTS: usize = 5;
const PAUSE: Duration = Duration::from_millis(100);

/// Fraction of the timeout of a call after which a cluster node counts as unresponsive: a half.
const NODE_FRACTION: u32 = 2;

/// Reads the marks of all partitions, and marks a new store.
///
/// With `create` false, a new store is refused and nothing is written. Partitions of a cluster node that does not
/// respond are read later, by [`of`].
pub(crate) async fn read(client: &Client, layout: &Layout, create: bool) -> Result<(), OpenError> {
    let partitions = layout.partitions_of(&(0..Id::SHARDS));
    for attempt in 1..=ATTEMPTS {
        let found = found(client, &partitions).await?;
        let missing = found.iter().filter(|found| **found == Found::Missing).count();
        let is_complete = found.iter().any(|found| matches!(found, Found::Mark(mark) if mark.ends_with('1')));
        if !is_complete && found.contains(&Found::Unknown) {
            // A node that does not respond may hold the marks of an existing store.
            return Err(failed(Fault::TimedOut));
        }
        if !is_complete && !create && !found.iter().any(|found| matches!(found, Found::Mark(_))) {
            return Err(OpenError::Missing);
        }
        if !is_complete {
            mark_all(client, &partitions).await?;
            continue;
        }
        if missing == 0 {
            for (partition, found) in partitions.iter().zip(found) {
                if let Found::Mark(mark) = found {
                    partition.mark().get_or_init(|| digits(&mark));
                }
            }
            return Ok(());
        }
        if attempt == ATTEMPTS {
            return Err(OpenError::Emptied { missing, all: partitions.len() });
        }
        sleep(PAUSE).await;
    }
    // Reached only if marks vanish as fast as they are written.
    Err(OpenError::Emptied { missing: partitions.len(), all: partitions.len() })
}

/// Returns the mark of a partition, and reads the mark if the node did not respond on open.
pub(crate) async fn of<'a>(client: &Client, partition: Partition<'a>) -> Result<&'a str, Fault> {
    if let Some(mark) = partition.mark().get() {
        return Ok(mark);
    }
    let answer = client.read(&command("HGET", &partition, None)).await?;
    let found: Option<String> = redis::from_redis_value(answer).map_err(|_| Corruption::Answer)?;
    let mark = digits(&found.ok_or(Fault::Emptied)?);
    Ok(partition.mark().get_or_init(|| mark))
}

/// Returns true if `value` is the mark of a partition.
pub(crate) fn is(value: &Value, mark: &str) -> bool {
    matches!(value, Value::BulkString(bytes) if bytes.get(..DIGITS) == Some(mark.as_bytes()))
}

/// Marks every partition that has no mark, then completes the marks.
async fn mark_all(client: &Client, partitions: &[Partition<'_>]) -> Result<(), OpenError> {
    let mut random = [0; DIGITS / 2];
    OsEntropy.fill(&mut random).map_err(OpenError::Entropy)?;
    let mut mark = String::with_capacity(DIGITS + 1);
    for byte in random {
        let _ = write!(mark, "{byte:02x}");
    }
    mark.push('0');
    let set = partitions.iter().map(|partition| command("HSETNX", partition, Some(&mark)));
    client.read_all(&set.collect::<Vec<_>>()).await.map_err(failed)?;
    // Another process may have marked some partitions first.
    let found = found(client, partitions).await?;
    let complete = partitions.iter().zip(found).filter_map(|(partition, found)| match found {
        Found::Mark(mark) => Some(command("HSET", partition, Some(&(digits(&mark) + "1")))),
        Found::Missing | Found::Unknown => None,
    });
    client.read_all(&complete.collect::<Vec<_>>()).await.map_err(failed)?;
    Ok(())
}

/// The mark of a partition on the server.
#[derive(PartialEq, Eq)]
enum Found {
    Mark(String),
    Missing,
    /// The node does not respond.
    Unknown,
}

async fn found(client: &Client, partitions: &[Partition<'_>]) -> Result<Vec<Found>, OpenError> {
    let commands: Vec<Cmd> = partitions.iter().map(|partition| command("HGET", partition, None)).collect();
    if client.spans_partitions() {
        return client.read_all(&commands).await.map_err(failed)?.into_iter().map(parsed).collect();
    }
    let limit = client.timeout() / NODE_FRACTION;
    let reads = commands.iter().map(|command| timeout(limit, client.read(command)));
    let answers = join_all(reads).await.into_iter().map(|answer| match answer {
        Err(_) | Ok(Err(Fault::TimedOut | Fault::Lost(_) | Fault::NotExecuted(_))) => Ok(Found::Unknown),
        Ok(Err(fault)) => Err(failed(fault)),
        Ok(Ok(value)) => parsed(value),
    });
    answers.collect()
}

fn parsed(answer: Value) -> Result<Found, OpenError> {
    let mark: Option<String> = redis::from_redis_value(answer).map_err(|error| OpenError::of(error.into()))?;
    Ok(mark.map_or(Found::Missing, Found::Mark))
}

/// Returns a mark without the state.
fn digits(mark: &str) -> String {
    mark.chars().take(DIGITS).collect()
}

fn command(name: &str, partition: &Partition<'_>, mark: Option<&str>) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(partition.records()).arg(FIELD).arg(mark);
    command
}

fn failed(fault: Fault) -> OpenError {
    match fault {
        Fault::NotExecuted(error)
        | Fault::Full(error)
        | Fault::Lost(error)
        | Fault::Unconfirmed(error)
        | Fault::Foreign(error)
        | Fault::Incomplete(error) => OpenError::of(error),
        Fault::TimedOut | Fault::NotReplicated(_) | Fault::Emptied | Fault::Corrupt(_) => {
            OpenError::of(RedisError::from(io::Error::from(io::ErrorKind::TimedOut)))
        }
    }
}

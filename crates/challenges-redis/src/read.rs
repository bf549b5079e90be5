use std::ops::Range;

use challenges_core::store::{Id, Key, Kind, Load, Stored};
use futures::future::try_join_all;
use redis::{Cmd, Value};

use crate::client::{Client, Effect};
use crate::fault::Fault;
use crate::layout::{self, Layout, Partition};
use crate::script::{LIST, LOAD};
use crate::value::Corruption;
use crate::{marks, reply, value};

/// The number of cluster partitions listed concurrently.
const LIST_CONCURRENCY: usize = 16;

pub(crate) async fn load(client: &Client, layout: &Layout, request: &Load) -> Result<Vec<Stored>, Fault> {
    let mut kinds: Vec<Kind> = request.owned_kinds().to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    let is_owned = |key: &Key| key.id.owner() == request.owner() && kinds.contains(&key.kind);
    let key = request.requested_key().filter(|key| !is_owned(key)).map(layout::field);
    let partition = layout.partition_of(request.shard());
    let mark = marks::of(client, partition).await?;
    if kinds.is_empty() {
        // A single command reads one snapshot anyway.
        let Some(field) = key else { return Ok(Vec::new()) };
        let mut command = redis::cmd("HMGET");
        command.arg(partition.records()).arg(&field).arg(marks::FIELD);
        let Value::Array(values) = client.read(&command).await? else { return Err(Corruption::Answer.into()) };
        let [value, found]: [Value; 2] = values.try_into().map_err(|_| Corruption::Answer)?;
        if !marks::is(&found, mark) {
            return Err(Fault::Emptied);
        }
        return match value {
            Value::Nil => Ok(Vec::new()),
            value => {
                let stored = value::decode(field.as_bytes(), reply::bytes(value)?)?;
                value::check_shard(&stored, |shard| partition.holds(shard))?;
                Ok(vec![stored])
            }
        };
    }
    let keys = [partition.records(), partition.index()];
    let complete = |command: &mut Cmd| {
        command.arg(keys.len()).arg(&keys).arg(mark).arg(key.as_deref().unwrap_or_default());
        for kind in &kinds {
            command.arg(layout::owner_prefix(*kind, request.owner()));
        }
    };
    let answers = client.run(Effect::Repeatable, &LOAD, complete, &[]).await?;
    Ok(reply::records(answers, |shard| partition.holds(shard))?)
}

pub(crate) async fn list(
    client: &Client,
    layout: &Layout,
    kind: Kind,
    owner: Option<u64>,
    after: Option<Id>,
    limit: usize,
) -> Result<Vec<Stored>, Fault> {
    let passed = after.map(|id| id.owner());
    let nothing_left = owner.is_some_and(|owner| passed > Some(owner));
    if limit == 0 || nothing_left {
        return Ok(Vec::new());
    }
    let beyond = |id: Id| format!("({}{id}", layout::owner_prefix(kind, id.owner()));
    let (first, shards, all) = match owner {
        Some(owner) => (owner, only(Id::shard_of(owner)), layout::owner_prefix(kind, owner)),
        None => {
            let first = passed.unwrap_or(0);
            (first, Id::shard_of(first)..Id::SHARDS, layout::kind_prefix(kind))
        }
    };
    let from = match after.filter(|id| owner.is_none() || id.owner() == first) {
        Some(id) => beyond(id),
        None => format!("[{all}"),
    };
    let to = end_of(&all);
    let partitions = layout.partitions_of(&shards);
    let at_once = if client.spans_partitions() { partitions.len() } else { 1 };
    let mut listed = Vec::new();
    for wave in partitions.chunks((LIST_CONCURRENCY * at_once).max(1)) {
        let parts = wave.chunks(at_once.max(1));
        let parts = parts.map(|part| list_part(client, part, [&from, &to], limit - listed.len()));
        listed.extend(try_join_all(parts).await?.into_iter().flatten());
        if listed.len() >= limit {
            break;
        }
    }
    listed.truncate(limit);
    Ok(listed)
}

/// Returns the size of the first page per partition: four times the even share of `limit`, plus 8.
pub(crate) fn fair_share(limit: usize, partitions: usize) -> usize {
    let even = limit.checked_div(partitions).unwrap_or_default();
    even.saturating_mul(4).saturating_add(8).min(limit)
}

async fn list_part(
    client: &Client,
    part: &[Partition<'_>],
    [from, to]: [&str; 2],
    limit: usize,
) -> Result<Vec<Stored>, Fault> {
    let mut marks = Vec::with_capacity(part.len());
    for partition in part {
        marks.push(marks::of(client, *partition).await?);
    }
    let keys: Vec<&str> = part.iter().flat_map(|partition| [partition.records(), partition.index()]).collect();
    let complete = |command: &mut Cmd| {
        command.arg(keys.len()).arg(&keys).arg(from).arg(to).arg(u32::try_from(limit).unwrap_or(u32::MAX));
        command.arg(&marks);
    };
    let answers = client.run(Effect::Repeatable, &LIST, complete, &[]).await?;
    Ok(reply::records(answers, |shard| part.iter().any(|partition| partition.holds(shard)))?)
}

/// Returns the end of the range of entries with a prefix. A prefix ends with `:`, and `;` is the next byte.
pub(crate) fn end_of(prefix: &str) -> String {
    format!("({};", prefix.strip_suffix(':').unwrap_or(prefix))
}

const fn only(shard: u16) -> Range<u16> {
    shard..shard + 1
}

use std::ops::Range;

use challenges_core::store::{Key, Kind, ListQuery, Load, Loaded, Page, Stored};
use challenges_core::{Id, OwnerTag, SHARDS, Shard, Timestamp};
use futures::future::try_join_all;
use redis::{Cmd, Value};

use crate::client::{Client, Effect};
use crate::fault::Fault;
use crate::layout::{self, Layout, Partition};
use crate::script::{LIST, LOAD};
use crate::value::{self, Corruption};

/// The partitions of a cluster that are listed at once.
const LISTED_AT_ONCE: usize = 16;

pub(crate) async fn load(client: &Client, layout: &Layout, request: &Load) -> Result<Loaded, Fault> {
    let mut kinds: Vec<Kind> = request.siblings().to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    let is_sibling = |key: &Key| key.id.owner() == request.owner() && kinds.contains(&key.kind);
    let key = request.keys().iter().find(|key| !is_sibling(key)).map(|key| layout::field(*key));
    let partition = layout.of(request.shard());
    if kinds.is_empty() {
        // One command is a snapshot of its own.
        let Some(field) = key else { return Ok(Loaded::default()) };
        let mut command = redis::cmd("HGET");
        command.arg(partition.records()).arg(&field);
        return match client.read(command).await? {
            Value::Nil => Ok(Loaded::default()),
            value => Ok(Loaded::new(vec![record(&partition, field.as_bytes(), bytes(value)?)?])),
        };
    }
    let keys = [partition.records(), partition.index()];
    let complete = |command: &mut Cmd| {
        command.arg(keys.len()).arg(&keys).arg(key.as_deref().unwrap_or_default());
        for kind in &kinds {
            command.arg(layout::of_owner(*kind, request.owner()));
        }
    };
    let answers = client.run(Effect::Repeatable, &LOAD, complete, &[]).await?;
    records(answers, &|stored| value::within(stored, |shard| partition.holds(shard))).map(Loaded::new)
}

pub(crate) async fn list(client: &Client, layout: &Layout, query: &ListQuery) -> Result<Page, Fault> {
    let passed = query.after.map(|id| id.owner());
    let nothing_left = query.owner.is_some_and(|owner| passed > Some(owner));
    if query.limit == 0 || nothing_left {
        return Ok(Page::default());
    }
    let after = |id: Id| format!("({}{id}", layout::of_owner(query.kind, id.owner()));
    let (first, shards, all) = match query.owner {
        Some(owner) => (owner, only(owner.shard()), layout::of_owner(query.kind, owner)),
        None => {
            let first = passed.unwrap_or(OwnerTag::new(0));
            (first, first.shard().number()..SHARDS, layout::of_kind(query.kind))
        }
    };
    let from = match query.after.filter(|id| query.owner.is_none() || id.owner() == first) {
        Some(id) => after(id),
        None => format!("[{all}"),
    };
    let to = end_of(&all);
    // One more than asked for tells whether there is another page.
    let wanted = query.limit.saturating_add(1);
    let partitions = layout.of_all(&shards);
    let at_once = if client.spans_partitions() { partitions.len() } else { 1 };
    let mut listed = Vec::new();
    for wave in partitions.chunks((LISTED_AT_ONCE * at_once).max(1)) {
        let parts = wave.chunks(at_once.max(1));
        let parts = parts.map(|part| list_part(client, part, [&from, &to], wanted - listed.len()));
        listed.extend(try_join_all(parts).await?.into_iter().flatten());
        if listed.len() >= wanted {
            break;
        }
    }
    let more = listed.len() > query.limit;
    listed.truncate(query.limit);
    let next = if more { listed.last().map(|stored| stored.record.key.id) } else { None };
    Ok(Page { records: listed, next })
}

pub(crate) async fn due(
    client: &Client,
    layout: &Layout,
    kind: Kind,
    shards: &Range<u16>,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Stored>, Fault> {
    let partitions = layout.of_all(shards);
    if partitions.is_empty() || limit == 0 {
        return Ok(Vec::new());
    }
    let until = end_of(&format!("{}{}:", layout::of_kind(kind), layout::time(now)));
    let ask = |partition: &Partition<'_>, limit| {
        let mut command = redis::cmd("ZRANGEBYLEX");
        command.arg(partition.due()).arg(format!("[{}", layout::of_kind(kind))).arg(&until);
        command.arg("LIMIT").arg(0).arg(read_limit(shards, limit));
        command
    };
    // Many partitions rarely have much each, so a fair share is asked of each at first.
    let share = limit.min((limit / partitions.len()).saturating_mul(4).saturating_add(8));
    let found = client.read_all(partitions.iter().map(|partition| ask(partition, share)).collect()).await?;
    let mut found = found.into_iter().map(entries).collect::<Result<Vec<_>, _>>()?;
    let last = earliest(found.iter().flatten(), shards, limit).pop();
    let has_more = |entries: &Vec<String>| entries.len() >= share && share < limit && entries.last() <= last.as_ref();
    let again: Vec<usize> = (0..found.len()).filter(|at| found.get(*at).is_some_and(has_more)).collect();
    let again_of = again.iter().filter_map(|at| partitions.get(*at)).map(|partition| ask(partition, limit));
    for (at, answer) in again.iter().zip(client.read_all(again_of.collect()).await?) {
        if let Some(entries_there) = found.get_mut(*at) {
            *entries_there = entries(answer)?;
        }
    }
    let entries = earliest(found.iter().flatten(), shards, limit);
    let is_due = |stored: &Stored| stored.record.due.is_some_and(|due| due <= now);
    let mut records = fetch(client, layout, &entries).await?;
    // What was changed since the index was read may be due no more.
    records.retain(is_due);
    records.sort_by_key(|stored| (stored.record.due, stored.record.key));
    Ok(records)
}

/// The limit of a read of each partition: none where a partition holds shards besides those that are asked for.
pub(crate) fn read_limit(shards: &Range<u16>, limit: usize) -> i64 {
    if layout::cuts_a_partition(shards) { -1 } else { i64::try_from(limit).unwrap_or(-1) }
}

/// The entries that an index answered.
pub(crate) fn entries(answer: Value) -> Result<Vec<String>, Corruption> {
    redis::from_redis_value(answer).map_err(|_| Corruption::Answer)
}

/// The shard of the record that an entry names at its end.
pub(crate) fn shard_of(entry: &str) -> Option<Shard> {
    let id: Id = entry.rsplit(':').next()?.parse().ok()?;
    Some(id.shard())
}

/// The first entries, in order, of those shards.
fn earliest<'a>(entries: impl Iterator<Item = &'a String>, shards: &Range<u16>, limit: usize) -> Vec<String> {
    let here = |entry: &&String| shard_of(entry).is_none_or(|shard| shards.contains(&shard.number()));
    let mut entries: Vec<String> = entries.filter(here).cloned().collect();
    entries.sort_unstable();
    entries.truncate(limit);
    entries
}

/// The records that entries of [`Partition::due`] name, as far as they are still there.
async fn fetch(client: &Client, layout: &Layout, entries: &[String]) -> Result<Vec<Stored>, Fault> {
    let mut fields: Vec<(Key, String)> = Vec::new();
    for entry in entries {
        let (kind, rest) = entry.split_once(':').ok_or(Corruption::Field)?;
        let (_, id) = rest.split_once(':').ok_or(Corruption::Field)?;
        let field = format!("{kind}:{id}");
        fields.push((layout::key(&field).ok_or(Corruption::Field)?, field));
    }
    fields.sort_unstable_by_key(|(key, _)| layout.of(key.shard()).number());
    let groups: Vec<_> = fields.chunk_by(|(a, _), (b, _)| layout.of(a.shard()).holds(b.shard())).collect();
    let commands = groups.iter().filter_map(|group| {
        let (key, _) = group.first()?;
        let mut command = redis::cmd("HMGET");
        command.arg(layout.of(key.shard()).records());
        for (_, field) in *group {
            command.arg(field);
        }
        Some(command)
    });
    let mut records = Vec::new();
    for (group, answer) in groups.iter().zip(client.read_all(commands.collect()).await?) {
        let Value::Array(values) = answer else { return Err(Corruption::Answer.into()) };
        for ((_, field), value) in group.iter().zip(values) {
            if value != Value::Nil {
                records.push(value::decode(field.as_bytes(), bytes(value)?)?);
            }
        }
    }
    Ok(records)
}

async fn list_part(
    client: &Client,
    part: &[Partition<'_>],
    [from, to]: [&str; 2],
    limit: usize,
) -> Result<Vec<Stored>, Fault> {
    let keys: Vec<String> = part.iter().flat_map(|partition| [partition.records(), partition.index()]).collect();
    let complete = |command: &mut Cmd| {
        command.arg(keys.len()).arg(&keys).arg(from).arg(to).arg(u32::try_from(limit).unwrap_or(u32::MAX));
    };
    let answers = client.run(Effect::Repeatable, &LIST, complete, &[]).await?;
    records(answers, &|stored| value::within(stored, |shard| part.iter().any(|partition| partition.holds(shard))))
}

/// The records of an answer of fields and values in turn.
fn records(answers: Vec<Value>, check: &dyn Fn(&Stored) -> Result<(), Corruption>) -> Result<Vec<Stored>, Fault> {
    let Some(Value::Array(values)) = answers.into_iter().next() else { return Err(Corruption::Answer.into()) };
    let mut values = values.into_iter();
    let mut records = Vec::with_capacity(values.len() / 2);
    while let (Some(field), Some(value)) = (values.next(), values.next()) {
        let stored = value::decode(&bytes(field)?, bytes(value)?)?;
        check(&stored)?;
        records.push(stored);
    }
    Ok(records)
}

fn record(partition: &Partition<'_>, field: &[u8], value: Vec<u8>) -> Result<Stored, Corruption> {
    let stored = value::decode(field, value)?;
    value::within(&stored, |shard| partition.holds(shard))?;
    Ok(stored)
}

fn bytes(value: Value) -> Result<Vec<u8>, Corruption> {
    match value {
        Value::BulkString(bytes) => Ok(bytes),
        _ => Err(Corruption::Answer),
    }
}

/// Where the entries end that begin with a prefix: a semicolon comes right behind the colon that ends it.
fn end_of(prefix: &str) -> String {
    format!("({};", prefix.strip_suffix(':').unwrap_or(prefix))
}

const fn only(shard: Shard) -> Range<u16> {
    shard.number()..shard.number() + 1
}

use std::ops::Range;

use challenges_core::Timestamp;
use challenges_core::store::{Key, Kind, Stored};
use redis::Value;

use crate::client::Client;
use crate::fault::Fault;
use crate::layout::{self, Layout, Partition};
use crate::read::{end_of, fair_share, read_limit};
use crate::reply::{bytes, entries, shard_of};
use crate::value::{self, Corruption};

/// The records of a kind that are due, those due longest first: one round trip, and a second one where there are any.
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
    let share = fair_share(limit, partitions.len());
    let found = client.read_all(&partitions.iter().map(|partition| ask(partition, share)).collect::<Vec<_>>()).await?;
    let mut found = found.into_iter().map(entries).collect::<Result<Vec<_>, _>>()?;
    let last = earliest(found.iter().flatten(), shards, limit).pop();
    let has_more = |entries: &Vec<String>| entries.len() >= share && share < limit && entries.last() <= last.as_ref();
    let again: Vec<usize> = (0..found.len()).filter(|at| found.get(*at).is_some_and(has_more)).collect();
    let again_of = again.iter().filter_map(|at| partitions.get(*at)).map(|partition| ask(partition, limit));
    for (at, answer) in again.iter().zip(client.read_all(&again_of.collect::<Vec<_>>()).await?) {
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
    for (group, answer) in groups.iter().zip(client.read_all(&commands.collect::<Vec<_>>()).await?) {
        let Value::Array(values) = answer else { return Err(Corruption::Answer.into()) };
        for ((_, field), value) in group.iter().zip(values) {
            if value != Value::Nil {
                records.push(value::decode(field.as_bytes(), bytes(value)?)?);
            }
        }
    }
    Ok(records)
}

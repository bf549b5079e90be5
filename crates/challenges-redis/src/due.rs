use std::ops::Range;

use challenges_core::Timestamp;
use challenges_core::store::{Key, Kind, Stored};
use redis::Value;

use crate::client::Client;
use crate::fault::Fault;
use crate::layout::{self, Layout, Partition};
use crate::pages::Pages;
use crate::read::{end_of, fair_share};
use crate::reply::bytes;
use crate::value::{self, Corruption};

/// Entries read per partition and request.
const PAGE: usize = 1_000;

/// Returns the due records of a kind, longest overdue first.
///
/// Takes one round trip if nothing is due, and usually two otherwise. A partition with many due records, or with many
/// entries of other shards, is read page by page.
pub(crate) async fn due(
    client: &Client,
    layout: &Layout,
    kind: Kind,
    shards: &Range<u16>,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Stored>, Fault> {
    let of_kind = layout::kind_prefix(kind);
    let range = [format!("[{of_kind}"), end_of(&format!("{of_kind}{}:", layout::time(now)))];
    let mut pages = Pages::new(layout, shards, Partition::due, range);
    if limit == 0 {
        return Ok(Vec::new());
    }
    let mut size = fair_share(limit, pages.parts.len()).min(PAGE);
    let mut first: Vec<String> = Vec::new();
    while pages.are_open() {
        pages.read(client, size).await?;
        first = pages.parts.iter().flat_map(|part| &part.found).cloned().collect();
        first.sort_unstable();
        first.truncate(limit);
        // Entries are sorted: unread entries of a partition follow `seen`.
        let last = first.last().filter(|_| first.len() >= limit);
        for part in &mut pages.parts {
            part.is_open &= last.is_none_or(|last| part.seen.as_ref() < Some(last));
        }
        size = limit.min(PAGE);
    }
    let is_due = |stored: &Stored| stored.record.due.is_some_and(|due| due <= now);
    let mut records = fetch(client, layout, &first).await?;
    // Records may have changed since the index was read.
    records.retain(is_due);
    records.sort_by_key(|stored| (stored.record.due, stored.record.key));
    Ok(records)
}

/// Fetches the records named by entries of [`Partition::due`]. Deleted records are skipped.
async fn fetch(client: &Client, layout: &Layout, entries: &[String]) -> Result<Vec<Stored>, Fault> {
    let mut fields: Vec<(Key, String)> = Vec::new();
    for entry in entries {
        let (kind, rest) = entry.split_once(':').ok_or(Corruption::Field)?;
        let (_, id) = rest.split_once(':').ok_or(Corruption::Field)?;
        let field = format!("{kind}:{id}");
        fields.push((layout::key(&field).ok_or(Corruption::Field)?, field));
    }
    fields.sort_unstable_by_key(|(key, _)| layout.partition_of(key.shard()).number());
    let groups: Vec<_> = fields.chunk_by(|(a, _), (b, _)| layout.partition_of(a.shard()).holds(b.shard())).collect();
    let commands = groups.iter().filter_map(|group| {
        let (key, _) = group.first()?;
        let mut command = redis::cmd("HMGET");
        command.arg(layout.partition_of(key.shard()).records());
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

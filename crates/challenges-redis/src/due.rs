use std::ops::Range;

use challenges_core::Timestamp;
use challenges_core::store::{Kind, Stored};
use redis::{Cmd, Value};

use crate::client::{Client, Effect};
use crate::fault::Fault;
use crate::layout::{self, Layout, Partition};
use crate::marks;
use crate::pages::Pages;
use crate::read::{end_of, fair_share};
use crate::reply::bytes;
use crate::script::TIDY;
use crate::value::{self, Corruption};

/// Entries read per partition and request.
const PAGE: usize = 1_000;

/// Returns the due records of a kind, longest overdue first.
///
/// Takes one round trip if nothing is due, and usually two otherwise. A partition with many due records, or with many
/// entries of other shards, is read page by page.
///
/// Entries without a record, or of another time than the record, are removed, and do not count towards `limit`.
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
    let (mut records, mut skipped, mut wanted) = (Vec::new(), 0, limit);
    loop {
        let mut last = last_of_first(&pages, wanted);
        while pages.continue_before(last.as_deref()) {
            pages.read_before(client, size, last.as_deref()).await?;
            last = last_of_first(&pages, wanted);
            size = wanted.min(PAGE);
        }
        let first = pages.take_through(last.as_deref());
        for (partition, stale) in fetch(client, &first, &mut records).await? {
            skipped += stale.len();
            tidy(client, partition, &stale).await?;
        }
        if last.is_none() || records.len() >= limit {
            records.sort_by_key(|stored| (stored.record.due, stored.record.key));
            records.truncate(limit);
            return Ok(records);
        }
        wanted = (limit - records.len()).max(PAGE.min(skipped * 2));
        size = wanted.min(PAGE);
    }
}

/// Returns the last of the first `wanted` entries, or `None` if fewer entries were read.
fn last_of_first(pages: &Pages<'_>, wanted: usize) -> Option<String> {
    let mut found: Vec<&String> = pages.parts.iter().flat_map(|part| &part.found).collect();
    found.sort_unstable();
    found.get(wanted.checked_sub(1)?).copied().cloned()
}

/// Adds the records of some entries to `records`, and returns the entries without a record or of another time.
async fn fetch<'a>(
    client: &Client,
    entries: &[(Partition<'a>, Vec<String>)],
    records: &mut Vec<Stored>,
) -> Result<Vec<(Partition<'a>, Vec<String>)>, Fault> {
    let commands = entries.iter().map(|(partition, entries)| {
        let mut command = redis::cmd("HMGET");
        command.arg(partition.records());
        for entry in entries {
            command.arg(time_and_field(entry).1);
        }
        command
    });
    let answers = client.read_all(&commands.collect::<Vec<_>>()).await?;
    let mut stale = Vec::new();
    for ((partition, entries), answer) in entries.iter().zip(answers) {
        let Value::Array(values) = answer else { return Err(Corruption::Answer.into()) };
        let mut of_partition = Vec::new();
        for (entry, value) in entries.iter().zip(values) {
            let (time, field) = time_and_field(entry);
            let stored = match value {
                Value::Nil => None,
                value => Some(value::decode(field.as_bytes(), bytes(value)?)?),
            };
            match stored.filter(|stored| stored.record.due.is_some_and(|due| layout::time(due) == time)) {
                Some(stored) => {
                    value::check_shard(&stored, |shard| partition.holds(shard))?;
                    records.push(stored);
                }
                None => of_partition.push(entry.clone()),
            }
        }
        if !of_partition.is_empty() {
            stale.push((*partition, of_partition));
        }
    }
    Ok(stale)
}

/// Returns the time and the field of a record in an entry of [`Partition::due`], each empty in a malformed entry.
fn time_and_field(entry: &str) -> (&str, String) {
    let parts = entry.split_once(':').and_then(|(kind, rest)| Some((kind, rest.split_once(':')?)));
    parts.map(|(kind, (time, id))| (time, format!("{kind}:{id}"))).unwrap_or_default()
}

/// Removes stale entries, except for entries that a commit has written meanwhile.
async fn tidy(client: &Client, partition: Partition<'_>, stale: &[String]) -> Result<(), Fault> {
    let mark = marks::of(client, partition).await?;
    let keys = [partition.records(), partition.due()];
    for some in stale.chunks(PAGE) {
        let complete = |command: &mut Cmd| {
            command.arg(keys.len()).arg(&keys).arg(mark).arg(some);
        };
        client.run(Effect::Repeatable, &TIDY, complete, &[]).await?;
    }
    Ok(())
}

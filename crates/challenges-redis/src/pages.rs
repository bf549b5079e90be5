use std::ops::Range;

use redis::Cmd;

use crate::client::Client;
use crate::fault::Fault;
use crate::layout::{Layout, Partition};
use crate::reply::{entries, shard_of};

/// A range of an index, read page by page from every partition of some shards.
pub(crate) struct Pages<'a> {
    pub(crate) parts: Vec<Part<'a>>,
    index: fn(&Partition<'a>) -> &'a str,
    range: [String; 2],
    shards: &'a Range<u16>,
}

/// The progress of reading a partition.
pub(crate) struct Part<'a> {
    pub(crate) partition: Partition<'a>,
    /// Entries read so far, of requested shards only.
    pub(crate) found: Vec<String>,
    /// The last entry read, of any shard.
    pub(crate) seen: Option<String>,
    /// True while unread entries may remain.
    pub(crate) is_open: bool,
}

impl<'a> Pages<'a> {
    /// Starts reading. `range` is the start and the end, in the syntax of `ZRANGEBYLEX`.
    pub(crate) fn new(
        layout: &'a Layout,
        shards: &'a Range<u16>,
        index: fn(&Partition<'a>) -> &'a str,
        range: [String; 2],
    ) -> Self {
        let part = |partition| Part { partition, found: Vec::new(), seen: None, is_open: true };
        Self { parts: layout.partitions_of(shards).into_iter().map(part).collect(), index, range, shards }
    }

    /// Returns true while unread entries may remain in any partition.
    pub(crate) fn are_open(&self) -> bool {
        self.parts.iter().any(|part| part.is_open)
    }

    /// Reads the next page of `size` entries from each open partition.
    pub(crate) async fn read(&mut self, client: &Client, size: usize) -> Result<(), Fault> {
        self.read_before(client, size, None).await
    }

    /// Reads the next page of `size` entries from each open partition whose unread entries may sort before `bound`.
    pub(crate) async fn read_before(&mut self, client: &Client, size: usize, bound: Option<&str>) -> Result<(), Fault> {
        let commands: Vec<Cmd> = self
            .parts
            .iter()
            .filter(|part| part.continues_before(bound))
            .map(|part| self.command(part, size))
            .collect();
        let answers = client.read_all(&commands).await?;
        for (part, answer) in self.parts.iter_mut().filter(|part| part.continues_before(bound)).zip(answers) {
            let page = entries(answer)?;
            part.is_open = page.len() >= size;
            if let Some(last) = page.last() {
                part.seen = Some(last.clone());
            }
            let here = |entry: &String| shard_of(entry).is_none_or(|shard| self.shards.contains(&shard));
            part.found.extend(page.into_iter().filter(here));
        }
        Ok(())
    }

    /// Returns true while unread entries before `bound` may remain in any partition.
    pub(crate) fn continue_before(&self, bound: Option<&str>) -> bool {
        self.parts.iter().any(|part| part.continues_before(bound))
    }

    /// Takes the entries up to and including `last` of each partition, or all entries without `last`.
    pub(crate) fn take_through(&mut self, last: Option<&str>) -> Vec<(Partition<'a>, Vec<String>)> {
        let taken = self.parts.iter_mut().map(|part| {
            let count =
                last.map_or(part.found.len(), |last| part.found.partition_point(|entry| entry.as_str() <= last));
            (part.partition, part.found.drain(..count).collect::<Vec<_>>())
        });
        taken.filter(|(_, entries)| !entries.is_empty()).collect()
    }

    fn command(&self, part: &Part<'a>, size: usize) -> Cmd {
        let [start, end] = &self.range;
        let start = part.seen.as_ref().map_or_else(|| start.clone(), |seen| format!("({seen}"));
        let mut command = redis::cmd("ZRANGEBYLEX");
        command.arg((self.index)(&part.partition)).arg(start).arg(end).arg("LIMIT").arg(0).arg(size);
        command
    }
}

impl Part<'_> {
    fn continues_before(&self, bound: Option<&str>) -> bool {
        // Entries are sorted: unread entries follow `seen`.
        self.is_open && bound.is_none_or(|bound| self.seen.as_deref() < Some(bound))
    }
}

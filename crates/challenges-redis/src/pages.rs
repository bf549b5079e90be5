use std::ops::Range;

use redis::Cmd;

use crate::client::Client;
use crate::fault::Fault;
use crate::layout::{Layout, Partition};
use crate::reply::{entries, shard_of};

/// A range of an index of each partition that holds some of those shards, read page by page.
pub(crate) struct Pages<'a> {
    pub(crate) parts: Vec<Part<'a>>,
    index: fn(&Partition<'a>) -> &'a str,
    range: [String; 2],
    shards: &'a Range<u16>,
}

/// What was read of a partition.
pub(crate) struct Part<'a> {
    pub(crate) partition: Partition<'a>,
    /// Entries of the shards that are asked for.
    pub(crate) found: Vec<String>,
    /// The last entry that was read, be it of a shard that is not asked for.
    pub(crate) seen: Option<String>,
    /// Whether there may be more.
    pub(crate) is_open: bool,
}

impl<'a> Pages<'a> {
    /// `range` is from where to where, as `ZRANGEBYLEX` takes it.
    pub(crate) fn new(
        layout: &'a Layout,
        shards: &'a Range<u16>,
        index: fn(&Partition<'a>) -> &'a str,
        range: [String; 2],
    ) -> Self {
        let part = |partition| Part { partition, found: Vec::new(), seen: None, is_open: true };
        Self { parts: layout.of_all(shards).into_iter().map(part).collect(), index, range, shards }
    }

    /// Whether there may be more in any partition.
    pub(crate) fn are_open(&self) -> bool {
        self.parts.iter().any(|part| part.is_open)
    }

    /// Reads the next page, of that size, of each partition that may have more.
    pub(crate) async fn read(&mut self, client: &Client, size: usize) -> Result<(), Fault> {
        let commands: Vec<Cmd> =
            self.parts.iter().filter(|part| part.is_open).map(|part| self.command(part, size)).collect();
        let answers = client.read_all(&commands).await?;
        for (part, answer) in self.parts.iter_mut().filter(|part| part.is_open).zip(answers) {
            let page = entries(answer)?;
            part.is_open = page.len() >= size;
            if let Some(last) = page.last() {
                part.seen = Some(last.clone());
            }
            let here = |entry: &String| shard_of(entry).is_none_or(|shard| self.shards.contains(&shard.number()));
            part.found.extend(page.into_iter().filter(here));
        }
        Ok(())
    }

    fn command(&self, part: &Part<'a>, size: usize) -> Cmd {
        let [start, end] = &self.range;
        let start = part.seen.as_ref().map_or_else(|| start.clone(), |seen| format!("({seen}"));
        let mut command = redis::cmd("ZRANGEBYLEX");
        command.arg((self.index)(&part.partition)).arg(start).arg(end).arg("LIMIT").arg(0).arg(size);
        command
    }
}

use std::ops::Range;

use crate::layout::Partition;
use crate::reply::shard_of;

/// The entries of an index of a partition, as far as they were read.
pub(crate) struct Pages<'a> {
    pub(crate) partition: Partition<'a>,
    /// Entries of the shards that are asked for.
    pub(crate) found: Vec<String>,
    /// The last entry that was read, be it of a shard that is not asked for.
    pub(crate) seen: Option<String>,
    /// Whether there may be more.
    pub(crate) is_open: bool,
}

impl<'a> Pages<'a> {
    pub(crate) const fn new(partition: Partition<'a>) -> Self {
        Self { partition, found: Vec::new(), seen: None, is_open: true }
    }

    /// Where the next page begins; the first begins at `start`.
    pub(crate) fn from(&self, start: &str) -> String {
        self.seen.as_ref().map_or_else(|| start.to_owned(), |seen| format!("({seen}"))
    }

    /// Adds the entries of those shards from a page that was to have `size` entries.
    pub(crate) fn add(&mut self, page: Vec<String>, size: usize, shards: &Range<u16>) {
        self.is_open = page.len() >= size;
        if let Some(last) = page.last() {
            self.seen = Some(last.clone());
        }
        let here = |entry: &String| shard_of(entry).is_none_or(|shard| shards.contains(&shard.number()));
        self.found.extend(page.into_iter().filter(here));
    }
}

use std::time::Duration;

use clap::Parser;

use crate::measure::Effort;

/// Compares each hot path of the library with its floor, the minimal work for the same result.
///
/// A full run writes benches/RESULTS.md and the plots; a partial or quick run only prints.
#[derive(Debug, Parser)]
pub(crate) struct Arguments {
    /// Runs only benches whose name contains one of these, such as `sqlite`, `growth` or "redis create"
    names: Vec<String>,
    /// Also grows Redis to a million challenges
    #[arg(long)]
    pub(crate) full: bool,
    /// Shows that every bench runs; the figures mean nothing
    #[arg(long, conflicts_with = "full")]
    pub(crate) quick: bool,
}

impl Arguments {
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|wanted| name.contains(wanted.as_str()))
    }

    pub(crate) fn writes_results(&self) -> bool {
        self.names.is_empty() && !self.quick
    }

    pub(crate) fn effort(&self) -> Effort {
        let millis = Duration::from_millis;
        match self.quick {
            true => Effort { runs: 1, slices: 3, slice: millis(1), long_slices: 3, long_slice: millis(40) },
            false => Effort { runs: 3, slices: 5, slice: millis(12), long_slices: 5, long_slice: millis(1_000) },
        }
    }
}

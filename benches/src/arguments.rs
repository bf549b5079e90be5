use clap::Parser;

/// Measures each hot path of the library beside the least that has to be done.
///
/// A whole run writes benches/RESULTS.md and the plots beside it; one of parts only prints.
#[derive(Debug, Parser)]
pub(crate) struct Arguments {
    /// Only what has one of these in its name, such as `sqlite`, `growth` or "redis create"
    names: Vec<String>,
    /// Grows Redis to a million challenges as well
    #[arg(long)]
    pub(crate) full: bool,
}

impl Arguments {
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|wanted| name.contains(wanted.as_str()))
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.names.is_empty()
    }
}

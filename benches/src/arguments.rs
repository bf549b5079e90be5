use clap::Parser;

/// Compares each hot path of the library with its floor, the minimal work for the same result.
///
/// A full run writes benches/RESULTS.md and the plots; a partial run only prints.
#[derive(Debug, Parser)]
pub(crate) struct Arguments {
    /// Runs only benches whose name contains one of these, such as `sqlite`, `growth` or "redis create"
    names: Vec<String>,
    /// Also grows Redis to a million challenges
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

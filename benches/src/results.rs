//! RESULTS.md and the plots of a full run.

use std::path::Path;

use crate::comparison::Compared;
use crate::growth::Grown;
use crate::machine;
use crate::plots;
use crate::report::Section;

const ABOUT: &str = "\
Written by `cargo run --release -p challenges-benches`; see [README.md](README.md) for how to read it.\n";

/// Returns the directory of the benches.
pub(crate) fn directory() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Writes RESULTS.md and plots/*.svg.
pub(crate) fn write(
    directory: &Path,
    sections: &[Section],
    compared: &[Compared],
    grown: &[Grown],
) -> std::io::Result<()> {
    let plots = directory.join("plots");
    std::fs::create_dir_all(&plots)?;
    let mut text = format!("# Results\n\n{ABOUT}\n{}\n", machine::line());
    for section in sections {
        text += &format!("\n{}", section.markdown());
    }
    text += "\n## Plots\n";
    let floors = plots::of_floors(compared);
    let growth = grown.iter().map(plots::of_growth);
    for plots::Plot { file, title, svg } in floors.into_iter().chain(growth) {
        std::fs::write(plots.join(&file), svg)?;
        text += &format!("\n![{title}](plots/{file})\n");
    }
    std::fs::write(directory.join("RESULTS.md"), text)
}

#[cfg(test)]
mod tests;

//! Benches of each hot path of the library against a floor, measured in turns. Compare ratios, not rates.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod arguments;
mod backend;
mod callers;
mod comparison;
mod dispatch;
mod floor;
mod growth;
mod host;
mod http;
mod machine;
mod measure;
mod operation;
mod plots;
mod postgres_benchmark;
mod redis_benchmark;
mod report;
mod results;
mod scratch;
mod summary;
mod sustained;
mod trace;
mod unstored;
mod webauthn;

use arguments::Arguments;
use backend::Kind;
use clap::Parser as _;
use scratch::Scratch;

fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let _scratch = Scratch::new();
    let start = std::time::Instant::now();
    // Growth comes first, because it measures the memory of this process.
    let grown: Vec<_> = Kind::all().filter_map(|kind| growth::run(&arguments, kind)).collect();
    let mut last = Vec::new();
    if !grown.is_empty() {
        last = vec![growth::section(&grown), growth::sweeps(&grown), growth::space(&grown)];
    }
    let (mut sustained, mut over_http) = (Vec::new(), Vec::new());
    let mut sections: Vec<_> = sustained::run(&arguments, &mut sustained).into_iter().collect();
    sections.extend(http::run(&arguments, &mut over_http));
    let mut compared = Vec::new();
    for kind in Kind::all() {
        sections.extend(comparison::run(&arguments, kind, &mut compared));
    }
    sections.extend(unstored::run(&arguments));
    sections.extend(postgres_benchmark::run(&arguments));
    sections.extend(redis_benchmark::run(&arguments));
    sections.extend(dispatch::run(&arguments));
    sections.extend(dispatch::wake(&arguments));
    sections.extend(last);
    let summary = summary::section(&sustained, &over_http, &grown);
    println!("\nin {} seconds", start.elapsed().as_secs());
    if arguments.writes_results() {
        sections.splice(0..0, summary);
        results::write(results::directory(), &sections, &compared, &grown)?;
    }
    Ok(())
}

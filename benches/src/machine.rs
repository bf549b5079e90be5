//! The description of the machine and the date.

use chrono::Utc;
use std::process::Command;

/// Returns a line with date, processors and versions.
pub(crate) fn line() -> String {
    let cpus = std::thread::available_parallelism().unwrap();
    let output = Command::new("redis-server").arg("--version").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let redis = text.split_whitespace().find_map(|word| word.strip_prefix("v=")).unwrap_or("of unknown version");
    let (date, sqlite) = (Utc::now().format("%Y-%m-%d"), rusqlite::version());
    format!("{date}, {cpus} processors ({}), SQLite {sqlite}, Redis {redis}, {}.", processor(), std::env::consts::OS)
}

fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

//! Each hot path beside its raw floor, interleaved in one run: what counts is the ratio, not the machine.
//!
//! `cargo run --release -p challenges-benches [NAME...]` runs those whose name contains one of the arguments, or all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod dispatch;
mod floor;
mod measure;
mod memory_cycle;
mod memory_store;
mod redis_cycle;
mod sqlite_cycle;
mod webauthn;

use measure::Report;

type Bench = (&'static str, fn() -> Report);

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let benches: [Bench; 14] = [
        ("memory store, one thread", memory_store::one_thread),
        ("memory store, two threads", memory_store::two_threads),
        ("memory create + answer", memory_cycle::code),
        ("sqlite create + answer, 64 callers", sqlite_cycle::many_callers),
        ("sqlite create + answer, one caller", sqlite_cycle::one_caller),
        ("sqlite get, one caller", sqlite_cycle::get),
        ("redis create + answer, 64 callers", redis_cycle::client),
        ("redis create + answer, -P 16", redis_cycle::benchmark),
        ("dispatch of actions, memory", dispatch::memory),
        ("dispatch of actions, sqlite", dispatch::sqlite),
        ("dispatch of one action after another", dispatch::one_at_a_time),
        ("webauthn assertion, ES256", webauthn::assertion),
        ("webauthn assertion by webauthn-rs", webauthn::webauthn_rs),
        ("webauthn create + answer, memory", webauthn::cycle),
    ];
    println!("{}", Report::header());
    for (name, bench) in benches {
        if wanted.is_empty() || wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
            println!("{}", bench().row(name));
        }
    }
}

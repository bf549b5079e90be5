//! Parses any bytes as a Redis reply to a script.
//!
//! Parsing never panics, and returns only records of the requested shards.
#![no_main]

#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../crates/challenges-redis/src/layout.rs"]
mod layout;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../crates/challenges-redis/src/reply.rs"]
mod reply;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../crates/challenges-redis/src/value.rs"]
mod value;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|reply: &[u8]| {
    let Ok(reply) = redis::parse_redis_value(reply) else { return };
    let is_here = |shard: u16| shard < 512;
    for stored in reply::records(vec![reply.clone()], is_here).unwrap_or_default() {
        assert!(is_here(stored.record.key.shard()));
    }
    for entry in reply::entries(reply.clone()).unwrap_or_default() {
        let _ = reply::shard_of(&entry);
    }
    let _ = reply::bytes(reply);
});

//! Parses any bytes as the field and value of a record in Redis.
//!
//! A parsed record is written and parsed back unchanged.
#![no_main]

#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../crates/challenges-redis/src/layout.rs"]
mod layout;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../crates/challenges-redis/src/value.rs"]
mod value;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], &[u8])| {
    let (field, bytes) = input;
    let Ok(stored) = value::decode(field, bytes.to_vec()) else { return };
    let key = stored.record.key;
    assert_eq!(layout::key(&layout::field(key)), Some(key));
    let written = value::encode(&value::version(&stored.version), &stored.record);
    assert_eq!(written.len(), bytes.len());
    let again = value::decode(layout::field(key).as_bytes(), written).expect("a written record parses");
    assert_eq!((again.record, again.version), (stored.record, stored.version));
});

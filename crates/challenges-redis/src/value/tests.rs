#![allow(clippy::unwrap_used)]

use challenges_core::Timestamp;
use challenges_core::store::{Id, Key, Kind, Record};

use super::{Corruption, decode, encode, version};
use crate::layout::field;

fn record(due: Option<u64>, expires: Option<u64>, body: &'static [u8]) -> Record {
    let key = Key::new(Kind::Endpoint, Id::new(Timestamp::default(), 1, 1));
    let time = |millis: Option<u64>| millis.map(Timestamp::from_millis);
    Record { key, due: time(due), expires: time(expires), body: body.into() }
}

#[test]
fn record_round_trips() {
    let written = *b"\x00\x01\xfe\xff0123456789ab";
    for record in [
        record(None, None, b""),
        record(Some(0), Some(u64::MAX), b"{}"),
        record(None, Some(1), b"\xff\0"),
        record(Some(u64::MAX), None, b"-"),
    ] {
        let stored = decode(field(record.key).as_bytes(), encode(&version(&written), &record)).unwrap();
        assert_eq!((stored.record, stored.version), (record, written));
    }
}

#[test]
fn invalid_header_is_refused() {
    let record = record(Some(1), None, b"body");
    let good = encode(&version(&[7; 16]), &record);
    let name = field(record.key);
    for at in 0..72 {
        for byte in [b'z', b'+', 0xff] {
            let mut bad = good.clone();
            *bad.get_mut(at).unwrap() = byte;
            assert!(matches!(decode(name.as_bytes(), bad), Err(Corruption::Header(_))), "{byte} at {at}");
        }
        assert!(decode(name.as_bytes(), good.get(..at).unwrap().to_vec()).is_err());
    }
    assert_eq!(decode(b"3", good).unwrap_err(), Corruption::Field);
}

#![allow(clippy::unwrap_used)]

use challenges_core::Timestamp;
use challenges_core::store::{Id, Key, Kind};

use super::{Layout, SHARDS_EACH, field, key, owner_prefix, time};

#[test]
fn partitions_cover_exactly_the_shards_of_range() {
    let layout = Layout::new("p".to_owned());
    for shards in [0..0, 0..1, 0..4, 3..5, 4..8, 1_000..Id::SHARDS, 1_023..u16::MAX, 0..Id::SHARDS, 5..5] {
        let partitions = layout.partitions_of(&shards);
        let cuts = [shards.start, shards.end.min(Id::SHARDS)].iter().any(|bound| bound % SHARDS_EACH != 0);
        for number in 0..Id::SHARDS {
            let is_in_one = partitions.iter().filter(|partition| partition.holds(number)).count();
            if shards.contains(&number) {
                assert_eq!(is_in_one, 1, "{number} of {shards:?}");
            }
            if !cuts {
                assert_eq!(is_in_one == 1, shards.contains(&number), "{number} of {shards:?}");
            }
        }
    }
    assert_eq!(layout.partitions_of(&(0..Id::SHARDS)).len(), 256);
}

#[test]
fn partition_keys_share_a_hash_tag() {
    let layout = Layout::new("shop".to_owned());
    let keys = layout.partition_of(70).keys();
    assert_eq!(*keys, ["records", "index", "due", "expires"].map(|set| format!("shop:{{017}}:{set}")));
}

#[test]
fn entries_sort_like_their_values() {
    let times = [0, 9, 10, (1 << 53) + 1, u64::MAX - 1, u64::MAX].map(|millis| time(Timestamp::from_millis(millis)));
    assert!(times.is_sorted() && times.iter().all(|time| time.len() == super::TIME));
    let owners = [0, 61, 62, 1 << 63, u64::MAX].map(|tag| owner_prefix(Kind::Challenge, tag));
    assert!(owners.is_sorted(), "{owners:?}");
}

#[test]
fn field_parses_back_to_key() {
    let one = Key::new(Kind::Outbox, Id::new(Timestamp::from_seconds(1), 7, 42));
    assert_eq!(key(&field(one)), Some(one));
    for wrong in ["", "8", "8:", "99:0", "x:y"] {
        assert_eq!(key(wrong), None, "{wrong}");
    }
}

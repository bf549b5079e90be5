#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;
use serde::Deserialize;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as ValueError, StrDeserializer};

use super::*;
use crate::error::Invalid;
use crate::time::Timestamp;

#[test]
fn r32_id_has_forty_characters_and_128_random_bits() {
    let zero = Id::new(Timestamp::default(), 0, 0);
    assert_eq!(zero.to_string(), "0".repeat(40));
    for bit in 0..128 {
        assert_ne!(Id::new(Timestamp::default(), 0, 1 << bit), zero);
        assert_ne!(Id::new(Timestamp::default(), 0, 1 << bit).to_string(), zero.to_string());
    }
    let full = Id::new(Timestamp::MAX, u64::MAX, u128::MAX);
    assert_eq!(full.to_string().len(), Id::LENGTH);
    assert!(Invalid::Id.to_string().contains(&format!("expected {} characters", Id::LENGTH)));
    assert_eq!(full.to_string().parse(), Ok(full));
}

#[test]
fn malformed_ids_are_refused() {
    let good = Id::new(Timestamp::from_millis(1), 2, 3).to_string();
    let too_large = format!("{}{}", &good[..18], "z".repeat(22));
    let tag_too_large = format!("{}{}{}", &good[..7], "z".repeat(11), &good[18..]);
    for bad in ["", "0", &good[1..], &format!("{good}0"), &good.replace('3', "-"), &too_large, &tag_too_large, "é"] {
        assert_eq!(bad.parse::<Id>(), Err(Invalid::Id), "{bad}");
        assert!(read::<ChallengeId>(bad).is_err(), "{bad}");
    }
}

/// Reads a value as path extractors of web frameworks do.
fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, ValueError> {
    let deserializer: StrDeserializer<'t, ValueError> = text.into_deserializer();
    T::deserialize(deserializer)
}

#[test]
fn ids_deserialize_as_path_parameters() {
    let id = Id::new(Timestamp::from_millis(1), 2, 3);
    let text = id.to_string();
    assert_eq!(read::<ChallengeId>(&text), Ok(ChallengeId(id)));
    assert_eq!(read::<EnrollmentId>(&text), Ok(EnrollmentId(id)));
    assert_eq!(read::<EndpointId>(&text), Ok(EndpointId(id)));
    assert_eq!(read::<OutboxId>(&text), Ok(OutboxId(id)));
}

#[test]
fn shard_is_first_ten_bits_of_tag() {
    assert_eq!(Id::shard_of(0), 0);
    assert_eq!(Id::shard_of(1 << 54), 1);
    assert_eq!(Id::shard_of(u64::MAX), Id::SHARDS - 1);
}

proptest! {
    #[test]
    fn text_round_trips_and_sorts_like_ids(a in any::<(u64, u64, u128)>(), b in any::<(u64, u64, u128)>()) {
        let [a, b] = [a, b].map(|(time, tag, random)| Id::new(Timestamp::from_millis(time), tag, random));
        prop_assert_eq!(a.to_string().parse(), Ok(a));
        prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
    }
}

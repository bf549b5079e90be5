#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;

use super::*;

#[test]
fn r32_an_id_has_forty_characters_of_which_128_bits_are_random() {
    // The random part alone is 128 bits, and every one of them changes the text.
    let zero = Id::new(Timestamp::default(), OwnerTag::new(0), 0);
    assert_eq!(zero.to_string(), "0".repeat(40));
    for bit in 0..128 {
        assert_ne!(Id::new(Timestamp::default(), OwnerTag::new(0), 1 << bit), zero);
        assert_ne!(Id::new(Timestamp::default(), OwnerTag::new(0), 1 << bit).to_string(), zero.to_string());
    }
    let full = Id::new(Timestamp::MAX, OwnerTag::new(u64::MAX), u128::MAX);
    assert_eq!(full.to_string().len(), Id::LENGTH);
    assert_eq!(full.to_string().parse(), Ok(full));
}

#[test]
fn text_that_is_no_id_is_refused() {
    let good = Id::new(Timestamp::from_millis(1), OwnerTag::new(2), 3).to_string();
    let too_large = format!("{}{}", &good[..18], "z".repeat(22));
    let tag_too_large = format!("{}{}{}", &good[..7], "z".repeat(11), &good[18..]);
    for bad in ["", "0", &good[1..], &format!("{good}0"), &good.replace('3', "-"), &too_large, &tag_too_large, "é"] {
        assert_eq!(bad.parse::<Id>(), Err(InvalidId), "{bad}");
    }
}

#[test]
fn the_shard_is_the_first_ten_bits_of_the_tag() {
    assert_eq!(OwnerTag::new(0).shard().number(), 0);
    assert_eq!(OwnerTag::new(1 << 54).shard().number(), 1);
    assert_eq!(OwnerTag::new(u64::MAX).shard().number(), SHARDS - 1);
    assert_eq!(Shard::new(SHARDS), None);
}

proptest! {
    #[test]
    fn text_round_trips_and_sorts_as_the_ids_do(a in any::<(u64, u64, u128)>(), b in any::<(u64, u64, u128)>()) {
        let [a, b] = [a, b].map(|(time, tag, random)| Id::new(Timestamp::from_millis(time), OwnerTag::new(tag), random));
        prop_assert_eq!(a.to_string().parse(), Ok(a));
        prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
    }
}

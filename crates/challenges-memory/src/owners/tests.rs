use challenges_core::Timestamp;
use challenges_core::store::{Id, Record};

use super::*;

fn stored(owner: u64, random: u128) -> Stored {
    let key = Key::new(Kind::Challenge, Id::new(Timestamp::default(), owner, random));
    Stored { record: Record { key, due: None, expires: None, body: "{}".into() }, version: [1; 16] }
}

#[test]
fn owner_is_listed_while_a_record_remains() {
    let mut owners = Owners::default();
    let (first, second, other) = (stored(7, 1), stored(7, 2), stored(5, 1));
    for stored in [&first, &second, &other] {
        owners.insert(stored.clone());
    }
    let tags = |owners: &Owners| owners.tags_from(0).collect::<Vec<_>>();
    assert_eq!(tags(&owners), [5, 7]);

    owners.remove(first.record.key);
    assert_eq!(tags(&owners), [5, 7]);
    owners.remove(second.record.key);
    assert_eq!(tags(&owners), [5]);
    owners.remove_all(5, &[other.record.key]);
    assert!(tags(&owners).is_empty());
}

use super::{EACH, TOGETHER, user_of};

#[test]
fn every_user_gets_the_same_number() {
    for users in [100, TOGETHER, 5_000] {
        let mut counts = vec![0; users];
        (0..users * EACH).for_each(|number| counts[user_of(number, users)] += 1);
        assert_eq!(counts, vec![EACH; users]);
    }
}

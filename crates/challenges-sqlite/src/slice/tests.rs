use super::*;

#[test]
fn slow_slice_makes_the_next_smaller() {
    let mut slice = Slice { records: 400 };
    slice.fit(400, 4 * TIME);
    assert_eq!(slice.records(), 100);
    slice.fit(1, TIME);
    assert_eq!(slice.records(), FEWEST, "cut short by the time");
}

#[test]
fn fast_slices_grow_up_to_a_bound() {
    let mut slice = Slice::default();
    let mut next = || {
        slice.fit(slice.records(), Duration::ZERO);
        slice.records()
    };
    assert_eq!([next(), next(), next(), next()], [128, 256, MOST, MOST]);
}

#[test]
fn last_slice_changes_nothing() {
    let mut slice = Slice { records: 200 };
    slice.fit(3, TIME / 5);
    slice.fit(0, Duration::ZERO);
    assert_eq!(slice.records(), 200);
}

use super::*;

#[test]
fn r20_what_is_given_back_counts_in_the_window_that_it_was_taken_from() {
    const WINDOW: Duration = Duration::from_secs(100);
    let at = |seconds: u64| Timestamp::from_seconds(1_000 + seconds);

    let share = Share::default();
    share.add(2, at(100));
    assert_eq!(share.take(WINDOW, at(0)), Some(at(100)));
    share.give_back(at(100));
    assert_eq!(share.lock().count, 2);
    assert_eq!(share.take(WINDOW, at(99)), Some(at(100)));
    share.add(5, at(200));
    share.give_back(at(100));
    assert_eq!(share.lock().count, 5);
}

use super::*;

const WINDOW: Duration = Duration::from_secs(100);

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(1_000 + seconds)
}

#[test]
fn r20_what_is_given_back_counts_in_the_window_that_it_was_taken_from() {
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

#[test]
fn r20_a_share_of_a_window_that_another_clock_began_a_little_ahead_is_used() {
    let share = Share::default();
    share.add(1, at(105));
    assert_eq!(share.take(WINDOW, at(0)), Some(at(105)));
    share.add(1, at(1_000));
    assert_eq!(share.take(WINDOW, at(0)), None, "no clock is so far ahead");
}

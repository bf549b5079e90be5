use super::*;

const WINDOW: Duration = Duration::from_secs(100);

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(1_000 + seconds)
}

/// R20: a message given back late adds nothing to a newer window.
#[test]
fn message_returns_only_to_its_own_window() {
    let chunk = Chunk::default();
    chunk.add(2, at(100));
    assert_eq!(chunk.take(WINDOW, at(0)), Some(at(100)));
    chunk.give_back(at(100));
    assert_eq!(chunk.lock().count, 2);
    assert_eq!(chunk.take(WINDOW, at(99)), Some(at(100)));
    chunk.add(5, at(200));
    chunk.give_back(at(100));
    assert_eq!(chunk.lock().count, 5);
}

/// R20: clocks of processes may differ by seconds.
#[test]
fn chunk_begun_slightly_ahead_is_used() {
    let chunk = Chunk::default();
    chunk.add(1, at(105));
    assert_eq!(chunk.take(WINDOW, at(0)), Some(at(105)));
    chunk.add(1, at(1_000));
    assert_eq!(chunk.take(WINDOW, at(0)), None, "no clock is that far ahead");
}

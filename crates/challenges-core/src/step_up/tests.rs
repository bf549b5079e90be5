#![allow(clippy::unwrap_used)]

use crate::challenge::{Challenge, State};
use crate::codec;

/// A challenge as it is stored, in that state.
fn stored(state: &str) -> Challenge {
    let body = format!(
        r#"{{"v":1,"id":"{}","owner":{{"user":"alice"}},"created":0,"updated":0,"state":"{state}","types":{{"one":"code"}},"timeout":600,"purpose":"transfer"}}"#,
        "0".repeat(40)
    );
    Challenge::from_body(codec::decode(body.as_bytes()).unwrap())
}

#[test]
fn only_a_passing_can_be_used_and_only_once() {
    for state in ["pending", "issued", "challenge_declined", "challenge_failed", "timed_out"] {
        assert!(stored(state).with_step_up_used().is_none(), "{state}");
    }
    let used = stored("challenge_passed").with_step_up_used().unwrap();
    assert_eq!(used.state(), State::ChallengePassed);
    assert!(used.with_step_up_used().is_none());
}

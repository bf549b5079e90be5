#![allow(clippy::unwrap_used)]

use crate::challenge::Challenge;
use crate::codec;
use crate::engine::Entity as _;
use crate::state::State;

/// Reads a challenge in a state, as stored.
fn stored(state: &str) -> Challenge {
    let body = format!(
        r#"{{"v":1,"id":"{}","owner":{{"user":"alice"}},"created":0,"updated":0,"state":"{state}","timeout":600,"purpose":"transfer","request":{{"types":{{"spec":{{"types":{{"single":"code"}}}}}}}}}}"#,
        "0".repeat(40)
    );
    Challenge::from_body(codec::decode(body.as_bytes()).unwrap())
}

#[test]
fn only_a_passed_challenge_is_used_once() {
    for state in ["pending", "issued", "challenge_declined", "challenge_failed", "timed_out"] {
        assert!(stored(state).with_step_up_used().is_none(), "{state}");
    }
    let used = stored("challenge_passed").with_step_up_used().unwrap();
    assert_eq!(used.state(), State::ChallengePassed);
    assert!(used.with_step_up_used().is_none());
}

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::claims::Claims;
use crate::challenge::Challenge;
use crate::codec;
use crate::engine::{Entity as _, salt_owner};
use crate::entropy::OsEntropy;
use crate::evidence::{Evidence, any_evidence};
use crate::keyring::{KeyRing, Place, Sealed};
use crate::state::State;
use crate::store::Kind;

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

proptest! {
    /// R71: a token carries every kind of evidence unchanged.
    #[test]
    fn sealed_evidence_is_opened_unchanged(evidence in proptest::collection::vec(any_evidence(), 1..5)) {
        let keys = KeyRing::generate().unwrap();
        let nobody = salt_owner().unwrap();
        let challenge = stored("challenge_passed");
        let place = Place { kind: Kind::Challenge, id: challenge.id().0, owner: &nobody, field: "step_up" };
        let claims = Claims::new(&challenge, challenge.purpose().unwrap(), &evidence);
        let sealed = keys.seal(&OsEntropy, place, &codec::encode(&claims).unwrap()).unwrap();
        let opened = keys.open_token(place, &Sealed::from_text(sealed.into_text())).unwrap();
        let opened: Claims = codec::decode(&opened).unwrap();
        prop_assert_eq!(opened.evidence().collect::<Vec<Evidence>>(), evidence);
    }
}

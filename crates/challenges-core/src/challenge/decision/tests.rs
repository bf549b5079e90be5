#![allow(clippy::unwrap_used)]

use super::*;
use crate::challenge::Answer;
use crate::challenge::request::{ApprovalRequest, Request};
use crate::evidence::Method;
use crate::id::{ChallengeId, EnrollmentId, Id};
use crate::owner::Owner;
use crate::timeout::Timeout;

fn challenge() -> Challenge {
    let id = ChallengeId(Id::new(Timestamp::from_seconds(1), 1, 1));
    let owner = Owner::user("alice").unwrap();
    let request = Request::Approval(ApprovalRequest { open: None, entries: Vec::new() });
    Challenge::pending(id, owner, Timestamp::from_seconds(1), Timeout::from_seconds(600).unwrap(), request)
}

fn proof() -> Proof {
    let challenge = challenge();
    Proof::new(&challenge, &Answer::approve_action(challenge.id(), "secret"))
}

fn transition(outcome: Outcome, proof: Option<Proof>) -> Transition {
    Transition { proof, ..Transition::new(challenge(), outcome) }
}

/// Every outcome, whether it ends an answer, and whether the user is let in.
const OUTCOMES: [(Outcome, bool, bool); 10] = [
    (Outcome::Unchanged, false, false),
    (Outcome::Replaced, false, false),
    (Outcome::Issued, false, false),
    (Outcome::Resent, false, false),
    (Outcome::Delivered, false, false),
    (Outcome::Failed, false, false),
    (Outcome::Passed, true, true),
    (Outcome::Declined, true, false),
    (Outcome::Wrong, false, false),
    (Outcome::TimedOut, false, false),
];

#[test]
fn r42_only_a_passed_outcome_gives_passed() {
    for (outcome, decides, passes) in OUTCOMES {
        let decided = from_transition(transition(outcome, Some(proof())));
        assert_eq!(decided.is_some(), decides, "{outcome:?}");
        assert_eq!(decided.and_then(Decision::passed).is_some(), passes, "{outcome:?}");
        let without_proof = from_transition(transition(outcome, None));
        assert!(without_proof.is_none(), "{outcome:?} without a proof passes nothing");
    }
}

#[test]
fn r42_passed_shows_the_proof_and_the_data() {
    let actor = Owner::in_tenant("acme", "bob").unwrap();
    let enrollment = EnrollmentId(Id::new(Timestamp::from_seconds(1), 1, 3));
    let used = Method::Webauthn { enrollment, user_verified: true, backup_eligible: false, backed_up: false };
    let data = AnswerData::new(&serde_json::json!({"a": 1})).unwrap();
    let full = proof().with_actor(Some(&actor)).with_method(used);
    let decision =
        from_transition(Transition { answer_data: Some(data), ..transition(Outcome::Passed, Some(full)) }).unwrap();
    assert_eq!(decision.challenge().owner(), &Owner::user("alice").unwrap());
    let passed = decision.passed().unwrap();
    let (kind, owner) = (Some(ChallengeType::Webauthn), Owner::user("alice").unwrap());
    assert_eq!((passed.kind(), passed.owner()), (kind, &owner));
    assert_eq!(passed.evidence(), [Evidence::new(used, Timestamp::default())]);
    assert_eq!((passed.actor(), passed.credential()), (Some(&actor), Some(&Evidence::new(used, Timestamp::default()))));
    assert_eq!(passed.answer_data().unwrap().expose(), r#"{"a":1}"#);

    let bare = from_transition(transition(Outcome::Passed, Some(proof()))).unwrap().passed().unwrap();
    assert!(bare.evidence().is_empty() && bare.kind().is_none());
    assert!(bare.actor().is_none() && bare.credential().is_none() && bare.answer_data().is_none());
}

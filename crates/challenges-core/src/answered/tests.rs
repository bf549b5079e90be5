#![allow(clippy::unwrap_used)]

use super::*;
use crate::challenge::{Draft, Timeout, Types};
use crate::id::{ChallengeId, EndpointId, Id, OwnerTag};
use crate::time::Timestamp;

const KIND: ChallengeType = ChallengeType::OneTimeUseAction;

fn transition(outcome: Outcome, effects: Vec<Effect>) -> Transition {
    let id = Id::new(Timestamp::from_seconds(1), OwnerTag::new(1), 1);
    let draft = Draft {
        types: Types::one_time_use_action(),
        send_now: true,
        timeout: Timeout::from_seconds(600).unwrap(),
        response_uri: None,
        origin: None,
        endpoints: Vec::new(),
        answer_data: None,
    };
    let owner = Owner::user("alice").unwrap();
    let next = Challenge::pending(ChallengeId(id), owner, Timestamp::from_seconds(1), draft);
    Transition { next, outcome, effects }
}

/// Every outcome, and whether it lets its user in.
const OUTCOMES: [(Outcome, bool); 10] = [
    (Outcome::Unchanged, false),
    (Outcome::Replaced, false),
    (Outcome::Issued, false),
    (Outcome::Resent, false),
    (Outcome::Delivered, false),
    (Outcome::Failed, false),
    (Outcome::Passed, true),
    (Outcome::Declined, false),
    (Outcome::Wrong, false),
    (Outcome::TimedOut, false),
];

#[test]
fn r42_no_outcome_but_passing_gives_a_passed() {
    for (outcome, passes) in OUTCOMES {
        let concluded = conclude(transition(outcome, Vec::new()), KIND, None, None);
        let answered = matches!(outcome, Outcome::Passed | Outcome::Declined);
        assert_eq!(concluded.is_ok(), answered, "{outcome:?}");
        match concluded {
            Ok(answered) => assert_eq!(answered.passed().is_some(), passes, "{outcome:?}"),
            Err(transition) => assert_eq!(transition.outcome, outcome, "it comes back as it was"),
        }
    }
}

#[test]
fn r42_a_passed_says_what_the_transition_and_the_answer_said() {
    let actor = Actor { user_id: "bob".to_owned(), org_id: "acme".to_owned() };
    let endpoint = EndpointId(Id::new(Timestamp::from_seconds(1), OwnerTag::new(1), 2));
    let effects = || {
        let message = Effect::Deliver { channel: ChallengeType::Sms, endpoint };
        vec![message, Effect::Act { actor: actor.clone(), approved: true }]
    };
    let enrollment = EnrollmentId(Id::new(Timestamp::from_seconds(1), OwnerTag::new(1), 3));
    let used = UsedCredential { enrollment, user_verified: true, backup_eligible: false, backed_up: false };
    let data = AnswerData::new(&serde_json::json!({"a": 1})).unwrap();
    let answered = conclude(transition(Outcome::Passed, effects()), KIND, Some(used), Some(data)).unwrap();
    assert_eq!(answered.challenge().owner(), &Owner::user("alice").unwrap());
    let passed = answered.passed().unwrap();
    assert_eq!((passed.kind(), passed.owner()), (KIND, &Owner::user("alice").unwrap()));
    assert_eq!((passed.actor(), passed.credential()), (Some(&actor), Some(&used)));
    assert_eq!(passed.answer_data().unwrap().expose(), r#"{"a":1}"#);

    let bare = conclude(transition(Outcome::Passed, Vec::new()), KIND, None, None).unwrap().passed().unwrap();
    assert!(bare.actor().is_none() && bare.credential().is_none() && bare.answer_data().is_none());
}

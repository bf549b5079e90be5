//! Number matching: the two digits that approval by a link needs.

use std::collections::BTreeSet;
use std::time::Duration;

use challenges_core::endpoints::Address;
use challenges_core::outbox::Task;
use challenges_core::step_up::{Evidence, Requirement};
use challenges_core::{
    Answer, ChallengeId, ChallengeSpec, ChallengeType, ChallengeTypes, CreatedChallenge, Decision, Error, Factor,
    Invalid, Policy, Refused, State,
};
use challenges_testkit::administrator;

use crate::harness::{Host, Seen, owner, passed, refused};

const SMS: ChallengeType = ChallengeType::Sms;
const CODE: ChallengeType = ChallengeType::Code;

async fn host(policy: Policy) -> Host {
    let host = Host::with_policy(policy).await;
    let address = Address::Phone("+4915112345678".parse().unwrap());
    host.challenges.endpoints().register_confirmed(owner("alice"), &administrator(), address).await.unwrap();
    host
}

async fn without_cool_down() -> Host {
    let mut policy = Policy::default();
    policy.sends.cool_down = Duration::ZERO;
    (policy.sends.per_user, policy.sends.per_user_in_window) = (1_000, 1_000);
    host(policy).await
}

fn spec() -> ChallengeSpec {
    ChallengeSpec::new(SMS).unwrap().with_number_match()
}

fn spec_with_code() -> ChallengeSpec {
    ChallengeSpec::new([SMS, CODE]).unwrap().with_number_match()
}

/// Creates a challenge with number matching. Returns the id, the number and the secret of the link.
async fn numbered(host: &Host, spec: ChallengeSpec) -> (ChallengeId, String, String) {
    let created = host.challenges.create(owner("alice"), spec).await.unwrap();
    let id = created.challenge.id();
    let number = created.number.as_ref().unwrap().expose().to_owned();
    assert!(number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit()) && created.challenge.number_match());
    (id, number, secret(host, id).await)
}

/// Returns the secret of the link of a challenge.
async fn secret(host: &Host, id: ChallengeId) -> String {
    let entries = host.challenges.outbox().list(None, None, 500).await.unwrap();
    let entry = entries.iter().map(|entry| entry.as_ref().unwrap()).find(|entry| entry.challenge == Some(id)).unwrap();
    let Task::Deliver { secret, .. } = &entry.task else { panic!("no message: {entry:?}") };
    secret.expose().to_owned()
}

fn other(number: &str, offset: u8) -> String {
    format!("{:02}", (number.parse::<u8>().unwrap() + offset) % 100)
}

async fn answer(host: &Host, answer: Answer) -> Result<Decision, Error> {
    host.challenges.answer(answer).await
}

async fn number_failures(host: &Host) -> u32 {
    host.challenges.account(&owner("alice")).failures(Factor::Number).await.unwrap()
}

/// R21, R18: the number has to be exact.
#[tokio::test]
async fn link_needs_the_right_number() {
    let host = without_cool_down().await;
    let (id, number, secret) = numbered(&host, spec()).await;
    let allow = || Answer::allow(id, SMS, secret.as_str());
    host.seen.take();
    assert!(refused(answer(&host, allow()).await), "no number");
    assert!(refused(answer(&host, allow().with_number(other(&number, 1))).await), "a wrong number");
    assert!(refused(answer(&host, allow().with_number(format!(" {number}"))).await), "a padded number");
    let without_secret = Answer::allow(id, SMS, "wrong").with_number(number.as_str());
    assert!(refused(answer(&host, without_secret).await), "the number without the secret");
    let stored = host.challenges.get(id).await.unwrap();
    assert_eq!((stored.state(), stored.wrong_answers()), (State::Issued, 4));
    assert_eq!(number_failures(&host).await, 3, "a wrong secret is no guess of the number");
    assert!(passed(answer(&host, allow().with_number(number.as_str())).await), "control");
    assert_eq!(number_failures(&host).await, 0);
}

/// R71: beside a password, approving by a link is a second factor of NIST AAL2 only with number matching.
#[tokio::test]
async fn link_meets_aal2_with_number_matching_only() {
    let host = without_cool_down().await;
    let (id, number, link) = numbered(&host, spec_with_code()).await;
    // The secret of the link may also pass as the code, and stays a link.
    let approved = answer(&host, Answer::allow(id, CODE, link.as_str()).with_number(number)).await;
    let id = host.challenges.create(owner("alice"), ChallengeSpec::new(SMS).unwrap()).await.unwrap().challenge.id();
    let clicked = answer(&host, Answer::allow(id, SMS, secret(&host, id).await)).await;
    for (decided, amr, meets_aal2) in [(approved, vec!["sms", "mca"], true), (clicked, vec!["sms"], false)] {
        let passed = decided.unwrap().passed().unwrap();
        assert_eq!((passed.kind(), Evidence::amr(passed.evidence())), (Some(SMS), amr));
        let evidence = [passed.evidence(), &[Evidence::password(host.now())]].concat();
        assert_eq!(Requirement::aal2().met_by(&evidence, host.now()).is_ok(), meets_aal2);
        assert!(Requirement::any().two_distinct().met_by(&evidence, host.now()).is_ok(), "control");
    }
}

/// R7, R4: five wrong numbers close a challenge, and six delay the user.
#[tokio::test]
async fn wrong_numbers_count_per_challenge_and_user() {
    let host = without_cool_down().await;
    let (id, number, secret) = numbered(&host, spec()).await;
    for offset in 1..=5 {
        let guess = Answer::allow(id, SMS, secret.as_str()).with_number(other(&number, offset));
        assert!(refused(answer(&host, guess).await));
    }
    host.seen.take();
    assert!(refused(answer(&host, Answer::allow(id, SMS, secret.as_str()).with_number(number.as_str())).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Exhausted)]);
    let (id, number, secret) = numbered(&host, spec()).await;
    assert!(refused(answer(&host, Answer::allow(id, SMS, secret.as_str()).with_number(other(&number, 1))).await));
    host.seen.take();
    let right = || Answer::allow(id, SMS, secret.as_str()).with_number(number.as_str());
    assert!(refused(answer(&host, right()).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Delayed)], "six consecutive failures delay the user");
    host.clock.advance(Duration::from_secs(30));
    assert!(passed(answer(&host, right()).await));
}

/// R7: otherwise a stranger could delay a user.
#[tokio::test]
async fn wrong_secret_counts_no_number_failure() {
    let host = without_cool_down().await;
    let (id, number, secret) = numbered(&host, spec()).await;
    for guess in 0..20 {
        let wrong = Answer::allow(id, SMS, format!("wrong {guess}"));
        let wrong = if guess % 2 == 0 { wrong } else { wrong.with_number(other(&number, 1)) };
        assert!(refused(answer(&host, wrong).await));
    }
    assert_eq!(number_failures(&host).await, 0);
    assert!(passed(answer(&host, Answer::allow(id, SMS, secret.as_str()).with_number(number.as_str())).await));
}

/// R21: the secret of the link answers under the type `Code` too.
#[tokio::test]
async fn link_needs_the_number_under_every_type() {
    let host = without_cool_down().await;
    let (id, number, secret) = numbered(&host, spec_with_code()).await;
    assert!(refused(answer(&host, Answer::allow(id, CODE, secret.as_str())).await));
    assert_eq!(number_failures(&host).await, 1);
    assert!(passed(answer(&host, Answer::allow(id, CODE, secret.as_str()).with_number(number.as_str())).await));
}

/// R21, R7: the code goes to the user who started the challenge, and passing by code clears no wrong numbers.
#[tokio::test]
async fn code_needs_no_number() {
    let host = without_cool_down().await;
    let created = host.challenges.create(owner("alice"), spec_with_code()).await.unwrap();
    let CreatedChallenge { challenge, code, .. } = created;
    let by_code = Answer::allow(challenge.id(), CODE, code.unwrap().expose());
    assert!(passed(answer(&host, by_code).await));

    let (id, number, secret) = numbered(&host, spec_with_code()).await;
    let guess = Answer::allow(id, SMS, secret.as_str()).with_number(other(&number, 1));
    assert!(refused(answer(&host, guess).await));
    let created = host.challenges.create(owner("alice"), spec_with_code()).await.unwrap();
    let as_sms = Answer::allow(created.challenge.id(), SMS, created.code.unwrap().expose());
    assert!(passed(answer(&host, as_sms).await));
    assert_eq!(number_failures(&host).await, 1);
}

/// R7: the code of the same challenge still passes.
#[tokio::test]
async fn wrong_numbers_lock_the_link_only() {
    let mut policy = Policy::default();
    policy.failures_before_delay = 1;
    policy.sends.cool_down = Duration::ZERO;
    let host = host(policy).await;
    let created = host.challenges.create(owner("alice"), spec_with_code()).await.unwrap();
    let (id, number, code) = (created.challenge.id(), created.number.unwrap(), created.code.unwrap());
    let secret = secret(&host, id).await;
    for offset in 1..3 {
        let guess = Answer::allow(id, SMS, secret.as_str()).with_number(other(number.expose(), offset));
        assert!(refused(answer(&host, guess).await));
    }
    assert!(host.seen.take().contains(&Seen::Refused(Refused::Delayed)));
    let right = || Answer::allow(id, CODE, secret.as_str()).with_number(number.expose());
    assert!(refused(answer(&host, right()).await), "the link is delayed under every type");
    assert!(passed(answer(&host, Answer::allow(id, CODE, code.expose())).await));
}

/// R21: negative control. A user who did not start the challenge sees no number.
#[tokio::test]
async fn declining_needs_no_number() {
    let host = without_cool_down().await;
    let (id, _, secret) = numbered(&host, spec()).await;
    let declined = answer(&host, Answer::decline(id, SMS, secret)).await;
    assert!(matches!(declined, Ok(Decision::Declined(_))), "{declined:?}");
}

/// R21: every message asks for a number.
#[tokio::test]
async fn nist_preset_requires_the_number() {
    let host = host(Policy::nist_800_63b()).await;
    let (id, number, secret) = numbered(&host, ChallengeSpec::new(SMS).unwrap()).await;
    assert!(refused(answer(&host, Answer::allow(id, SMS, secret.as_str())).await));
    assert!(passed(answer(&host, Answer::allow(id, SMS, secret.as_str()).with_number(number)).await));
    let by_code = host.create("alice", CODE).await;
    assert!(by_code.number.is_none() && !by_code.challenge.number_match());

    // A replacement returns no number, so a message for a type added later could not be answered.
    let pending = ChallengeSpec::new(CODE).unwrap().pending();
    let pending = host.challenges.create(owner("alice"), pending).await.unwrap().challenge.id();
    let replaced = host.challenges.replace(pending, ChallengeSpec::new(SMS).unwrap()).await.unwrap();
    assert_eq!(replaced.state(), State::ChallengeFailed);
}

/// R21: the link alone passes.
#[tokio::test]
async fn default_policy_requires_no_number() {
    let host = without_cool_down().await;
    let created = host.challenges.create(owner("alice"), ChallengeSpec::new(SMS).unwrap()).await.unwrap();
    assert!(created.number.is_none());
    let id = created.challenge.id();
    let secret = secret(&host, id).await;
    assert!(passed(answer(&host, Answer::allow(id, SMS, secret)).await));
}

#[tokio::test]
async fn number_matching_is_fixed_at_creation() {
    let host = without_cool_down().await;
    let create = async |spec| match host.challenges.create(owner("alice"), spec).await {
        Err(Error::Invalid(invalid)) => Some(invalid),
        _ => None,
    };
    assert_eq!(create(ChallengeSpec::new(CODE).unwrap().with_number_match()).await, Some(Invalid::NumberMatchTypes));
    let plain = ChallengeSpec::new(SMS).unwrap().pending();
    let plain = host.challenges.create(owner("alice"), plain).await.unwrap().challenge.id();
    let late = host.challenges.replace(plain, spec()).await;
    assert!(matches!(late, Err(Error::Invalid(Invalid::NumberMatchLate))), "{late:?}");
    let created = host.challenges.create(owner("alice"), spec().pending()).await.unwrap();
    let (id, number) = (created.challenge.id(), created.number.unwrap());
    let issued = host.challenges.replace(id, ChallengeSpec::new(SMS).unwrap()).await.unwrap();
    assert!(issued.number_match(), "a replacement cannot drop number matching");

    // A replacement may repeat `number_match`, even without a type that sends messages.
    let created = host.challenges.create(owner("alice"), spec().pending()).await.unwrap();
    let edited = ChallengeSpec::new(CODE).unwrap().with_number_match().pending();
    let replaced = host.challenges.replace(created.challenge.id(), edited).await.unwrap();
    assert!(replaced.number_match() && !replaced.types().is_some_and(|types| types.contains(SMS)));
    assert_eq!(replaced.types(), Some(&ChallengeTypes::from(CODE)));
    let secret = secret(&host, id).await;
    assert!(refused(answer(&host, Answer::allow(id, SMS, secret.as_str())).await));
    assert!(passed(answer(&host, Answer::allow(id, SMS, secret.as_str()).with_number(number.expose())).await));
}

/// R30: the MAC depends on the challenge, so equal numbers of two challenges have different MACs.
#[tokio::test]
async fn number_is_stored_as_a_keyed_mac() {
    let host = without_cool_down().await;
    // Of 101 numbers of two digits, at least two are equal.
    for _ in 0..101 {
        numbered(&host, spec()).await;
    }
    let dump = host.dump().await;
    let macs = dump.lines().filter_map(|line| line.split("\"number\":\"").nth(1)?.split('"').next());
    assert_eq!(macs.collect::<BTreeSet<_>>().len(), 101);
}

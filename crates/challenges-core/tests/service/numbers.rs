use challenges_core::machine::Refused;
use challenges_core::{
    Address, Answer, Answered, ChallengeId, ChallengeSpec, ChallengeType, CreatedChallenge, Error, Factor, Invalid,
    Policy, State, Task, Types,
};

use crate::harness::{Host, Seen, owner, passed, refused};

const SMS: ChallengeType = ChallengeType::Sms;
const CODE: ChallengeType = ChallengeType::Code;

async fn host(policy: Policy) -> Host {
    let host = Host::with_policy(policy).await;
    let address = Address::Phone("+4915112345678".parse().unwrap());
    host.challenges.register_vouched_endpoint(owner("alice"), address).await.unwrap();
    host
}

async fn uncooled() -> Host {
    let mut policy = Policy::default();
    policy.sends.cool_down = std::time::Duration::ZERO;
    (policy.sends.per_user, policy.sends.per_user_in_window) = (1_000, 1_000);
    host(policy).await
}

fn spec() -> ChallengeSpec {
    ChallengeSpec::new(SMS).unwrap().with_number_match()
}

/// A numbered challenge, its number and the secret of its link.
async fn numbered(host: &Host, spec: ChallengeSpec) -> (ChallengeId, String, String) {
    let created = host.challenges.create_challenge(owner("alice"), spec).await.unwrap();
    let id = created.challenge.id();
    let number = created.number.as_ref().unwrap().expose().to_owned();
    assert!(number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit()) && created.challenge.number_match());
    (id, number, secret(host, id).await)
}

async fn secret(host: &Host, id: ChallengeId) -> String {
    let entries = host.challenges.outbox(None, None, 500).await.unwrap();
    let entry = entries.iter().map(|entry| entry.as_ref().unwrap()).find(|entry| entry.challenge == Some(id)).unwrap();
    let Task::Deliver(delivery) = &entry.task else { panic!("a message") };
    delivery.secret.expose().to_owned()
}

fn other(number: &str, offset: u8) -> String {
    format!("{:02}", (number.parse::<u8>().unwrap() + offset) % 100)
}

async fn give(host: &Host, answer: Answer) -> Result<Answered, Error> {
    host.challenges.answer(answer).await
}

#[tokio::test]
async fn r21_the_right_secret_without_the_number_or_with_another_one_passes_nothing() {
    let host = uncooled().await;
    let (id, number, secret) = numbered(&host, spec()).await;
    let allow = || Answer::allow(id, SMS, secret.as_str());
    host.seen.take();
    assert!(refused(give(&host, allow()).await), "without");
    assert!(refused(give(&host, allow().with_number(other(&number, 1))).await), "another one");
    assert!(refused(give(&host, allow().with_number(format!(" {number}"))).await), "r18: not exactly it");
    assert!(
        refused(give(&host, Answer::allow(id, SMS, "wrong").with_number(number.as_str())).await),
        "the number alone"
    );
    let stored = host.challenges.challenge(id).await.unwrap();
    assert_eq!((stored.state(), stored.wrong_answers()), (State::Issued, 4));
    assert_eq!(
        host.challenges.failures(&owner("alice"), Factor::Number).await.unwrap(),
        3,
        "secrets are not guessable"
    );
    assert!(passed(give(&host, allow().with_number(number.as_str())).await), "the control");
    assert_eq!(host.challenges.failures(&owner("alice"), Factor::Number).await.unwrap(), 0);
}

#[tokio::test]
async fn r7_numbers_are_counted_per_challenge_and_over_challenges() {
    let host = uncooled().await;
    let (id, number, secret) = numbered(&host, spec()).await;
    for offset in 1..=5 {
        let guess = Answer::allow(id, SMS, secret.as_str()).with_number(other(&number, offset));
        assert!(refused(give(&host, guess).await));
    }
    host.seen.take();
    assert!(refused(give(&host, Answer::allow(id, SMS, secret.as_str()).with_number(number.as_str())).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Exhausted)]);
    let (id, number, secret) = numbered(&host, spec()).await;
    assert!(refused(give(&host, Answer::allow(id, SMS, secret.as_str()).with_number(other(&number, 1))).await));
    host.seen.take();
    let right = || Answer::allow(id, SMS, secret.as_str()).with_number(number.as_str());
    assert!(refused(give(&host, right()).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Delayed)], "r4: the sixth in a row");
    host.clock.advance(std::time::Duration::from_secs(30));
    assert!(passed(give(&host, right()).await));
}

/// Nobody who lacks the secret guesses the number: that would let strangers make a user wait.
#[tokio::test]
async fn r7_whoever_has_not_the_secret_guesses_no_number() {
    let host = uncooled().await;
    let (id, number, secret) = numbered(&host, spec()).await;
    for guess in 0..20 {
        let wrong = Answer::allow(id, SMS, format!("wrong {guess}"));
        let wrong = if guess % 2 == 0 { wrong } else { wrong.with_number(other(&number, 1)) };
        assert!(refused(give(&host, wrong).await));
    }
    assert_eq!(host.challenges.failures(&owner("alice"), Factor::Number).await.unwrap(), 0);
    assert!(passed(give(&host, Answer::allow(id, SMS, secret.as_str()).with_number(number.as_str())).await));
}

#[tokio::test]
async fn r21_the_link_takes_the_number_under_whichever_type_it_is_given_and_a_code_does_not() {
    let types = || Types::new(None, Some(vec![SMS, CODE])).unwrap();
    let host = uncooled().await;
    let spec = || ChallengeSpec::new(types()).unwrap().with_number_match();
    let (id, number, secret) = numbered(&host, spec()).await;
    assert!(refused(give(&host, Answer::allow(id, CODE, secret.as_str())).await));
    assert_eq!(host.challenges.failures(&owner("alice"), Factor::Number).await.unwrap(), 1);
    assert!(passed(give(&host, Answer::allow(id, CODE, secret.as_str()).with_number(number.as_str())).await));
    let created = host.challenges.create_challenge(owner("alice"), spec()).await.unwrap();
    let CreatedChallenge { challenge, code, .. } = created;
    let by_code = Answer::allow(challenge.id(), CODE, code.unwrap().expose());
    assert!(passed(give(&host, by_code).await), "whoever started it has the code");

    let (id, number, secret) = numbered(&host, spec()).await;
    let guess = Answer::allow(id, SMS, secret.as_str()).with_number(other(&number, 1));
    assert!(refused(give(&host, guess).await));
    let created = host.challenges.create_challenge(owner("alice"), spec()).await.unwrap();
    let as_sms = Answer::allow(created.challenge.id(), SMS, created.code.unwrap().expose());
    assert!(passed(give(&host, as_sms).await));
    let failures = host.challenges.failures(&owner("alice"), Factor::Number).await.unwrap();
    assert_eq!(failures, 1, "r7: passing by a code forgets no wrong numbers");
}

#[tokio::test]
async fn r7_wrong_numbers_lock_the_link_and_not_the_code() {
    let types = || Types::new(None, Some(vec![SMS, CODE])).unwrap();
    let spec = || ChallengeSpec::new(types()).unwrap().with_number_match();
    let mut policy = Policy::default();
    policy.failures_before_delay = 1;
    policy.sends.cool_down = std::time::Duration::ZERO;
    let host = host(policy).await;
    let created = host.challenges.create_challenge(owner("alice"), spec()).await.unwrap();
    let (id, number, code) = (created.challenge.id(), created.number.unwrap(), created.code.unwrap());
    let secret = secret(&host, id).await;
    for offset in 1..3 {
        let guess = Answer::allow(id, SMS, secret.as_str()).with_number(other(number.expose(), offset));
        assert!(refused(give(&host, guess).await));
    }
    assert!(host.seen.take().contains(&Seen::Refused(Refused::Delayed)));
    let right = || Answer::allow(id, CODE, secret.as_str()).with_number(number.expose());
    assert!(refused(give(&host, right()).await), "the link, under whichever type");
    assert!(passed(give(&host, Answer::allow(id, CODE, code.expose())).await));
}

#[tokio::test]
async fn declining_takes_no_number() {
    let host = uncooled().await;
    let (id, _, secret) = numbered(&host, spec()).await;
    let declined = give(&host, Answer::decline(id, SMS, secret)).await;
    assert!(matches!(declined, Ok(Answered::Declined(_))), "who did not start it sees no number");
}

#[tokio::test]
async fn r21_the_preset_asks_for_the_number_and_the_default_does_not() {
    let host = host(Policy::nist_800_63b()).await;
    let (id, number, secret) = numbered(&host, ChallengeSpec::new(SMS).unwrap()).await;
    assert!(refused(give(&host, Answer::allow(id, SMS, secret.as_str())).await));
    assert!(passed(give(&host, Answer::allow(id, SMS, secret.as_str()).with_number(number)).await));
    let by_code = host.create("alice", CODE).await;
    assert!(by_code.number.is_none() && !by_code.challenge.number_match());

    // A type added later comes too late for its number to be told: nothing is sent that nobody could answer.
    let pending = ChallengeSpec::new(CODE).unwrap().pending();
    let pending = host.challenges.create_challenge(owner("alice"), pending).await.unwrap().challenge.id();
    let replaced = host.challenges.replace_challenge(pending, ChallengeSpec::new(SMS).unwrap()).await.unwrap();
    assert_eq!(replaced.state(), State::ChallengeFailed);

    let host = uncooled().await;
    let created = host.challenges.create_challenge(owner("alice"), ChallengeSpec::new(SMS).unwrap()).await.unwrap();
    assert!(created.number.is_none());
    let secret = secret_of(&host, &created).await;
    assert!(passed(give(&host, Answer::allow(created.challenge.id(), SMS, secret)).await));
}

async fn secret_of(host: &Host, created: &CreatedChallenge) -> String {
    secret(host, created.challenge.id()).await
}

#[tokio::test]
async fn a_number_is_asked_for_at_creation_and_cannot_be_taken_back() {
    let host = uncooled().await;
    let create = async |spec| match host.challenges.create_challenge(owner("alice"), spec).await {
        Err(Error::Invalid(invalid)) => Some(invalid),
        _ => None,
    };
    assert_eq!(create(ChallengeSpec::new(CODE).unwrap().with_number_match()).await, Some(Invalid::NumberMatchTypes));
    let plain = ChallengeSpec::new(SMS).unwrap().pending();
    let plain = host.challenges.create_challenge(owner("alice"), plain).await.unwrap().challenge.id();
    let late = host.challenges.replace_challenge(plain, spec()).await;
    assert!(matches!(late, Err(Error::Invalid(Invalid::NumberMatchLate))));
    let created = host.challenges.create_challenge(owner("alice"), spec().pending()).await.unwrap();
    let (id, number) = (created.challenge.id(), created.number.unwrap());
    let issued = host.challenges.replace_challenge(id, ChallengeSpec::new(SMS).unwrap()).await.unwrap();
    assert!(issued.number_match());

    // What is read, with another type, is written back.
    let created = host.challenges.create_challenge(owner("alice"), spec().pending()).await.unwrap();
    let edited = ChallengeSpec::new(CODE).unwrap().with_number_match().pending();
    let replaced = host.challenges.replace_challenge(created.challenge.id(), edited).await.unwrap();
    assert!(replaced.number_match() && !replaced.types().offer(SMS));
    let secret = secret(&host, id).await;
    assert!(refused(give(&host, Answer::allow(id, SMS, secret.as_str())).await));
    assert!(passed(give(&host, Answer::allow(id, SMS, secret.as_str()).with_number(number.expose())).await));
}

#[tokio::test]
async fn r30_the_number_is_stored_as_a_keyed_hash_of_its_challenge() {
    let host = uncooled().await;
    let macs = async |host: &Host| {
        let dump = host.dump().await;
        let macs = dump.lines().filter_map(|line| line.split("\"number\":\"").nth(1)?.split('"').next());
        macs.map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    for _ in 0..101 {
        numbered(&host, spec()).await;
    }
    assert_eq!(macs(&host).await.len(), 101, "equal numbers of two challenges have different hashes");
}

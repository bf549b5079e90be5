//! Step-up tokens: user, purpose, age, keys and single use.

use std::sync::Arc;
use std::time::Duration;

use challenges_core::approvals::OneTimeUseAction;
use challenges_core::entropy::Entropy;
use challenges_core::step_up::{StepUp, StepUpRefused, StepUps};
use challenges_core::{
    Answer, ChallengeSpec, ChallengeType, Challenges, Decision, Error, Invalid, KeyRing, Owner, Passed, Purpose,
    Secret, Timeout, Timestamp,
};
use challenges_memory::MemoryStore;
use challenges_testkit::{FailingEntropy, FakeClock};
use proptest::prelude::*;

use crate::harness::{Host, KEYS, START, Seen, owner};

const CODE: ChallengeType = ChallengeType::Code;
const MAX_AGE: Duration = Duration::from_secs(300);
const MILLISECOND: Duration = Duration::from_millis(1);

fn purpose(name: &str) -> Purpose {
    Purpose::new(name).unwrap()
}

fn spec(name: &str) -> ChallengeSpec {
    ChallengeSpec::new(CODE).unwrap().with_purpose(purpose(name))
}

/// Creates a challenge and passes it as the user.
async fn pass(challenges: &Challenges, user: &str, spec: ChallengeSpec) -> Passed {
    let created = challenges.create(owner(user), spec).await.unwrap();
    let answer = Answer::allow(created.challenge.id(), CODE, created.code.unwrap().expose());
    challenges.answer(answer).await.unwrap().passed().unwrap()
}

async fn token(challenges: &Challenges, user: &str, name: &str) -> Secret {
    challenges.step_up().grant(&pass(challenges, user, spec(name)).await).unwrap()
}

/// Verifies a token as alice, for a transfer.
fn verify(challenges: &Challenges, token: &Secret) -> Result<StepUp, StepUpRefused> {
    challenges.step_up().verify(token, &owner("alice"), &purpose("transfer"), MAX_AGE)
}

async fn service(store: &Arc<MemoryStore>, keys: &str, clock: &FakeClock) -> Challenges {
    let ring: KeyRing = keys.parse().unwrap();
    Challenges::builder(store.clone(), ring).clock(clock.clone()).build().await.unwrap()
}

#[tokio::test]
async fn token_proves_user_purpose_time_and_type() {
    let host = Host::new().await;
    let created = host.challenges.create(owner("alice"), spec("transfer")).await.unwrap();
    host.clock.advance(Duration::from_secs(5));
    let answered = host.answer(created.challenge.id(), CODE, created.code.unwrap().expose()).await.unwrap();
    let passed = answered.passed().unwrap();
    host.clock.advance(Duration::from_secs(10));
    let token = host.challenges.step_up().grant(&passed).unwrap();
    let step_up = verify(&host.challenges, &token).unwrap();
    assert_eq!((step_up.owner(), step_up.purpose()), (&owner("alice"), &purpose("transfer")));
    assert_eq!(step_up.challenge(), passed.challenge().id());
    let [evidence] = step_up.evidence() else { panic!("one piece of evidence") };
    assert_eq!((evidence.factor(), evidence.is_user_verified()), (Some(CODE), false));
    assert_eq!(evidence.verified_at(), Timestamp::from_seconds(START + 5), "the age counts from the answer");
    assert_eq!(passed.evidence(), step_up.evidence());
    assert!(verify(&host.challenges, &token).is_ok(), "a token is good for any number of requests");
    assert!(host.seen.take().contains(&Seen::StepUpGranted));
}

/// R12: each row differs in one thing from the first, which is accepted.
#[tokio::test]
async fn token_is_bound_to_user_and_purpose() {
    let host = Host::new().await;
    let good = token(&host.challenges, "alice", "transfer").await;
    let (alice, transfer) = (owner("alice"), purpose("transfer"));
    let other_tenant = Owner::in_tenant("acme", "alice").unwrap();
    let rows = [
        (&good, &alice, &transfer, None),
        (&good, &owner("bob"), &transfer, Some(StepUpRefused::OtherOwner)),
        (&good, &other_tenant, &transfer, Some(StepUpRefused::OtherOwner)),
        (&good, &alice, &purpose("Transfer"), Some(StepUpRefused::OtherPurpose)),
        (&good, &alice, &purpose("transfer2"), Some(StepUpRefused::OtherPurpose)),
        (&token(&host.challenges, "bob", "transfer").await, &alice, &transfer, Some(StepUpRefused::OtherOwner)),
        (&token(&host.challenges, "alice", "other").await, &alice, &transfer, Some(StepUpRefused::OtherPurpose)),
        (&Secret::from(""), &alice, &transfer, Some(StepUpRefused::Forged)),
        (&Secret::from("."), &alice, &transfer, Some(StepUpRefused::Forged)),
        (&Secret::from("k1."), &alice, &transfer, Some(StepUpRefused::Forged)),
        (&Secret::from(format!("k1.{}", "A".repeat(200))), &alice, &transfer, Some(StepUpRefused::Forged)),
        (&Secret::from("A".repeat(1 << 20)), &alice, &transfer, Some(StepUpRefused::Forged)),
        (&Secret::from(format!("{} ", good.expose())), &alice, &transfer, Some(StepUpRefused::Forged)),
    ];
    for (token, owner, purpose, refusal) in rows {
        host.seen.take();
        let verified = host.challenges.step_up().verify(token, owner, purpose, MAX_AGE);
        assert_eq!(verified.as_ref().err().copied(), refusal, "{owner:?} {purpose}");
        let seen: Vec<_> = refusal.map(Seen::StepUpRefused).into_iter().collect();
        assert_eq!(host.seen.take(), seen);
        if let Err(error) = verified {
            assert_eq!(error.to_string(), "step-up required: pass a challenge first", "the message hides the reason");
        }
    }
}

#[tokio::test]
async fn other_sealed_values_are_no_tokens() {
    let host = Host::new().await;
    let dump = host.dump().await;
    let (_, rest) = dump.split_once(r#""salt":""#).unwrap();
    let salt = rest.split('"').next().unwrap();
    assert!(salt.starts_with("k1."), "control: the salt is sealed under the same key");
    assert_eq!(verify(&host.challenges, &salt.into()).unwrap_err(), StepUpRefused::Forged);
}

#[tokio::test]
async fn token_age_counts_from_the_answer() {
    let longest = StepUps::LONGEST_AGE;
    for (max_age, lives) in [(MAX_AGE, MAX_AGE), (Duration::ZERO, Duration::ZERO), (Duration::MAX, longest)] {
        let host = Host::new().await;
        let token = token(&host.challenges, "alice", "transfer").await;
        let verify = || host.challenges.step_up().verify(&token, &owner("alice"), &purpose("transfer"), max_age);
        let passed_at = host.now();
        for (age, accepted) in [(lives.saturating_sub(MILLISECOND), true), (lives, true), (lives + MILLISECOND, false)]
        {
            host.clock.set(passed_at.after(age));
            let refusal = verify().err();
            assert_eq!(refusal, (!accepted).then_some(StepUpRefused::TooOld), "{max_age:?} at {age:?}");
        }
        host.clock.set(Timestamp::MAX);
        assert_eq!(verify().unwrap_err(), StepUpRefused::TooOld);
    }
}

/// R16: an expired token stays expired.
#[tokio::test]
async fn clock_set_back_makes_no_token_younger() {
    let host = Host::new().await;
    let token = token(&host.challenges, "alice", "transfer").await;
    let passed_at = host.now();
    host.clock.set(passed_at.after(MAX_AGE + MILLISECOND));
    assert_eq!(verify(&host.challenges, &token).unwrap_err(), StepUpRefused::TooOld);
    host.clock.set(passed_at);
    assert_eq!(verify(&host.challenges, &token).unwrap_err(), StepUpRefused::TooOld);
}

/// The clocks of two processes may differ by 30 seconds.
#[tokio::test]
async fn token_from_the_future_is_refused() {
    let host = Host::new().await;
    let token = token(&host.challenges, "alice", "transfer").await;
    let verify_behind = async |millis| {
        let now = Timestamp::from_millis(START * 1_000 - millis);
        verify(&service(&host.store, KEYS, &FakeClock::at(now)).await, &token).err()
    };
    assert_eq!(verify_behind(0).await, None);
    assert_eq!(verify_behind(30_000).await, None);
    assert_eq!(verify_behind(30_001).await, Some(StepUpRefused::FromTheFuture));
    assert_eq!(verify_behind(START * 1_000).await, Some(StepUpRefused::FromTheFuture));
}

/// R29: a token is good as long as its key is in the ring.
#[tokio::test]
async fn tokens_follow_the_keys_of_the_ring() {
    let old = KEYS.trim_start_matches('*');
    let new = "*k2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
    let other = "*k1:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let store = Arc::default();
    let before = token(&service(&store, KEYS, &clock).await, "alice", "transfer").await;
    let both = service(&store, &format!("{new}\n{old}"), &clock).await;
    assert!(verify(&both, &before).is_ok());
    let after = token(&both, "alice", "transfer").await;
    assert!(after.expose().starts_with("k2."), "the active key seals new tokens");
    assert!(both.reseal(None, 500).await.unwrap().done);
    let new_only = service(&store, new, &clock).await;
    assert!(verify(&new_only, &after).is_ok());
    assert_eq!(verify(&new_only, &before).unwrap_err(), StepUpRefused::UnknownKey);
    let renamed = service(&Arc::default(), other, &clock).await;
    assert_eq!(verify(&renamed, &before).unwrap_err(), StepUpRefused::Forged);
}

/// R63: whoever has a leaked key grants themselves no token.
#[tokio::test]
async fn token_under_a_retired_key_is_refused() {
    const OTHER: &str = "*k2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
    let host = Host::new().await;
    let token = token(&host.challenges, "alice", "transfer").await;
    let accepted = host.restarted(&format!("{OTHER}\n{}", &KEYS[1..])).await.unwrap();
    assert!(verify(&accepted.challenges, &token).is_ok(), "control: an accepted key proves");
    let retired = host.restarted(&format!("{OTHER}\n~{}", &KEYS[1..])).await.unwrap();
    assert_eq!(verify(&retired.challenges, &token).unwrap_err(), StepUpRefused::RetiredKey);
}

/// R63: services with the same keys on different stores do not accept each other's tokens.
#[tokio::test]
async fn token_of_another_store_is_refused() {
    let host = Host::new().await;
    let other = service(&Arc::default(), KEYS, &host.clock).await;
    let token = token(&other, "alice", "transfer").await;
    assert!(verify(&other, &token).is_ok(), "control: the store of the token accepts it");
    assert_eq!(verify(&host.challenges, &token).unwrap_err(), StepUpRefused::Forged);
}

#[tokio::test]
async fn challenge_without_purpose_grants_no_token() {
    let host = Host::new().await;
    let passed = pass(&host.challenges, "alice", ChallengeSpec::new(CODE).unwrap()).await;
    assert!(matches!(host.challenges.step_up().grant(&passed), Err(Error::Invalid(Invalid::NoPurpose))));
    assert!(!host.seen.take().contains(&Seen::StepUpGranted));
}

/// The actor who approves need not be the challenged user.
#[tokio::test]
async fn one_time_use_action_grants_no_token() {
    let host = Host::new().await;
    let actor = Owner::in_tenant("o", "bob").unwrap();
    let action = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(60).unwrap());
    let created = host.challenges.actions().create(owner("alice"), action).await.unwrap();
    let approve = Answer::approve_action(created.challenge.id(), created.links[0].approve.expose());
    let Ok(Decision::Passed(passed)) = host.challenges.answer(approve).await else { panic!("not passed") };
    assert!(matches!(host.challenges.step_up().grant(&passed), Err(Error::Invalid(Invalid::NoPurpose))));
    assert!(!host.seen.take().contains(&Seen::StepUpGranted));
}

/// R38: a token cannot gain a purpose.
#[tokio::test]
async fn replacement_keeps_the_purpose() {
    let host = Host::new().await;
    for (first, replaced) in [(spec("view"), spec("transfer")), (ChallengeSpec::new(CODE).unwrap(), spec("transfer"))] {
        let before = first.purpose.clone();
        let created = host.challenges.create(owner("alice"), first.pending()).await.unwrap();
        let id = created.challenge.id();
        assert_eq!(host.challenges.replace(id, replaced).await.unwrap().purpose(), before.as_ref());
        let Ok(Decision::Passed(passed)) = host.answer(id, CODE, created.code.unwrap().expose()).await else {
            panic!("not passed")
        };
        match host.challenges.step_up().grant(&passed) {
            Ok(token) => assert_eq!(verify(&host.challenges, &token).unwrap_err(), StepUpRefused::OtherPurpose),
            Err(error) => assert!(before.is_none(), "{error}"),
        }
    }
}

#[tokio::test]
async fn failing_entropy_grants_no_token() {
    let host = Host::new().await;
    let passed = pass(&host.challenges, "alice", spec("transfer")).await;
    let keys: KeyRing = KEYS.parse().unwrap();
    let broken = Challenges::builder(host.store.clone(), keys).entropy(FailingEntropy).build().await.unwrap();
    assert!(matches!(broken.step_up().grant(&passed), Err(Error::Entropy(_))));
}

/// The names are the longest allowed, of characters that JSON escapes.
#[tokio::test]
async fn longest_token_fits_into_a_cookie() {
    let host = Host::new().await;
    let (user, name) = ("\\".repeat(255), "\"".repeat(128));
    let tenant = Owner::in_tenant(user.clone(), user).unwrap();
    let created = host.challenges.create(tenant.clone(), spec(&name)).await.unwrap();
    let decision = host.answer(created.challenge.id(), CODE, created.code.unwrap().expose()).await.unwrap();
    let token = host.challenges.step_up().grant(&decision.passed().unwrap()).unwrap();
    assert!(token.expose().len() <= 3_000, "{}", token.expose().len());
    let cookie_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    assert!(token.expose().bytes().all(cookie_safe));
    assert!(host.challenges.step_up().verify(&token, &tenant, &purpose(&name), MAX_AGE).is_ok());
}

#[test]
fn changed_token_is_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (challenges, token) = runtime.block_on(async {
        let host = Host::new().await;
        let token = token(&host.challenges, "alice", "transfer").await;
        (host.challenges, token)
    });
    assert!(verify(&challenges, &token).is_ok(), "control");
    let text = token.expose().as_bytes();
    // Flips each bit. Results that are no UTF-8 cannot become a token.
    for (place, bit) in (0..text.len()).flat_map(|place| (0..8).map(move |bit| (place, bit))) {
        let mut changed = text.to_vec();
        changed[place] ^= 1 << bit;
        if let Ok(changed) = String::from_utf8(changed) {
            assert!(verify(&challenges, &changed.as_str().into()).is_err(), "{changed}");
        }
    }
    proptest!(|(place in 0..text.len(), put in "[ -~]{0,3}", gone in 0..3_usize)| {
        let end = (place + gone).min(text.len());
        let changed = [&text[..place], put.as_bytes(), &text[end..]].concat();
        prop_assume!(changed != text);
        let changed = String::from_utf8(changed).unwrap();
        prop_assert!(verify(&challenges, &changed.into()).is_err());
    });
}

/// R1: two tokens of one challenge are one use.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_uses_of_a_token_succeed_once() {
    let host = Host::new().await;
    let passed = pass(&host.challenges, "alice", spec("transfer")).await;
    let text = host.challenges.step_up().grant(&passed).unwrap().expose().to_owned();
    let twin = host.challenges.step_up().grant(&passed).unwrap().expose().to_owned();
    let tasks = (0..64).map(|number| {
        let challenges = host.challenges.clone();
        let token = Secret::from(if number % 2 == 0 { text.clone() } else { twin.clone() });
        tokio::spawn(async move {
            challenges.step_up().verify_once(&token, &owner("alice"), &purpose("transfer"), MAX_AGE).await
        })
    });
    let mut winners = 0;
    for task in tasks.collect::<Vec<_>>() {
        match task.await.unwrap() {
            Ok(_) => winners += 1,
            Err(Error::StepUp(refused)) => assert_eq!(refused, StepUpRefused::Used),
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(winners, 1);
    assert!(verify(&host.challenges, &text.as_str().into()).is_ok(), "control: verify looks at no store");
}

#[tokio::test]
async fn refused_single_use_does_not_use_the_token() {
    let host = Host::new().await;
    let passed = pass(&host.challenges, "alice", spec("transfer")).await;
    let token = host.challenges.step_up().grant(&passed).unwrap();
    let refusal = async |user: &str, name: &str| {
        let verified = host.challenges.step_up().verify_once(&token, &owner(user), &purpose(name), MAX_AGE).await;
        match verified {
            Ok(_) => None,
            Err(Error::StepUp(refused)) => Some(refused),
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(refusal("bob", "transfer").await, Some(StepUpRefused::OtherOwner));
    assert_eq!(refusal("alice", "other").await, Some(StepUpRefused::OtherPurpose));
    assert_eq!(refusal("alice", "transfer").await, None);
    assert_eq!(refusal("alice", "transfer").await, Some(StepUpRefused::Used));
    host.challenges.delete(passed.challenge().id()).await.unwrap();
    assert_eq!(refusal("alice", "transfer").await, Some(StepUpRefused::ChallengeGone));
}

/// An entropy that repeats itself, so that a new challenge gets the id of a deleted one.
#[derive(Debug)]
struct Repeating;

impl Entropy for Repeating {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        bytes.fill(7);
        Ok(())
    }
}

/// R12: a single use compares the stored purpose with that of the token.
#[tokio::test]
async fn single_use_compares_the_stored_purpose() {
    let (store, clock) = (Arc::<MemoryStore>::default(), FakeClock::at(Timestamp::from_seconds(START)));
    let builder = Challenges::builder(store, KEYS.parse().unwrap()).clock(clock).entropy(Repeating);
    let challenges = builder.build().await.unwrap();
    let first = pass(&challenges, "alice", spec("transfer")).await;
    let token = challenges.step_up().grant(&first).unwrap();
    for (name, expected) in [("view", Some(StepUpRefused::OtherChallenge)), ("transfer", None)] {
        challenges.delete(first.challenge().id()).await.unwrap();
        let again = pass(&challenges, "alice", spec(name)).await;
        assert_eq!(again.challenge().id(), first.challenge().id());
        let used = challenges.step_up().verify_once(&token, &owner("alice"), &purpose("transfer"), MAX_AGE).await;
        let refusal = used.err().map(|error| match error {
            Error::StepUp(refused) => refused,
            error => panic!("{error}"),
        });
        assert_eq!(refusal, expected, "control: the purpose of the token is accepted");
    }
}

/// R26: neither form of a proof shows a capability.
#[tokio::test]
async fn debug_output_hides_token_and_challenge() {
    let host = Host::new().await;
    let token = token(&host.challenges, "alice", "transfer").await;
    assert_eq!(format!("{token:?}"), "Secret([redacted])");
    let step_up = verify(&host.challenges, &token).unwrap();
    let shown = format!("{step_up:?}");
    assert!(shown.contains("transfer") && !shown.contains(&step_up.challenge().prefix()), "{shown}");
}

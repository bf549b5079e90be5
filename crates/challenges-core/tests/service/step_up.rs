//! What a passed challenge opens, for whom, for what and for how long.

use std::time::Duration;

use challenges_core::{
    Actor, Answer, Answered, ChallengeSpec, ChallengeType, Challenges, Error, Invalid, KeyRing, OneTimeUseAction,
    Passed, Purpose, StepUp, StepUpRefusal, StepUpToken, Timeout, Timestamp,
};
use challenges_memory::MemoryStore;
use challenges_testkit::{FailingEntropy, FakeClock};
use proptest::prelude::*;

use crate::harness::{Host, KEYS, START, Seen, owner};

const CODE: ChallengeType = ChallengeType::Code;
const MAX_AGE: Duration = Duration::from_secs(300);

fn purpose(name: &str) -> Purpose {
    Purpose::new(name).unwrap()
}

fn spec(name: &str) -> ChallengeSpec {
    ChallengeSpec::new(CODE).unwrap().with_purpose(purpose(name))
}

/// A challenge for that purpose, passed by that user.
async fn pass(challenges: &Challenges, user: &str, spec: ChallengeSpec) -> Passed {
    let created = challenges.create_challenge(owner(user), spec).await.unwrap();
    let answer = Answer::allow(created.challenge.id(), CODE, created.code.unwrap().expose());
    challenges.answer(answer).await.unwrap().passed().unwrap()
}

async fn token(challenges: &Challenges, user: &str, name: &str) -> StepUpToken {
    challenges.step_up(&pass(challenges, user, spec(name)).await).unwrap()
}

/// What Alice is told, who wants to transfer.
fn verify(challenges: &Challenges, token: &StepUpToken) -> Result<StepUp, StepUpRefusal> {
    let verified = challenges.verify_step_up(token, &owner("alice"), &purpose("transfer"), MAX_AGE);
    verified.map_err(challenges_core::StepUpRefused::reason)
}

async fn service(keys: &str, clock: &FakeClock) -> Challenges {
    let ring: KeyRing = keys.parse().unwrap();
    Challenges::builder(MemoryStore::new(), ring).clock(clock.clone()).build().await.unwrap()
}

#[tokio::test]
async fn a_token_tells_who_passed_what_when_and_how() {
    let host = Host::new().await;
    let passed = pass(&host.challenges, "alice", spec("transfer")).await;
    host.clock.advance(Duration::from_secs(10));
    let token = host.challenges.step_up(&passed).unwrap();
    let step_up = verify(&host.challenges, &token).unwrap();
    assert_eq!((step_up.owner(), step_up.purpose()), (&owner("alice"), &purpose("transfer")));
    assert_eq!((step_up.challenge(), step_up.kind()), (passed.challenge().id(), CODE));
    assert_eq!(step_up.passed_at(), Timestamp::from_seconds(START), "the age counts from the answer");
    assert!(!step_up.user_verified());
    assert!(verify(&host.challenges, &token).is_ok(), "it is good any number of times");
    assert!(host.seen.take().contains(&Seen::StepUpGranted));
}

/// Each row differs from the first, which is let through, in one thing.
#[tokio::test]
async fn r12_a_token_opens_nothing_but_what_its_user_passed_it_for() {
    let host = Host::new().await;
    let good = token(&host.challenges, "alice", "transfer").await;
    let (alice, transfer) = (owner("alice"), purpose("transfer"));
    let mallory = challenges_core::Owner::in_tenant("acme", "alice").unwrap();
    let rows = [
        (&good, &alice, &transfer, None),
        (&good, &owner("bob"), &transfer, Some(StepUpRefusal::OtherOwner)),
        (&good, &mallory, &transfer, Some(StepUpRefusal::OtherOwner)),
        (&good, &alice, &purpose("Transfer"), Some(StepUpRefusal::OtherPurpose)),
        (&good, &alice, &purpose("transfer2"), Some(StepUpRefusal::OtherPurpose)),
        (&token(&host.challenges, "bob", "transfer").await, &alice, &transfer, Some(StepUpRefusal::OtherOwner)),
        (&token(&host.challenges, "alice", "other").await, &alice, &transfer, Some(StepUpRefusal::OtherPurpose)),
        (&StepUpToken::from(""), &alice, &transfer, Some(StepUpRefusal::Forged)),
        (&StepUpToken::from("."), &alice, &transfer, Some(StepUpRefusal::Forged)),
        (&StepUpToken::from("k1."), &alice, &transfer, Some(StepUpRefusal::Forged)),
        (&StepUpToken::from(format!("k1.{}", "A".repeat(200))), &alice, &transfer, Some(StepUpRefusal::Forged)),
        (&StepUpToken::from("A".repeat(1 << 20)), &alice, &transfer, Some(StepUpRefusal::Forged)),
        (&StepUpToken::from(format!("{} ", good.expose())), &alice, &transfer, Some(StepUpRefusal::Forged)),
    ];
    for (token, owner, purpose, refusal) in rows {
        host.seen.take();
        let verified = host.challenges.verify_step_up(token, owner, purpose, MAX_AGE);
        assert_eq!(verified.as_ref().err().map(|error| error.reason()), refusal, "{owner:?} {purpose}");
        let seen: Vec<_> = refusal.map(Seen::StepUpRefused).into_iter().collect();
        assert_eq!(host.seen.take(), seen);
        if let Err(error) = verified {
            assert_eq!(error.to_string(), "this needs a challenge passed lately", "one message, whatever the reason");
        }
    }
}

/// What is sealed for another place, by the same keys, is no token.
#[tokio::test]
async fn another_sealed_value_of_the_same_keys_is_no_token() {
    let host = Host::new().await;
    let dump = host.dump().await;
    let (_, rest) = dump.split_once(r#""salt":""#).unwrap();
    let salt = rest.split('"').next().unwrap();
    assert!(salt.starts_with("k1."), "the control: it is sealed under that key");
    assert_eq!(verify(&host.challenges, &salt.into()).unwrap_err(), StepUpRefusal::Forged);
}

#[tokio::test]
async fn a_token_ages_from_the_answer_on() {
    let longest = StepUpToken::LONGEST_AGE;
    for (max_age, lives) in [(MAX_AGE, MAX_AGE), (Duration::ZERO, Duration::ZERO), (Duration::MAX, longest)] {
        let host = Host::new().await;
        let token = token(&host.challenges, "alice", "transfer").await;
        let verify = || host.challenges.verify_step_up(&token, &owner("alice"), &purpose("transfer"), max_age);
        let passed_at = host.now();
        for (age, lets_through) in [
            (lives.saturating_sub(Duration::from_millis(1)), true),
            (lives, true),
            (lives + Duration::from_millis(1), false),
        ] {
            host.clock.set(passed_at.after(age));
            let refusal = verify().err().map(|error| error.reason());
            assert_eq!(refusal, (!lets_through).then_some(StepUpRefusal::TooOld), "{max_age:?} at {age:?}");
        }
        host.clock.set(Timestamp::MAX);
        assert_eq!(verify().unwrap_err().reason(), StepUpRefusal::TooOld);
    }
}

#[tokio::test]
async fn r16_a_clock_that_goes_back_makes_no_token_younger() {
    let host = Host::new().await;
    let token = token(&host.challenges, "alice", "transfer").await;
    let passed_at = host.now();
    host.clock.set(passed_at.after(MAX_AGE + Duration::from_millis(1)));
    assert_eq!(verify(&host.challenges, &token).unwrap_err(), StepUpRefusal::TooOld);
    host.clock.set(passed_at);
    assert_eq!(verify(&host.challenges, &token).unwrap_err(), StepUpRefusal::TooOld);
}

#[tokio::test]
async fn a_token_of_another_process_may_be_a_little_ahead_and_no_more() {
    let host = Host::new().await;
    let token = token(&host.challenges, "alice", "transfer").await;
    let behind = async |millis| {
        let now = Timestamp::from_millis(START * 1_000 - millis);
        verify(&service(KEYS, &FakeClock::at(now)).await, &token).err()
    };
    assert_eq!(behind(0).await, None);
    assert_eq!(behind(30_000).await, None);
    assert_eq!(behind(30_001).await, Some(StepUpRefusal::FromTheFuture));
    assert_eq!(behind(START * 1_000).await, Some(StepUpRefusal::FromTheFuture));
}

#[tokio::test]
async fn r29_a_key_that_was_replaced_opens_tokens_until_it_leaves_the_ring() {
    let old = KEYS.trim_start_matches('*');
    let new = "*k2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
    let other = "*k1:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let before = token(&service(KEYS, &clock).await, "alice", "transfer").await;
    let both = service(&format!("{new}\n{old}"), &clock).await;
    assert!(verify(&both, &before).is_ok());
    let after = token(&both, "alice", "transfer").await;
    assert!(after.expose().starts_with("k2."), "the active key makes them");
    let retired = service(new, &clock).await;
    assert!(verify(&retired, &after).is_ok());
    assert_eq!(verify(&retired, &before).unwrap_err(), StepUpRefusal::UnknownKey);
    assert_eq!(verify(&service(other, &clock).await, &before).unwrap_err(), StepUpRefusal::Forged);
}

#[tokio::test]
async fn only_a_challenge_with_a_purpose_gives_a_token() {
    let host = Host::new().await;
    let passed = pass(&host.challenges, "alice", ChallengeSpec::new(CODE).unwrap()).await;
    assert!(matches!(host.challenges.step_up(&passed), Err(Error::Invalid(Invalid::NoPurpose))));
    // Its actor is not the user who is challenged.
    let actor = Actor { user_id: "bob".into(), org_id: "o".into() };
    let action = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(60).unwrap());
    let created = host.challenges.create_one_time_use_action(owner("alice"), action).await.unwrap();
    let secret = created.secrets[0].approve.expose();
    let answered = host.answer(created.challenge.id(), ChallengeType::OneTimeUseAction, secret).await;
    let Ok(Answered::Passed(passed)) = answered else { panic!("not passed") };
    assert!(matches!(host.challenges.step_up(&passed), Err(Error::Invalid(Invalid::NoPurpose))));
    assert!(!host.seen.take().contains(&Seen::StepUpGranted));
}

#[tokio::test]
async fn r38_the_purpose_stands_as_it_was_created() {
    let host = Host::new().await;
    for (first, replaced) in [(spec("view"), spec("transfer")), (ChallengeSpec::new(CODE).unwrap(), spec("transfer"))] {
        let before = first.purpose.clone();
        let created = host.challenges.create_challenge(owner("alice"), first.pending()).await.unwrap();
        let id = created.challenge.id();
        assert_eq!(host.challenges.replace_challenge(id, replaced).await.unwrap().purpose(), before.as_ref());
        let Ok(Answered::Passed(passed)) = host.answer(id, CODE, created.code.unwrap().expose()).await else {
            panic!("not passed")
        };
        match host.challenges.step_up(&passed) {
            Ok(token) => assert_eq!(verify(&host.challenges, &token).unwrap_err(), StepUpRefusal::OtherPurpose),
            Err(error) => assert!(before.is_none(), "{error}"),
        }
    }
}

#[tokio::test]
async fn no_token_without_randomness() {
    let host = Host::new().await;
    let passed = pass(&host.challenges, "alice", spec("transfer")).await;
    let keys: KeyRing = KEYS.parse().unwrap();
    let broken = Challenges::builder(host.store.clone(), keys).entropy(FailingEntropy).build().await.unwrap();
    assert!(matches!(broken.step_up(&passed), Err(Error::Entropy(_))));
}

/// The longest names, of characters that take more room in a token than in memory.
#[tokio::test]
async fn every_token_fits_into_a_cookie() {
    let host = Host::new().await;
    let (user, name) = ("\\".repeat(255), "\"".repeat(128));
    let tenant = challenges_core::Owner::in_tenant(user.clone(), user).unwrap();
    let created = host.challenges.create_challenge(tenant.clone(), spec(&name)).await.unwrap();
    let answered = host.answer(created.challenge.id(), CODE, created.code.unwrap().expose()).await.unwrap();
    let token = host.challenges.step_up(&answered.passed().unwrap()).unwrap();
    assert!(token.expose().len() <= 3_000, "{}", token.expose().len());
    let cookie_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    assert!(token.expose().bytes().all(cookie_safe));
    assert!(host.challenges.verify_step_up(&token, &tenant, &purpose(&name), MAX_AGE).is_ok());
}

#[test]
fn a_token_that_was_changed_anywhere_is_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (challenges, token) = runtime.block_on(async {
        let host = Host::new().await;
        let token = token(&host.challenges, "alice", "transfer").await;
        (host.challenges, token)
    });
    assert!(verify(&challenges, &token).is_ok(), "the control");
    let text = token.expose().as_bytes();
    // Every place, every bit: what is still text is shown.
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

#[tokio::test(flavor = "multi_thread")]
async fn r1_a_token_that_is_good_once_lets_one_of_many_through() {
    let host = Host::new().await;
    let passed = pass(&host.challenges, "alice", spec("transfer")).await;
    let text = host.challenges.step_up(&passed).unwrap().expose().to_owned();
    // Another token of the same challenge is no second use.
    let twin = host.challenges.step_up(&passed).unwrap().expose().to_owned();
    let tasks = (0..64).map(|number| {
        let challenges = host.challenges.clone();
        let token = StepUpToken::from(if number % 2 == 0 { text.clone() } else { twin.clone() });
        tokio::spawn(async move {
            challenges.verify_step_up_once(&token, &owner("alice"), &purpose("transfer"), MAX_AGE).await
        })
    });
    let mut winners = 0;
    for task in tasks.collect::<Vec<_>>() {
        match task.await.unwrap() {
            Ok(_) => winners += 1,
            Err(Error::StepUp(refused)) => assert_eq!(refused.reason(), StepUpRefusal::Used),
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(winners, 1);
    assert!(verify(&host.challenges, &text.as_str().into()).is_ok(), "the control: without the store it is good still");
}

#[tokio::test]
async fn a_token_that_is_good_once_is_refused_as_others_are_and_without_being_used() {
    let host = Host::new().await;
    let passed = pass(&host.challenges, "alice", spec("transfer")).await;
    let token = host.challenges.step_up(&passed).unwrap();
    let once = async |user: &str, name: &str| match host
        .challenges
        .verify_step_up_once(&token, &owner(user), &purpose(name), MAX_AGE)
        .await
    {
        Ok(_) => None,
        Err(Error::StepUp(refused)) => Some(refused.reason()),
        Err(error) => panic!("{error}"),
    };
    assert_eq!(once("bob", "transfer").await, Some(StepUpRefusal::OtherOwner));
    assert_eq!(once("alice", "other").await, Some(StepUpRefusal::OtherPurpose));
    assert_eq!(once("alice", "transfer").await, None);
    assert_eq!(once("alice", "transfer").await, Some(StepUpRefusal::Used));
    host.challenges.delete_challenge(passed.challenge().id()).await.unwrap();
    assert_eq!(once("alice", "transfer").await, Some(StepUpRefusal::ChallengeGone));
}

//! Testing your login: a clock controlled by the test, and an authenticator app in software.
//!
//! ```sh
//! cargo run -p challenges --example testing
//! ```

use std::time::Duration;

use anyhow::Context as _;
use challenges::memory::MemoryStore;
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, Factor, Grant, Owner, Purpose, Secret, Timestamp};
use challenges_testkit::{Authenticator, FakeClock, key_ring};

/// The login under test. Your application calls this after the password.
async fn sign_in(challenges: &Challenges, user: &Owner, typed: &str) -> Result<bool, challenges::Error> {
    let login = Purpose::new("login")?;
    let spec = ChallengeSpec::new(ChallengeType::Totp)?.with_purpose(login);
    let id = challenges.create(user.clone(), spec).await?.challenge.id();
    let answer = Answer::allow(id, ChallengeType::Totp, Secret::from_typed(typed)).by_owner(user);
    match challenges.answer(answer).await {
        Ok(decision) => Ok(decision.passed().is_some()),
        Err(challenges::Error::AnswerRefused) => Ok(false),
        Err(error) => Err(error),
    }
}

/// In your project: `#[tokio::test] async fn ...` for each paragraph. The dev-dependency is `challenges-testkit`.
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let clock = FakeClock::at(Timestamp::from_seconds(1_800_000_000));
    let challenges = Challenges::builder(MemoryStore::new(), key_ring()).clock(clock.clone()).build().await?;
    let alice = Owner::user("alice")?;
    let app = enroll(&challenges, &alice).await?;

    // The code of enrolling is used up. The next code passes, and only once.
    assert!(!sign_in(&challenges, &alice, &app.code(challenges.now())).await?);
    let now = clock.advance(Duration::from_secs(30));
    assert!(sign_in(&challenges, &alice, &app.code(now)).await?);
    assert!(!sign_in(&challenges, &alice, &app.code(now)).await?);
    println!("a code passes once");

    // After wrong codes the user has to wait, even with the right code.
    let policy = challenges.policy();
    for variation in 0..=policy.failures_before_delay {
        assert!(
            !sign_in(&challenges, &alice, &app.wrong_code(clock.advance(Duration::from_secs(30)), variation)).await?
        );
    }
    let until = challenges.account(&alice).status().await?.locked_until(Factor::Totp).context("not locked")?;
    assert!(!sign_in(&challenges, &alice, &app.code(challenges.now())).await?);
    clock.set(until);
    assert!(sign_in(&challenges, &alice, &app.code(until)).await?);
    println!("wrong codes delay");

    // A user without an app cannot sign in.
    assert!(!sign_in(&challenges, &Owner::user("bob")?, "123456").await?);
    println!("no app, no entry");
    Ok(())
}

async fn enroll(challenges: &Challenges, user: &Owner) -> anyhow::Result<Authenticator> {
    let first = Grant::first_factor();
    let (enrollment, key) = challenges.totp().create(user.clone(), &first).await?;
    let app = Authenticator::new(key.to_base32().expose()).context("no key")?;
    let typed = app.code(challenges.now()).into();
    challenges.totp().confirm(user, &first, enrollment.id(), &typed).await?;
    Ok(app)
}

//! A step-up: a passed challenge gives a token, and the token admits this user to this purpose for five minutes.
//!
//! ```sh
//! cargo run -p challenges --example step_up
//! ```

use std::time::Duration;

use anyhow::Context as _;
use challenges::memory::MemoryStore;
use challenges::step_up::Requirement;
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, KeyRing, Owner, Passed, Purpose, Secret};

const MAX_AGE: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
    let (alice, bob) = (Owner::user("alice")?, Owner::user("bob")?);
    let (transfer, close_account) = (Purpose::new("transfer")?, Purpose::new("close-account")?);

    // The token is the value of a cookie. `StepUpGate` of the adapters sets and reads the cookie.
    let passed = pass(&challenges, &alice, &transfer).await?;
    let token = challenges.step_up().grant(&passed)?;
    let cookie = token.expose().to_owned();

    // In the sensitive route. The user is from the session, never from the token.
    let token = Secret::from(cookie);
    let step_up = challenges.step_up().verify(&token, &alice, &transfer, MAX_AGE)?;
    println!("admitted: {} for {}", step_up.owner().user_id(), step_up.purpose().as_str());

    for (user, purpose) in [(&bob, &transfer), (&alice, &close_account)] {
        let refused = challenges.step_up().verify(&token, user, purpose, MAX_AGE).err().context("not for this")?;
        println!("{} for {}: {refused}", user.user_id(), purpose.as_str());
    }

    // A route can require more: here two distinct factors, and a typed code is one.
    let two = Requirement::any().two_distinct().within(MAX_AGE);
    println!(
        "two factors: {}",
        challenges.step_up().verify(&token, &alice, &transfer, two).err().context("one factor")?
    );

    // For an operation that must not happen twice.
    let once = challenges.step_up().verify_once(&token, &alice, &transfer, MAX_AGE).await?;
    println!("used once: {}", once.owner().user_id());
    let again = challenges.step_up().verify_once(&token, &alice, &transfer, MAX_AGE).await;
    println!("used twice: {}", again.err().context("used")?);
    Ok(())
}

/// Challenges the user for the purpose. The code stands for any factor.
async fn pass(challenges: &Challenges, user: &Owner, purpose: &Purpose) -> anyhow::Result<Passed> {
    let spec = ChallengeSpec::new(ChallengeType::Code)?.with_purpose(purpose.clone());
    let created = challenges.create(user.clone(), spec).await?;
    let code = created.code.context("a code challenge has a code")?;
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose()).by_owner(user);
    challenges.answer(answer).await?.passed().context("declined")
}

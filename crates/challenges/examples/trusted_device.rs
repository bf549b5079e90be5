//! "Remember this browser": a trusted device replaces the second factor of one purpose, until the factors change.
//!
//! ```sh
//! cargo run -p challenges --example trusted_device
//! ```

use anyhow::Context as _;
use challenges::memory::MemoryStore;
use challenges::{
    Answer, ChallengeSpec, ChallengeType, Challenges, Description, Grant, KeyRing, Owner, Policy, Purpose, Secret,
};
use challenges_testkit::Authenticator;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let login = Purpose::new("login")?;
    let mut policy = Policy::default();
    policy.trusted_purposes = vec![login.clone()];
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).policy(policy).build().await?;
    let (alice, bob) = (Owner::user("alice")?, Owner::user("bob")?);

    // The user passes a challenge of the login, and ticks "remember this browser".
    let spec = ChallengeSpec::new(ChallengeType::Code)?.with_purpose(login.clone());
    let created = challenges.create(alice.clone(), spec).await?;
    let code = created.code.context("a code challenge has a code")?;
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose()).by_owner(&alice);
    let passed = challenges.answer(answer).await?.passed().context("declined")?;
    let (device, secret) = challenges.devices().trust(&passed, Description::new("Firefox on Linux")?).await?;
    println!("trusted for {} days", device.trusted_at().until(device.expires()).as_secs() / 86_400);
    // Set-Cookie: __Host-device=SECRET; Max-Age=2592000; Path=/; Secure; HttpOnly; SameSite=Lax

    // The next sign-in, after the password. Replace the cookie each time.
    let cookie = Secret::from(secret.expose());
    let (_, next) = challenges.devices().check(&alice, &cookie, &login).await?.context("not trusted")?;
    println!("second factor skipped");

    // Another user of the same browser, and another purpose, ask for a factor.
    assert!(challenges.devices().check(&bob, &next, &login).await?.is_none());
    assert!(challenges.devices().check(&alice, &next, &Purpose::new("transfer")?).await?.is_none());

    // Every change of factors ends all devices: here, the first authenticator app.
    let first = Grant::first_factor();
    let (enrollment, key) = challenges.totp().create(alice.clone(), &first).await?;
    let app = Authenticator::new(key.to_base32().expose()).context("no key")?;
    let typed = app.code(challenges.now()).into();
    challenges.totp().confirm(&alice, &first, enrollment.id(), &typed).await?;
    println!("still trusted: {}", challenges.devices().check(&alice, &next, &login).await?.is_some());
    Ok(())
}

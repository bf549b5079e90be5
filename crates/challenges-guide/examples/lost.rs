//! Two users lose their phones: alice has a recovery code, and bob has nothing.

use anyhow::Context as _;
use challenges::memory::MemoryStore;
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, Grant, KeyRing, Owner, Purpose, Secret};
use challenges_testkit::Authenticator;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
    run(&challenges).await
}

pub(crate) async fn run(challenges: &Challenges) -> anyhow::Result<()> {
    let (alice, bob) = (Owner::user("alice")?, Owner::user("bob")?);
    let (_, printed) = enroll(challenges, &alice, &Grant::first_factor()).await?;
    enroll(challenges, &bob, &Grant::first_factor()).await?;

    let code = printed.first().context("no codes")?;
    recover(challenges, &alice, code.expose()).await?;

    reset(challenges, &bob, "eve@support.example", "lost phone and codes, passport checked, case 4711").await?;
    enroll(challenges, &bob, &Grant::first_factor()).await?;
    Ok(())
}

/// Adds an authenticator app, and returns new recovery codes to show once. `Authenticator` stands for the app.
pub(crate) async fn enroll(
    challenges: &Challenges,
    user: &Owner,
    grant: &Grant,
) -> anyhow::Result<(Authenticator, Vec<Secret>)> {
    let (enrollment, key) = challenges.totp().create(user.clone(), grant).await?;
    // Between creation and confirmation: codes from before the first enrollment end with its confirmation.
    let codes = challenges.recovery_codes().generate(user, grant).await?;
    let app = Authenticator::new(key.to_base32().expose()).context("no key")?;
    let typed = app.code(challenges.now()).into();
    challenges.totp().confirm(user, grant, enrollment.id(), &typed).await?;
    Ok((app, codes))
}

/// Replaces the apps of a user who types a recovery code.
pub(crate) async fn recover(
    challenges: &Challenges,
    user: &Owner,
    typed: &str,
) -> anyhow::Result<(Authenticator, Vec<Secret>)> {
    let purpose = Purpose::manage_factors();
    let spec = ChallengeSpec::new(ChallengeType::RecoveryCode)?.with_purpose(purpose.clone());
    let id = challenges.create(user.clone(), spec).await?.challenge.id();
    let answer = Answer::allow(id, ChallengeType::RecoveryCode, typed).by_owner(user);
    let passed = challenges.answer(answer).await?.passed().context("declined")?;

    // A web application sets the token as a cookie, and verifies the token in each request that changes factors.
    let token = challenges.step_up().grant(&passed)?;
    let step_up = challenges.step_up().verify(&token, user, &purpose, challenges.policy().grant_age)?;
    let grant = Grant::step_up(&step_up);

    // The new app first: the last factor cannot be removed.
    let lost = challenges.account(user).status().await?.totp;
    let enrolled = enroll(challenges, user, &grant).await?;
    for app in lost {
        challenges.totp().delete(user, &grant, app.id()).await?;
    }
    Ok(enrolled)
}

/// Removes every factor of a user, for support. The next session of the user enrolls by `Grant::first_factor`.
pub(crate) async fn reset(challenges: &Challenges, user: &Owner, who: &str, why: &str) -> anyhow::Result<()> {
    challenges.account(user).reset(&Grant::administrator(who, why)?).await?;
    Ok(())
}

//! Recovery codes: shown once with the first factor, and each good for one answer after the phone is lost.
//!
//! ```sh
//! cargo run -p challenges --example recovery
//! ```

use anyhow::Context as _;
use challenges::memory::MemoryStore;
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, Grant, KeyRing, Owner, Purpose, Secret};
use challenges_testkit::Authenticator;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
    let alice = Owner::user("alice")?;

    // The first app, and the codes. Generate the codes between creation and confirmation: the confirmation ends codes
    // from before the creation, because a thief of the session could have generated them.
    let first = Grant::first_factor();
    let (enrollment, key) = challenges.totp().create(alice.clone(), &first).await?;
    let codes = challenges.recovery_codes().generate(&alice, &first).await?;
    let typed = code_of(key.to_base32(), &challenges)?;
    let lost = challenges.totp().confirm(&alice, &first, enrollment.id(), &typed).await?;
    println!("{} codes to print", codes.len());

    // The phone is lost. `manage_factors` is the purpose that admits changes of factors.
    let manage = Purpose::manage_factors();
    let spec = ChallengeSpec::new(ChallengeType::RecoveryCode)?.with_purpose(manage.clone());
    let id = challenges.create(alice.clone(), spec).await?.challenge.id();
    let printed = codes.first().context("no codes")?.expose().to_lowercase();
    let answer = |code: &str| Answer::allow(id, ChallengeType::RecoveryCode, Secret::from_typed(code)).by_owner(&alice);
    let passed = challenges.answer(answer(&printed)).await?.passed().context("declined")?;
    println!("{} codes left", passed.recovery_codes_left().context("not a recovery code")?);

    // The new app first, since the last factor cannot be removed.
    let token = challenges.step_up().grant(&passed)?;
    let step_up = challenges.step_up().verify(&token, &alice, &manage, challenges.policy().grant_age)?;
    let grant = Grant::step_up(&step_up);
    let (enrollment, key) = challenges.totp().create(alice.clone(), &grant).await?;
    let typed = code_of(key.to_base32(), &challenges)?;
    challenges.totp().confirm(&alice, &grant, enrollment.id(), &typed).await?;
    challenges.totp().delete(&alice, &grant, lost.id()).await?;

    let account = challenges.account(&alice).status().await?;
    assert_eq!((account.totp.len(), account.recovery_codes), (1, codes.len() - 1));
    println!("recovered with a new app");
    Ok(())
}

/// Returns the code that the user's app shows for a new key.
fn code_of(key: Secret, challenges: &Challenges) -> anyhow::Result<Secret> {
    let app = Authenticator::new(key.expose()).context("no key")?;
    Ok(Secret::from(app.code(challenges.now())))
}

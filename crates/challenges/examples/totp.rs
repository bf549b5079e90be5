//! An authenticator app: enrolling with the first code, and a challenge with the next one.
//!
//! ```sh
//! cargo run -p challenges --example totp --features qr
//! ```

use std::time::Duration;

use anyhow::Context as _;
use challenges::memory::MemoryStore;
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, Grant, KeyRing, Owner, Secret};
use challenges_testkit::Authenticator;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
    let alice = Owner::user("alice")?;

    // The page shows the QR code, and the key as text for users without a camera.
    let first = Grant::first_factor();
    let (enrollment, key) = challenges.totp().create(alice.clone(), &first).await?;
    let picture = key.qr_svg("Example Bank", "alice@bank.example")?;
    assert!(picture.expose().contains("<svg"));
    let app = Authenticator::new(key.to_base32().expose()).context("no key")?; // Stands for the app.

    // The first code proves that the app has the key. Until then, the enrollment answers nothing.
    let typed = Secret::from_typed(&app.code(challenges.now()));
    let enrollment = challenges.totp().confirm(&alice, &first, enrollment.id(), &typed).await?;
    assert!(enrollment.is_completed());
    println!("enrolled");

    // A session alone adds no second app: the grant admits the first factor only.
    let refused = challenges.totp().create(alice.clone(), &first).await.err().context("a second factor")?;
    println!("another app: {refused}");

    // The confirming code is used up, in every challenge of the user.
    let spec = ChallengeSpec::new(ChallengeType::Totp)?;
    let id = challenges.create(alice.clone(), spec).await?.challenge.id();
    let answer = |code: &str| Answer::allow(id, ChallengeType::Totp, Secret::from_typed(code)).by_owner(&alice);
    assert!(challenges.answer(answer(typed.expose())).await.is_err());

    // The app shows the next code within 30 seconds. A clock that is one step ahead or behind is accepted.
    let next = app.code(challenges.now().after(Duration::from_secs(30)));
    let passed = challenges.answer(answer(&next)).await?.passed().context("declined")?;
    println!("{} passed with the next code", passed.owner().user_id());
    Ok(())
}

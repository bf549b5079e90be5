//! A typed code: the application carries the code to the user, and one right answer passes.
//!
//! ```sh
//! cargo run -p challenges --example code
//! ```

use anyhow::Context as _;
use challenges::memory::MemoryStore;
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, KeyRing, Owner, Secret};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
    let alice = Owner::user("alice")?;

    // The code leaves the library once. Print, dictate or mail the code: that channel is what the answer proves.
    let created = challenges.create(alice.clone(), ChallengeSpec::new(ChallengeType::Code)?).await?;
    let id = created.challenge.id();
    let code = created.code.context("a code challenge has a code")?;
    println!("code for {}: {} characters", alice.user_id(), code.expose().len());

    // A wrong code is counted. The error never tells what was wrong.
    let wrong = Answer::allow(id, ChallengeType::Code, "guess").by_owner(&alice);
    println!("wrong code: {}", challenges.answer(wrong).await.err().context("a wrong code")?);

    // `from_typed` drops the spaces that people type. `by_owner` refuses the answer of anybody but alice.
    let typed = format!(" {} ", code.expose());
    let answer = Answer::allow(id, ChallengeType::Code, Secret::from_typed(&typed)).by_owner(&alice);
    let passed = challenges.answer(answer).await?.passed().context("declined")?;
    assert_eq!((passed.owner(), passed.kind()), (&alice, Some(ChallengeType::Code)));

    // Once only.
    let again = Answer::allow(id, ChallengeType::Code, code.expose()).by_owner(&alice);
    assert!(challenges.answer(again).await.is_err());
    println!("passed once");
    Ok(())
}

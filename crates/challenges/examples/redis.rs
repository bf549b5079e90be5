//! The Redis store, shared by several machines: wrong guesses count for the user, wherever they arrive.
//!
//! ```sh
//! export REDIS_URL=redis://localhost
//! export CHALLENGES_KEYS="*k1:$(head -c 32 /dev/urandom | basenc --base64url | tr -d =)"
//! cargo run -p challenges --example redis --features redis
//! ```

use anyhow::bail;
use challenges::redis::RedisStore;
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, Factor, KeyRing, Owner, Policy};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Ok(url) = std::env::var("REDIS_URL") else {
        bail!("REDIS_URL is not set; an example is redis://localhost");
    };

    // Two machines of the same service.
    let (left, right) = (start(&url).await?, start(&url).await?);

    // An attacker guesses on both, with a new challenge each time.
    let alice = Owner::user("alice")?;
    let mut guesses = 0;
    while right.account(&alice).status().await?.locked_until(Factor::Code).is_none() {
        let machine = if guesses % 2 == 0 { &left } else { &right };
        let created = machine.create(alice.clone(), ChallengeSpec::new(ChallengeType::Code)?).await?;
        let is_right = created.code.is_some_and(|code| code.expose() == "000000");
        let guess =
            Answer::allow(created.challenge.id(), ChallengeType::Code, if is_right { "000001" } else { "000000" });
        assert!(machine.answer(guess.by_owner(&alice)).await.is_err());
        machine.delete(created.challenge.id()).await?;
        guesses += 1;
    }
    // The user has to wait now. Meanwhile no machine compares an answer, right or wrong.
    println!("locked after {guesses} guesses");
    assert_eq!(left.account(&alice).failures(Factor::Code).await?, guesses);

    left.account(&alice).erase().await?;
    println!("erased");
    Ok(())
}

/// Connects. `RedisOptions` sets a prefix, timeouts, and what to require of the server.
async fn start(url: &str) -> anyhow::Result<Challenges> {
    let keys = KeyRing::from_env("CHALLENGES_KEYS")?; // The same on every machine.
    let store = RedisStore::open(url).await?;
    let mut policy = Policy::default();
    policy.code_digits = Some(6); // A code short enough to guess.
    Ok(Challenges::builder(store, keys).policy(policy).build().await?)
}

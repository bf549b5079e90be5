//! The PostgreSQL store, shared by several machines: of two right answers at the same time, exactly one passes.
//!
//! ```sh
//! export DATABASE_URL=postgres://user:password@localhost/app
//! export CHALLENGES_KEYS="*k1:$(head -c 32 /dev/urandom | basenc --base64url | tr -d =)"
//! cargo run -p challenges --example postgres --features postgres
//! ```

use anyhow::{Context as _, bail};
use challenges::postgres::PostgresStore;
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, KeyRing, Owner};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Ok(url) = std::env::var("DATABASE_URL") else {
        bail!("DATABASE_URL is not set; an example is postgres://user:password@localhost/app");
    };

    // Two machines of the same service. The first start creates the schema `challenges`.
    let (left, right) = (start(&url).await?, start(&url).await?);

    let alice = Owner::user("alice")?;
    let created = left.create(alice.clone(), ChallengeSpec::new(ChallengeType::Code)?).await?;
    let code = created.code.context("a code challenge has a code")?;
    let answer = || Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose()).by_owner(&alice);
    let (left_decided, right_decided) = tokio::join!(left.answer(answer()), right.answer(answer()));
    assert_ne!(left_decided.is_ok(), right_decided.is_ok());
    println!("one of two concurrent answers passed");

    // Erases the user's data, for example when the user asks for erasure.
    left.account(&alice).erase().await?;
    assert!(right.list(&alice, None, 10).await?.is_empty());
    println!("erased");
    Ok(())
}

/// Connects with the store's own pool. `PostgresOptions` takes a pool of the host, a schema, and timeouts.
async fn start(url: &str) -> anyhow::Result<Challenges> {
    let keys = KeyRing::from_env("CHALLENGES_KEYS")?; // The same on every machine.
    let store = PostgresStore::connect(url).await?;
    Ok(Challenges::builder(store, keys).build().await?)
}

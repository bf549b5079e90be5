//! The SQLite store: records survive a restart, and only the right keys open the file.
//!
//! ```sh
//! cargo run -p challenges --example sqlite --features sqlite
//! ```

use std::path::Path;

use anyhow::Context as _;
use challenges::sqlite::SqliteStore;
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, KeyRing, Owner};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?; // Stands for the directory of your application.
    let alice = Owner::user("alice")?;

    let challenges = start(directory.path()).await?;
    let created = challenges.create(alice.clone(), ChallengeSpec::new(ChallengeType::Code)?).await?;
    let code = created.code.context("a code challenge has a code")?;
    drop(challenges);

    // After a restart, or in another process on this machine.
    let challenges = start(directory.path()).await?;
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose()).by_owner(&alice);
    let passed = challenges.answer(answer).await?.passed().context("declined")?;
    println!("{} passed after a restart", passed.owner().user_id());

    // Deletes expired records. `Challenges::spawn_upkeep` (feature `tokio`) does this in the background.
    println!("{} records expired", challenges.sweep(1_000).await?);

    // Without the keys, the service cannot open the file. Back up the keys apart from the file.
    let store = SqliteStore::open(directory.path().join("challenges.db"))?;
    let refused = Challenges::builder(store, KeyRing::generate()?).build().await;
    println!("other keys: {}", refused.err().context("other keys opened the store")?);
    Ok(())
}

/// Starts the service. From the second start on, a missing file is an error: in an empty store nobody has a factor.
async fn start(directory: &Path) -> anyhow::Result<Challenges> {
    let file = directory.join("challenges.db");
    let is_first = !file.exists();
    let keys = KeyRing::open_or_create(directory.join("challenges.keys"))?;
    let builder = Challenges::builder(SqliteStore::open(&file)?, keys);
    let builder = if is_first { builder } else { builder.expect_existing() };
    Ok(builder.build().await?)
}

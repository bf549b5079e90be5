//! Copies everything from an SQLite file to Redis.

use challenges::redis::RedisStore;
use challenges::sqlite::SqliteOptions;
use challenges::store;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // A wrong path is an error instead of a new file.
    let old = SqliteOptions::new().create_if_missing(false).open("challenges.db")?;
    let new = RedisStore::open("redis://localhost").await?;

    let (copied, found) = store::copy(&old, &new).await?;
    println!("{copied} records copied, {found} already there");
    Ok(())
}

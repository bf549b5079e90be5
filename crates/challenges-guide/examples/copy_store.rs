//! Copies everything from an SQLite file to Redis.

use std::error::Error;

use challenges_core::store;
use challenges_redis::RedisStore;
use challenges_sqlite::SqliteOptions;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // A wrong path is an error, and no new file.
    let old = SqliteOptions::new().create_if_missing(false).open("challenges.db")?;
    let new = RedisStore::open("redis://localhost").await?;

    let copied = store::copy(&old, &new).await?;
    println!("{} records copied, {} were there", copied.written, copied.found);
    Ok(())
}

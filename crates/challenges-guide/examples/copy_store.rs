//! Copies everything from an SQLite file to Redis.

use std::error::Error;

use challenges::redis::RedisStore;
use challenges::sqlite::SqliteOptions;
use challenges::store;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // A wrong path is an error instead of a new file.
    let old = SqliteOptions::new().create_if_missing(false).open("challenges.db")?;
    let new = RedisStore::open("redis://localhost").await?;

    let copied = store::copy(&old, &new).await?;
    println!("{} records copied, {} already there", copied.written, copied.found);
    Ok(())
}

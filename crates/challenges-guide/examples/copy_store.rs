//! Copies everything from an SQLite file to Redis.

use std::error::Error;
use std::process::ExitCode;

use challenges::redis::RedisStore;
use challenges::sqlite::SqliteOptions;
use challenges::store;

#[tokio::main]
async fn main() -> ExitCode {
    let Err(error) = run().await else { return ExitCode::SUCCESS };
    // An error returned by `main` is printed with `Debug`. The sentences for operators are in `Display`.
    eprintln!("{error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("because: {error}");
        cause = error.source();
    }
    ExitCode::FAILURE
}

async fn run() -> Result<(), Box<dyn Error>> {
    // A wrong path is an error instead of a new file.
    let old = SqliteOptions::new().create_if_missing(false).open("challenges.db")?;
    let new = RedisStore::open("redis://localhost").await?;

    let (copied, found) = store::copy(&old, &new).await?;
    println!("{copied} records copied, {found} already there");
    Ok(())
}

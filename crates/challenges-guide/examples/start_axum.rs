//! The Challenges API on axum, on an SQLite file.

use std::error::Error;
use std::process::ExitCode;

use axum::Router;
use challenges::http::{Api, Principal, StaticToken};
use challenges::sqlite::SqliteStore;
use challenges::{Challenges, KeyRing};

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
    let keys = std::env::var("CHALLENGES_KEYS").map_err(|_| "CHALLENGES_KEYS is not set")?;
    let token = std::env::var("API_TOKEN").map_err(|_| "API_TOKEN is not set")?;
    let app = app("challenges.db", &keys, &token).await?;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening at http://localhost:3000");
    axum::serve(listener, app).await?;
    Ok(())
}

pub(crate) async fn app(file: &str, keys: &str, token: &str) -> Result<Router, Box<dyn Error>> {
    let keys: KeyRing = keys.parse()?;
    let challenges = Challenges::builder(SqliteStore::open(file)?, keys).build().await?;

    // Callers with this token may challenge any user.
    let authorizer = StaticToken::new(token, Principal::any_user());
    let api = Api::builder(challenges, authorizer).public_base("http://localhost:3000").build()?;
    Ok(Router::new().merge(challenges::axum::router(api)))
}

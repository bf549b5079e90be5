//! The Challenges API on axum, on an SQLite file.

use anyhow::Context as _;
use axum::Router;
use challenges::http::{Api, Principal, StaticToken};
use challenges::sqlite::SqliteStore;
use challenges::{Challenges, KeyRing};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let keys = std::env::var("CHALLENGES_KEYS").context("CHALLENGES_KEYS is not set")?;
    let token = std::env::var("API_TOKEN").context("API_TOKEN is not set")?;
    let app = app("challenges.db", &keys, &token).await?;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening at http://localhost:3000");
    axum::serve(listener, app).await?;
    Ok(())
}

pub(crate) async fn app(file: &str, keys: &str, token: &str) -> anyhow::Result<Router> {
    let keys: KeyRing = keys.parse()?;
    let challenges = Challenges::builder(SqliteStore::open(file)?, keys).build().await?;

    // Callers with this token may challenge any user.
    let authorizer = StaticToken::new(token, Principal::any_user());
    let api = Api::builder(challenges, authorizer).public_base("http://localhost:3000").build()?;
    Ok(Router::new().merge(challenges::axum::router(api)))
}

//! The Challenges API on actix, on an SQLite file.

use actix_web::{App, HttpServer};
use anyhow::Context as _;
use challenges::http::{Api, Principal, StaticToken};
use challenges::sqlite::SqliteStore;
use challenges::{Challenges, KeyRing};

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let keys = std::env::var("CHALLENGES_KEYS").context("CHALLENGES_KEYS is not set")?;
    let token = std::env::var("API_TOKEN").context("API_TOKEN is not set")?;
    let api = api("challenges.db", &keys, &token).await?;

    let app = move || App::new().service(challenges::actix::service(api.clone()));
    let server = HttpServer::new(app).bind("127.0.0.1:3000")?;
    println!("listening at http://localhost:3000");
    server.run().await?;
    Ok(())
}

pub(crate) async fn api(file: &str, keys: &str, token: &str) -> anyhow::Result<Api> {
    let keys: KeyRing = keys.parse()?;
    let challenges = Challenges::builder(SqliteStore::open(file)?, keys).build().await?;

    // Callers with this token may challenge any user.
    let authorizer = StaticToken::new(token, Principal::any_user());
    Ok(Api::builder(challenges, authorizer).public_base("http://localhost:3000").build()?)
}

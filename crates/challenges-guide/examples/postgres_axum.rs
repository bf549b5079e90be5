//! Orders on axum and sqlx: an order is paid in the transaction that takes its approval.

use std::error::Error;

use anyhow::Context as _;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use challenges::approvals::OneTimeUseAction;
use challenges::postgres::{PostgresOptions, PostgresStore};
use challenges::{Answer, ChallengeId, Challenges, KeyRing, Owner, Timeout};
use serde_json::{Value, json};
use sqlx::PgPool;

#[derive(Clone)]
struct App {
    pool: PgPool,
    store: PostgresStore,
    challenges: Challenges,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let database = std::env::var("DATABASE_URL").context("DATABASE_URL is not set")?;
    let keys = std::env::var("CHALLENGES_KEYS").context("CHALLENGES_KEYS is not set")?;
    let app = app(&database, &keys).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening at http://localhost:3000");
    axum::serve(listener, app).await?;
    Ok(())
}

pub(crate) async fn app(database: &str, keys: &str) -> anyhow::Result<Router> {
    let pool = PgPool::connect(database).await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS orders (challenge text PRIMARY KEY, item text NOT NULL, paid_by text)")
        .execute(&pool)
        .await?;
    // A pool of the store's own: a wrong answer is counted on a second connection while a transaction is open.
    let store = PostgresOptions::new().open_sqlx(PgPool::connect(database).await?).await?;
    let keys: KeyRing = keys.parse()?;
    let challenges = Challenges::builder(store.clone(), keys).build().await?;
    let routes = Router::new().route("/orders", post(order)).route("/orders/{challenge}/approve", post(approve));
    Ok(routes.with_state(App { pool, store, challenges }))
}

/// Stores an order together with the request for approval. Send the secret to the approver, by mail or chat.
async fn order(State(app): State<App>, item: String) -> Result<Json<Value>, Failure> {
    let mut joined = app.challenges.join(app.store.join_sqlx(app.pool.begin().await?));
    let boss = Owner::user("boss")?;
    let action = OneTimeUseAction::new(vec![boss], Timeout::from_seconds(3_600)?);
    let pending = joined.create_action(Owner::user("alice")?, action).await?;
    sqlx::query("INSERT INTO orders (challenge, item) VALUES ($1, $2)")
        .bind(pending.challenge().id().to_string())
        .bind(item)
        .execute(joined.transaction().connection())
        .await?;
    let created = joined.commit().await?.confirm(pending)?;
    let links = created.links.iter().map(|links| links.approve.expose());
    Ok(Json(json!({ "order": created.challenge.id().to_string(), "secrets": links.collect::<Vec<_>>() })))
}

/// Takes the approval and pays the order, both or neither.
async fn approve(State(app): State<App>, Path(id): Path<ChallengeId>, secret: String) -> Result<StatusCode, Failure> {
    let boss = Owner::user("boss")?; // The user of your session.
    let mut joined = app.challenges.join(app.store.join_sqlx(app.pool.begin().await?));
    let pending = joined.answer(Answer::approve_action(id, &secret).by_owner(&boss)).await?;
    let paid = sqlx::query("UPDATE orders SET paid_by = $2 WHERE challenge = $1 AND paid_by IS NULL")
        .bind(id.to_string())
        .bind(boss.user_id())
        .execute(joined.transaction().connection())
        .await?;
    if paid.rows_affected() != 1 {
        return Ok(StatusCode::CONFLICT); // Without a commit the approval stays open.
    }
    let passed = joined.commit().await?.confirm(pending)?.passed();
    Ok(if passed.is_some() { StatusCode::OK } else { StatusCode::FORBIDDEN })
}

/// Any error. The caller learns nothing; the sentence goes to the log.
struct Failure(Box<dyn Error>);

impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        eprintln!("{}", self.0);
        StatusCode::FORBIDDEN.into_response()
    }
}

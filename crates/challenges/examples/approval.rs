//! An approval: a colleague decides by a link, and then the HTTP request named at creation is sent.
//!
//! ```sh
//! cargo run -p challenges --example approval --features delivery
//! ```

use anyhow::Context as _;
use axum::Router;
use axum::http::HeaderMap;
use axum::routing::post;
use challenges::approvals::{HttpAction, OneTimeUseAction};
use challenges::delivery::{Delivery, Dispatcher, Guard, GuardedClient, HttpActions};
use challenges::memory::MemoryStore;
use challenges::{Answer, Challenges, Description, KeyRing, Owner, Timeout};
use tokio::net::TcpListener;
use tokio::sync::mpsc::unbounded_channel;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // The receiver of the request: your deployment service. A request may arrive twice, under the same key.
    let (sent, mut deployed) = unbounded_channel();
    let deploy = async move |headers: HeaderMap, body: String| {
        let _ = sent.send((headers.contains_key("idempotency-key"), body));
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = axum::serve(listener, Router::new().route("/deploy", post(deploy)));
    tokio::spawn(server.into_future());

    // Creators of actions choose the URLs, so name the allowed hosts. The receiver here is on this machine and without
    // TLS, both of which the guard refuses by default.
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
    let guard = Guard::only_hosts(["127.0.0.1"])?.danger_allow_http().allow_port(address.port());
    let guard = guard.danger_allow_network("127.0.0.0/8".parse()?);
    let delivery = Delivery::new().actions(HttpActions::new(GuardedClient::new(guard)?));
    let dispatcher = Dispatcher::new(challenges.clone(), delivery).spawn();

    // Alice asks, and Bob decides.
    let bob = Owner::user("bob")?;
    let mut wanted = OneTimeUseAction::new(vec![bob], Timeout::from_seconds(3_600)?);
    wanted.description = Some(Description::new("Deploy version 1.4.2 to production?")?);
    let request = HttpAction::new("POST", format!("http://{address}/deploy"))?.with_body("1.4.2")?;
    wanted.approved_actions.push(request.with_content_type("text/plain")?);
    let created = challenges.actions().create(Owner::user("alice")?, wanted).await?;
    let links = created.links.first().context("no links")?; // Send both secrets to Bob, by mail or chat.

    // Bob's click, after the page showed the description. The request is stored in the commit of the decision.
    let answer = Answer::approve_action(created.challenge.id(), links.approve.expose());
    let passed = challenges.answer(answer.by_owner(&Owner::user("bob")?)).await?.passed().context("declined")?;
    println!("approved by {}", passed.actor().context("no actor")?.user_id());

    let (has_key, version) = deployed.recv().await.context("no request")?;
    assert!(has_key);
    dispatcher.stop().await;
    let results = challenges.actions().results(created.challenge.id()).await?;
    println!("deployed {version}, {} result stored", results.len());
    Ok(())
}

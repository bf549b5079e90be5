use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Service as _;
use actix_web::{App, HttpServer};
use async_trait::async_trait;
use challenges_actix::service;
use challenges_core::{Challenges, KeyRing, Owner, Store};
use challenges_http::{AuthorizeError, Authorizer, BearerToken, Principal, StaticToken};
use challenges_memory::MemoryStore;
use challenges_testkit::Interrupted;
use tokio::sync::Notify;

use crate::server::{CREATE, Server, api, challenges, request};

const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// An authorizer that panics for one token and never completes for another.
#[derive(Clone, Debug, Default)]
struct Odd {
    entered: Arc<Notify>,
    left: Arc<Notify>,
}

#[async_trait]
impl Authorizer for Odd {
    async fn authorize(&self, bearer: &BearerToken) -> Result<Principal, AuthorizeError> {
        if !bearer.matches("token") {
            panic!("a defect of the host");
        }
        let _on_drop = OnDrop(self.left.clone());
        self.entered.notify_one();
        std::future::pending().await
    }
}

/// Notifies when dropped.
struct OnDrop(Arc<Notify>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[tokio::test]
async fn panic_is_500() {
    let api = api(challenges().await, Odd::default());
    let app = move || App::new().service(service(api.clone()));
    let server = Server::start(|listener| HttpServer::new(app).listen(listener).unwrap().run());
    let reply = server.ask(request("POST", "/v1/challenges", CREATE).replace("Bearer token", "Bearer boom")).await;
    assert_eq!(reply.status, 500);
    assert_eq!(reply.json()["error_code"], "internal_error");
    assert!(!String::from_utf8_lossy(&reply.body).contains("defect"));
}

/// Adds a timeout, so that a failing test does not hang.
async fn soon(future: impl Future<Output = ()>) {
    tokio::time::timeout(Duration::from_secs(60), future).await.unwrap();
}

#[tokio::test]
async fn reading_stops_when_the_client_disconnects() {
    let odd = Odd::default();
    let api = api(challenges().await, odd.clone());
    // By default, a half-closed connection counts as a client that still waits for the response.
    let app = move || App::new().service(service(api.clone()));
    let server = HttpServer::new(app).h1_allow_half_closed(false);
    let server = Server::start(|listener| server.listen(listener).unwrap().run());
    let mut connection = server.connect().await;
    connection.send(request("POST", "/v1/challenges", CREATE)).await;
    soon(odd.entered.notified()).await;
    drop(connection);
    soon(odd.left.notified()).await;
}

#[tokio::test]
async fn change_completes_after_the_client_disconnects() {
    let store = Arc::new(MemoryStore::new());
    let build = |store: Arc<dyn Store>| Challenges::builder(store, KEYS.parse::<KeyRing>().unwrap()).build();
    let challenges = build(store.clone()).await.unwrap();
    let (entered, dropped) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let held_up = Interrupted::new(store, {
        let (entered, dropped) = (entered.clone(), dropped.clone());
        async move {
            entered.notify_one();
            dropped.notified().await;
        }
    });
    let token = StaticToken::new("token", Principal::any_user());
    let api = api(build(Arc::new(held_up)).await.unwrap(), token);
    let app = move || {
        let dropped = dropped.clone();
        App::new().service(service(api.clone())).wrap_fn(move |request, next| {
            // The store continues only after actix-web has dropped the request.
            let on_drop = OnDrop(dropped.clone());
            let response = next.call(request);
            async move {
                let _on_drop = on_drop;
                response.await
            }
        })
    };
    let server = HttpServer::new(app).h1_allow_half_closed(false);
    let server = Server::start(|listener| server.listen(listener).unwrap().run());
    let mut connection = server.connect().await;
    connection.send(request("POST", "/v1/challenges", CREATE)).await;
    soon(entered.notified()).await;
    drop(connection);
    let alice = Owner::user("alice").unwrap();
    soon(async {
        while challenges.list(&alice, None, 1).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

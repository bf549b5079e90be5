use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Service as _;
use actix_web::{App, HttpServer};
use async_trait::async_trait;
use challenges_actix::service;
use challenges_core::{Challenges, KeyRing, Owner, Store};
use challenges_http::{Authorizer, BearerToken, Principal, StaticToken, Unauthorized};
use challenges_memory::MemoryStore;
use challenges_testkit::Interrupted;
use tokio::sync::Notify;

use crate::server::{CREATE, Server, api, challenges, request};

const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// Panics on one token, and never decides about another.
#[derive(Clone, Debug, Default)]
struct Odd {
    entered: Arc<Notify>,
    left: Arc<Notify>,
}

#[async_trait]
impl Authorizer for Odd {
    async fn authorize(&self, bearer: &BearerToken) -> Result<Principal, Unauthorized> {
        if !bearer.matches("token") {
            panic!("a defect of the host");
        }
        let _on_drop = OnDrop(self.left.clone());
        self.entered.notify_one();
        std::future::pending().await
    }
}

/// Tells that a future is gone.
struct OnDrop(Arc<Notify>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[tokio::test]
async fn a_panic_is_a_500() {
    let api = api(challenges().await, Odd::default());
    let app = move || App::new().service(service(api.clone()));
    let server = Server::start(|listener| HttpServer::new(app).listen(listener).unwrap().run());
    let reply = server.ask(request("POST", "/v1/challenges", CREATE).replace("Bearer token", "Bearer boom")).await;
    assert_eq!(reply.status, 500);
    assert_eq!(reply.json()["error_code"], "internal_error");
    assert!(!String::from_utf8_lossy(&reply.body).contains("defect"));
}

/// Bounded, so that a failure is a failure and no hang.
async fn soon(future: impl Future<Output = ()>) {
    tokio::time::timeout(Duration::from_secs(60), future).await.unwrap();
}

#[tokio::test]
async fn a_request_is_read_no_further_when_the_client_goes_away() {
    let odd = Odd::default();
    let api = api(challenges().await, odd.clone());
    // Else a client that has only stopped sending may still wait for its answer.
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
async fn a_change_goes_on_when_the_client_goes_away() {
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
            // What holds up the request goes on only once actix-web has let go of it, unanswered.
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
        while challenges.challenges_of(&alice, None, 1).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

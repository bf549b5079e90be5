use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Service as _;
use actix_web::{App, HttpServer};
use async_trait::async_trait;
use challenges_actix::service;
use challenges_core::Owner;
use challenges_http::{Authorizer, BearerToken, Principal, Unauthorized};
use tokio::sync::Notify;

use crate::server::{CREATE, Server, api, challenges, request};

/// Panics on one token, and holds up the other's request until the test has dropped it.
#[derive(Clone, Debug, Default)]
struct Odd {
    entered: Arc<Notify>,
    dropped: Arc<Notify>,
}

#[async_trait]
impl Authorizer for Odd {
    async fn authorize(&self, bearer: &BearerToken) -> Result<Principal, Unauthorized> {
        if !bearer.matches("token") {
            panic!("a defect of the host");
        }
        self.entered.notify_one();
        self.dropped.notified().await;
        Ok(Principal::any_user())
    }
}

/// Tells that the future of a handler is gone.
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

#[tokio::test]
async fn a_change_goes_on_when_the_client_goes_away() {
    let odd = Odd::default();
    let challenges = challenges().await;
    let api = api(challenges.clone(), odd.clone());
    let dropped = odd.dropped.clone();
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
    // Else a client that has only stopped sending may still wait for its answer.
    let server = HttpServer::new(app).h1_allow_half_closed(false);
    let server = Server::start(|listener| server.listen(listener).unwrap().run());
    let mut connection = server.connect().await;
    connection.send(request("POST", "/v1/challenges", CREATE)).await;
    odd.entered.notified().await;
    drop(connection);
    let alice = Owner::user("alice").unwrap();
    let created = async {
        while challenges.challenges_of(&alice, None, 1).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    // Bounded, so that a failure is a failure and no hang.
    tokio::time::timeout(Duration::from_secs(60), created).await.unwrap();
}

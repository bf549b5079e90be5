//! HTTP actions: what the other side gets, and with which token.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use challenges_core::{Courier as _, Failure, HttpActionParts, Receipt, Retry, Scope, Secret};
use challenges_delivery::{Delivery, Guard, HttpActions, TokenIssuer, TokenRequest};

use crate::host::{ID, act, action, actions, builder, client, guard, job, perform, told};
use crate::server::{Answer, Server};

fn parts(uri: &str) -> HttpActionParts {
    HttpActionParts {
        method: "PATCH".into(),
        uri: uri.into(),
        body: Some("{\"ok\":\"ä\"}".into()),
        content_type: Some("application/merge-patch+json".into()),
        scopes: vec![],
    }
}

fn scoped(uri: &str) -> HttpActionParts {
    let scopes = vec![Scope::new("door:open").unwrap(), Scope::new("door:close").unwrap()];
    HttpActionParts { scopes, ..parts(uri) }
}

/// Issues what it was given, once for each time that it is asked, and notes for what.
#[derive(Clone, Debug)]
struct Issuer {
    token: Result<&'static str, Retry>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Issuer {
    fn new(token: Result<&'static str, Retry>) -> Self {
        Self { token, asked: Arc::default() }
    }
}

#[async_trait]
impl TokenIssuer for Issuer {
    async fn issue(&self, request: &TokenRequest<'_>) -> Result<Secret, Failure> {
        let scopes: Vec<_> = request.scopes.iter().map(Scope::as_str).collect();
        let actor = request.actor;
        self.asked.lock().unwrap().push(format!("{}@{} {} {scopes:?}", actor.user_id, actor.org_id, request.audience));
        self.token.map(Secret::from).map_err(|then| Failure::new(then, "no token"))
    }
}

#[tokio::test]
async fn an_action_arrives_as_it_was_created() {
    let server = Server::start([Answer::Status(204)]).await;
    let done = perform(&actions(client(&server)), action(parts(&server.url("/doors/1?a=b%20c#x")))).await;
    assert_eq!(done.unwrap(), Receipt::of_status(204));
    let [seen] = &server.seen()[..] else { panic!() };
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("PATCH", "/doors/1?a=b%20c"));
    assert_eq!(seen.header("host"), Some(format!("hooks.example.test:{}", server.port()).as_str()));
    assert_eq!(seen.header("content-type"), Some("application/merge-patch+json"));
    assert_eq!(seen.header("idempotency-key"), Some(format!("\"{ID}\"").as_str()));
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(seen.header("accept-encoding"), None, "nothing is to be decompressed");
    assert_eq!(seen.body, "{\"ok\":\"ä\"}");
}

#[tokio::test]
async fn methods_are_those_of_http() {
    let server = Server::start([]).await;
    let delivery = actions(client(&server));
    for (method, sent) in
        [("get", "GET"), ("Post", "POST"), ("DELETE", "DELETE"), ("PURGE", "PURGE"), ("purge", "purge")]
    {
        let parts = HttpActionParts { method: method.into(), body: None, ..parts(&server.url("/")) };
        perform(&delivery, action(parts)).await.unwrap();
        let seen = server.seen().pop().unwrap();
        assert_eq!(seen.method.as_str(), sent);
        if sent == "POST" {
            assert_eq!(seen.header("content-length"), Some("0"));
        }
    }
    let before = server.seen().len();
    for method in ["CONNECT", "trace"] {
        let parts = HttpActionParts { method: method.into(), ..parts(&server.url("/")) };
        let (then, _, words) = told(perform(&delivery, action(parts)).await);
        assert_eq!(then, Retry::Never, "{words}");
    }
    assert_eq!(server.seen().len(), before);
}

/// R36: a token of the action's scopes, for its actor and for where it goes.
#[tokio::test]
async fn r36_a_token_is_issued_for_the_scopes_of_the_action_alone() {
    let server = Server::start([]).await;
    let issuer = Issuer::new(Ok("CANARYtoken"));
    let delivery = Delivery::new().actions(HttpActions::new(client(&server)).token_issuer(issuer.clone()));
    perform(&delivery, action(scoped(&server.url("/doors/1")))).await.unwrap();
    let expected = format!("alice@acme https://hooks.example.test:{} [\"door:open\", \"door:close\"]", server.port());
    assert_eq!(*issuer.asked.lock().unwrap(), [expected]);
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer CANARYtoken"));

    perform(&delivery, action(parts(&server.url("/doors/1")))).await.unwrap();
    assert_eq!((issuer.asked.lock().unwrap().len(), server.seen()[1].header("authorization")), (1, None));
}

#[tokio::test]
async fn r36_no_action_runs_without_the_token_that_it_needs() {
    let server = Server::start([]).await;
    let client = client(&server);
    let with = |token| Delivery::new().actions(HttpActions::new(client.clone()).token_issuer(Issuer::new(token)));
    let cases = [
        (actions(client.clone()), Retry::Never),
        (with(Err(Retry::Never)), Retry::Never),
        (with(Err(Retry::Later(None))), Retry::Later(None)),
        (with(Ok("a\r\nx: y")), Retry::Never),
    ];
    for (delivery, then) in cases {
        let outcome = told(perform(&delivery, action(scoped(&server.url("/")))).await);
        assert_eq!(outcome.0, then, "{}", outcome.2);
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn no_token_is_issued_for_what_the_guard_refuses() {
    let server = Server::start([]).await;
    let issuer = Issuer::new(Ok("CANARYtoken"));
    let delivery = Delivery::new().actions(HttpActions::new(client(&server)).token_issuer(issuer.clone()));
    let (then, _, _) = told(perform(&delivery, action(scoped("https://169.254.169.254/"))).await);
    assert_eq!((then, issuer.asked.lock().unwrap().len()), (Retry::Never, 0));
}

/// An issuer that never answers.
#[derive(Debug)]
struct Silent;

#[async_trait]
impl TokenIssuer for Silent {
    async fn issue(&self, _: &TokenRequest<'_>) -> Result<Secret, Failure> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn the_time_of_the_attempt_is_that_of_the_issuer_too() {
    let server = Server::start([]).await;
    let delivery = Delivery::new().actions(HttpActions::new(client(&server)).token_issuer(Silent));
    let mut job = job(action(scoped(&server.url("/"))));
    job.within = std::time::Duration::from_millis(50);
    let ended = tokio::time::timeout(std::time::Duration::from_secs(60), delivery.perform(&job)).await;
    let (then, _, words) = told(ended.expect("an end"));
    assert_eq!((then, server.connections()), (Retry::Later(None), 0), "{words}");
}

/// R33: the host's list decides, and it is exact.
#[tokio::test]
async fn r33_actions_go_to_the_hosts_that_are_listed() {
    let server = Server::start([]).await;
    let listed = |host| {
        let guard = Guard::only_hosts([host]).unwrap().allow_port(server.port());
        actions(builder(guard.danger_allow_network("127.0.0.0/8".parse().unwrap())).build().unwrap())
    };
    perform(&listed("hooks.example.test"), act(&server.url("/"))).await.unwrap();
    for host in ["example.test", "ooks.example.test", "other.example.test"] {
        let (then, _, words) = told(perform(&listed(host), act(&server.url("/"))).await);
        assert_eq!(then, Retry::Never, "{words}");
    }
    assert_eq!(server.seen().len(), 1);
    perform(&actions(builder(guard(&server)).build().unwrap()), act(&server.url("/"))).await.unwrap();
}

//! HTTP actions: the request, and its token.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use challenges_core::approvals::HttpAction;
use challenges_core::outbox::{Failure, Retry};
use challenges_core::{Courier as _, Secret};
use challenges_delivery::{Delivery, Guard, HttpActions, TokenIssuer, TokenRequest};

use crate::host::{ID, act, action, actions, builder, client, guard, job, perform, unwrap_failure};
use crate::server::{Answer, Server};

fn patch(uri: &str) -> HttpAction {
    let action = HttpAction::new("PATCH", uri).unwrap().with_body("{\"ok\":\"ä\"}").unwrap();
    action.with_content_type("application/merge-patch+json").unwrap()
}

fn scoped(uri: &str) -> HttpAction {
    patch(uri).with_scopes(["door:open", "door:close"]).unwrap()
}

/// Issues a fixed token or failure, and records each request.
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
        let scopes: Vec<_> = request.scopes.iter().map(String::as_str).collect();
        let actor = request.actor;
        self.asked.lock().unwrap().push(format!(
            "{}@{} {} {scopes:?}",
            actor.user_id(),
            actor.tenant(),
            request.audience
        ));
        self.token.map(Secret::from).map_err(|then| Failure::new(then, "no token"))
    }
}

#[tokio::test]
async fn action_arrives_as_created() {
    let server = Server::start([Answer::Status(204)]).await;
    let done = perform(&actions(client(&server)), action(patch(&server.url("/doors/1?a=b%20c#x")))).await;
    assert_eq!(done.unwrap(), Some(204));
    let [seen] = &server.seen()[..] else { panic!() };
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("PATCH", "/doors/1?a=b%20c"));
    assert_eq!(seen.header("host"), Some(format!("hooks.example.test:{}", server.port()).as_str()));
    assert_eq!(seen.header("content-type"), Some("application/merge-patch+json"));
    assert_eq!(seen.header("idempotency-key"), Some(format!("\"{ID}\"").as_str()));
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(seen.header("accept-encoding"), None, "compression is not offered");
    assert_eq!(seen.body, "{\"ok\":\"ä\"}");
}

#[tokio::test]
async fn methods_are_normalized_or_rejected() {
    let server = Server::start([]).await;
    let delivery = actions(client(&server));
    for (method, sent) in
        [("get", "GET"), ("Post", "POST"), ("DELETE", "DELETE"), ("PURGE", "PURGE"), ("purge", "purge")]
    {
        perform(&delivery, action(HttpAction::new(method, server.url("/")).unwrap())).await.unwrap();
        let seen = server.seen().pop().unwrap();
        assert_eq!(seen.method.as_str(), sent);
        if sent == "POST" {
            assert_eq!(seen.header("content-length"), Some("0"));
        }
    }
    let before = server.seen().len();
    for method in ["CONNECT", "trace"] {
        let errand = action(HttpAction::new(method, server.url("/")).unwrap());
        let (then, _, words) = unwrap_failure(perform(&delivery, errand).await);
        assert_eq!(then, Retry::Never, "{words}");
    }
    assert_eq!(server.seen().len(), before);
}

/// R36: A token is requested for the action's scopes, actor and origin, and only if there are scopes.
#[tokio::test]
async fn token_is_limited_to_the_actions_scopes() {
    let server = Server::start([]).await;
    let issuer = Issuer::new(Ok("CANARYtoken"));
    let delivery = Delivery::new().actions(HttpActions::new(client(&server)).token_issuer(issuer.clone()));
    perform(&delivery, action(scoped(&server.url("/doors/1")))).await.unwrap();
    let expected = format!("alice@acme https://hooks.example.test:{} [\"door:open\", \"door:close\"]", server.port());
    assert_eq!(*issuer.asked.lock().unwrap(), [expected]);
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer CANARYtoken"));

    perform(&delivery, action(patch(&server.url("/doors/1")))).await.unwrap();
    assert_eq!((issuer.asked.lock().unwrap().len(), server.seen()[1].header("authorization")), (1, None));
}

/// R36: Without a valid token, an action with scopes is not sent.
#[tokio::test]
async fn action_without_required_token_is_not_sent() {
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
        let outcome = unwrap_failure(perform(&delivery, action(scoped(&server.url("/")))).await);
        assert_eq!(outcome.0, then, "{}", outcome.2);
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn blocked_action_requests_no_token() {
    let server = Server::start([]).await;
    let issuer = Issuer::new(Ok("CANARYtoken"));
    let delivery = Delivery::new().actions(HttpActions::new(client(&server)).token_issuer(issuer.clone()));
    let (then, _, _) = unwrap_failure(perform(&delivery, action(scoped("https://169.254.169.254/"))).await);
    assert_eq!((then, issuer.asked.lock().unwrap().len()), (Retry::Never, 0));
}

/// An issuer that never responds.
#[derive(Debug)]
struct Silent;

#[async_trait]
impl TokenIssuer for Silent {
    async fn issue(&self, _: &TokenRequest<'_>) -> Result<Secret, Failure> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn issuer_shares_the_attempts_time_limit() {
    let server = Server::start([]).await;
    let delivery = Delivery::new().actions(HttpActions::new(client(&server)).token_issuer(Silent));
    let mut job = job(action(scoped(&server.url("/"))));
    job.timeout = std::time::Duration::from_millis(50);
    let ended = tokio::time::timeout(std::time::Duration::from_secs(60), delivery.perform(&job)).await;
    let (then, _, words) = unwrap_failure(ended.expect("an end"));
    assert_eq!((then, server.connections()), (Retry::Later(None), 0), "{words}");
}

/// R33: Actions reach only hosts on the exact list.
#[tokio::test]
async fn actions_reach_listed_hosts_only() {
    let server = Server::start([]).await;
    let listed = |host| {
        let guard = Guard::only_hosts([host]).unwrap().allow_port(server.port());
        actions(builder(guard.danger_allow_network("127.0.0.0/8".parse().unwrap())).build().unwrap())
    };
    perform(&listed("hooks.example.test"), act(&server.url("/"))).await.unwrap();
    for host in ["example.test", "ooks.example.test", "other.example.test"] {
        let (then, _, words) = unwrap_failure(perform(&listed(host), act(&server.url("/"))).await);
        assert_eq!(then, Retry::Never, "{words}");
    }
    assert_eq!(server.seen().len(), 1);
    perform(&actions(builder(guard(&server)).build().unwrap()), act(&server.url("/"))).await.unwrap();
}

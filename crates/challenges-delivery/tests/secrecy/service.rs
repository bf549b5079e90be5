use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use challenges_core::observer::TracingObserver;
use challenges_core::outbox::Failure;
use challenges_core::{Challenges, KeyRing, Owner, Secret};
use challenges_delivery::{Delivery, HttpActions, JsonGateway, Sms, TokenIssuer, TokenRequest, VapidKey, WebPush};
use challenges_http::{Api, Principal, StaticToken};
use challenges_memory::MemoryStore;
use challenges_testkit::FakeClock;
use challenges_webauthn::Webauthn;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;

use crate::canaries::Canaries;
use crate::host::{client, guard};
use crate::server::Server;

pub(crate) const BEARER: &str = "CANARY-bearer-token";
pub(crate) const RELYING_PARTY: &str = "acme.example";
pub(crate) const ORIGIN: &str = "https://acme.example";
pub(crate) const BASE: &str = "https://api.example";
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const HEADER: &str = "CANARY-gateway-header";
const GATEWAY: &str = "CANARY-gateway-key";
const TOKEN: &str = "CANARY-action-token";

#[derive(Debug)]
struct Issuer;

#[async_trait]
impl TokenIssuer for Issuer {
    async fn issue(&self, _: &TokenRequest<'_>) -> Result<Secret, Failure> {
        Ok(TOKEN.into())
    }
}

/// A service, its API, and deliveries to a local server, combined as in an application.
pub(crate) struct Service {
    pub(crate) challenges: Challenges,
    pub(crate) api: Api,
    pub(crate) delivery: Delivery,
    pub(crate) server: Server,
    pub(crate) clock: FakeClock,
    pub(crate) canaries: Canaries,
}

impl Service {
    pub(crate) async fn start(server: Server) -> Self {
        let mut canaries = Canaries::default();
        let keys: KeyRing = format!("*k1:{KEY}").parse().unwrap();
        canaries.add("master key", (0..32).collect::<Vec<u8>>());
        let clock = FakeClock::at(challenges_core::Timestamp::from_seconds(1_700_000_000));
        let challenges = Challenges::builder(MemoryStore::new(), keys)
            .clock(clock.clone())
            .observer(TracingObserver::new())
            .webauthn(Webauthn::new())
            .push_services(guard(&server))
            .answer_page("https://app.example/answer".parse().unwrap())
            .build()
            .await
            .unwrap();
        let principal = Principal::any_user_of("acme").unwrap().with_every_scope();
        let api = Api::builder(challenges.clone(), StaticToken::new(BEARER, principal)).public_base(BASE);
        let vapid = VapidKey::generate().unwrap();
        canaries.add("VAPID key", &*vapid.to_text());
        for (what, secret) in [("bearer", BEARER), ("header", HEADER), ("gateway", GATEWAY), ("token", TOKEN)] {
            canaries.add(what, secret);
        }
        let push = WebPush::new(client(&server), vapid, "mailto:push@example.com".parse().unwrap());
        let url = server.url(&format!("/sms?key={GATEWAY}"));
        let gateway = JsonGateway::new(client(&server), &url, r#"{"to":"{to}","text":"{text}"}"#).unwrap();
        let gateway = gateway.header("authorization", HEADER).unwrap();
        let actions = HttpActions::new(client(&server)).token_issuer(Issuer);
        let delivery = Delivery::new().web_push(push.clock(clock.clone())).sms(Sms::new(gateway)).actions(actions);
        Self { challenges, api: api.build().unwrap(), delivery, server, clock, canaries }
    }

    /// Advances the clock until new codes and messages are allowed.
    pub(crate) fn advance(&self) {
        self.clock.advance(Duration::from_secs(61));
    }

    /// Performs due entries, and returns the bodies that the server received.
    pub(crate) async fn dispatch(&self) -> Vec<Bytes> {
        let before = self.server.seen().len();
        self.challenges.outbox().dispatch(&self.delivery, 64).await.unwrap();
        self.server.seen().into_iter().skip(before).map(|seen| seen.body).collect()
    }

    pub(crate) async fn send(&self, method: &str, path: &str, token: &str, body: impl ToString) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {token}"));
        let answer = self.api.respond(request.body(Full::new(Bytes::from(body.to_string()))).unwrap()).await;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (head.status.as_u16(), serde_json::from_slice(&body).unwrap_or_default())
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.send("POST", path, BEARER, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.send("GET", path, BEARER, "").await
    }
}

pub(crate) fn alice() -> Owner {
    Owner::in_tenant("acme", "alice").unwrap()
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

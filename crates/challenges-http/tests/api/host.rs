use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use challenges_core::time::Clock;
use challenges_core::{Challenges, KeyRing, Observation, Observer, Owner, Policy, Purpose, Store, Timestamp};
use challenges_http::{Api, ApiBuilder, AuthorizeError, Authorizer, BearerToken, Principal};
use challenges_memory::MemoryStore;
use challenges_testkit::webauthn::{SecurityKey, SignedAssertion};
use challenges_webauthn::Webauthn;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};

/// The token of a principal for every user of `acme`.
pub(crate) const ACME: &str = "acme";
/// A token of Alice without the right to enroll or to create actions.
pub(crate) const BROWSER: &str = "browser";
/// A token of Alice of `acme` with the right to enroll and to create actions.
pub(crate) const ALICE: &str = "alice";
/// A token that cannot be checked.
pub(crate) const DOWN: &str = "down";
/// No token.
pub(crate) const NOBODY: &str = "";
pub(crate) const WEBAUTHN: &str = "/v1/challenge_enrollment/webauthn";
pub(crate) const START: u64 = 1_700_000_000;

/// An API with a fake clock, several callers, and a log of refusal reasons.
pub(crate) struct Host {
    pub(crate) api: Api,
    pub(crate) challenges: Challenges,
    pub(crate) clock: FakeClock,
    pub(crate) reasons: Reasons,
}

impl Host {
    pub(crate) async fn new() -> Self {
        Self::with(MemoryStore::new(), |builder| builder).await
    }

    pub(crate) async fn with(store: impl Store, configure: impl FnOnce(ApiBuilder) -> ApiBuilder) -> Self {
        Self::with_policy(Policy::default(), store, configure).await
    }

    /// Sets up an API whose `code` challenges have short codes, which can be guessed.
    pub(crate) async fn with_short_codes() -> Self {
        let mut policy = Policy::default();
        policy.code_digits = Some(6);
        Self::with_policy(policy, MemoryStore::new(), |builder| builder).await
    }

    async fn with_policy(
        mut policy: Policy,
        store: impl Store,
        configure: impl FnOnce(ApiBuilder) -> ApiBuilder,
    ) -> Self {
        let clock = FakeClock(Arc::new(AtomicU64::new(START * 1_000)));
        let reasons = Reasons::default();
        let origin = "https://pages.example".parse().unwrap();
        policy.response_origins = [origin].into();
        policy.trusted_purposes = vec![Purpose::new("login").unwrap()];
        let challenges = Challenges::builder(store, KeyRing::generate().unwrap())
            .policy(policy)
            .clock(clock.clone())
            .observer(reasons.clone())
            .webauthn(Webauthn::new())
            .build()
            .await
            .unwrap();
        let builder = Api::builder(challenges.clone(), Tokens).public_base("https://api.example/mfa");
        let api = configure(builder).build().unwrap();
        Self { api, challenges, clock, reasons }
    }

    /// Sends a request. A null `body` means no body.
    pub(crate) async fn send(&self, method: &str, path: &str, token: &str, body: Value) -> Reply {
        let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        self.request(request.body(Full::new(bytes)).unwrap()).await
    }

    pub(crate) async fn request<B>(&self, request: Request<B>) -> Reply
    where
        B: http_body::Body<Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
    {
        let (head, body) = self.api.respond(request).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Reply { status: head.status.as_u16(), headers: head.headers, body }
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Reply {
        self.send("GET", path, token, Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: Value) -> Reply {
        self.send("POST", path, token, body).await
    }

    /// Creates a challenge for Alice from a spec without `user_id`, and returns the JSON of the response.
    pub(crate) async fn challenge(&self, mut spec: Value) -> Value {
        spec["user_id"] = json!("alice");
        let reply = self.post("/v1/challenges", ACME, json!({ "spec": spec })).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.json()
    }

    /// Issues a code challenge. Returns the challenge's id and code.
    pub(crate) async fn code_challenge(&self) -> (String, String) {
        let challenge = self.challenge(json!({ "challenge_type": "code", "send_now": true })).await;
        (id(&challenge), text(&challenge["status"]["code"]))
    }

    /// Creates a pending TOTP enrollment. Returns the enrollment's id and key.
    pub(crate) async fn pending_enrollment(&self, user: &str) -> (String, String) {
        let body = json!({ "spec": { "user_id": user } });
        let created = self.post("/v1/challenge_enrollment/totp", ACME, body).await;
        assert_eq!(created.status, 201, "{created:?}");
        let created = created.json();
        (id(&created), text(&created["status"]["key"]))
    }

    /// Completes a TOTP enrollment and advances the clock by one step. Returns the enrollment's id and key.
    pub(crate) async fn enrollment(&self, user: &str) -> (String, String) {
        let (id, key) = self.pending_enrollment(user).await;
        let path = format!("/v1/challenge_enrollment/totp/{id}?user_id={user}");
        let done = self.post(&path, ACME, json!({ "answer": self.totp(&key) })).await;
        assert_eq!(done.status, 200, "{done:?}");
        self.clock.advance(30);
        (id, key)
    }

    /// Creates a pending WebAuthn enrollment. Returns the JSON of the response.
    pub(crate) async fn pending_credential(&self, user: &str) -> Value {
        let spec = json!({ "user_id": user, "relying_party_id": "acme.example" });
        let created = self.post(WEBAUTHN, ACME, json!({ "spec": spec })).await;
        assert_eq!(created.status, 201, "{created:?}");
        created.json()
    }

    /// Returns the body that completes a WebAuthn enrollment, for a page that builds the creation options from the API
    /// alone.
    pub(crate) fn made(&self, pending: &Value, key: &mut SecurityKey) -> Value {
        let options = json!({
            "rp": { "id": pending["spec"]["relying_party_id"] },
            "user": { "id": "b3du" },
            "challenge": pending["status"]["challenge"],
            "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }],
        });
        let mut body = key.create(&options, "https://acme.example").unwrap().sign().answer();
        body["user_handle"] = json!("b3du");
        body
    }

    /// Completes a WebAuthn enrollment. Returns the enrollment's id.
    pub(crate) async fn credential(&self, user: &str, key: &mut SecurityKey) -> String {
        let pending = self.pending_credential(user).await;
        let done = self.post(&format!("{WEBAUTHN}/{}", id(&pending)), ACME, self.made(&pending, key)).await;
        assert_eq!(done.status, 200, "{done:?}");
        id(&pending)
    }

    /// Issues a WebAuthn challenge for Alice. Returns the challenge's id and the assertion of the key.
    pub(crate) async fn assertion(&self, credential: &str, key: &mut SecurityKey) -> (String, SignedAssertion) {
        let endpoints = json!([{ "endpoint": credential, "type": "webauthn" }]);
        let spec = json!({ "challenge_type": "webauthn", "send_now": true, "challenge_endpoints": endpoints });
        let challenge = self.challenge(spec).await;
        let options = json!({ "challenge": challenge["status"]["public_challenge"], "rpId": "acme.example" });
        (id(&challenge), key.get(&options, "https://acme.example").unwrap().sign())
    }

    /// Creates a one-time-use action with these users of `acme` as actors.
    pub(crate) async fn action(&self, users: &[&str]) -> Value {
        let reply = self.post("/v1/challenges/one_time_use_actions", ACME, action_of(users)).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.json()
    }

    pub(crate) async fn answer(&self, id: &str, query: &str) -> Reply {
        self.get(&format!("/v1/challenges/{id}/answers?{query}"), NOBODY).await
    }

    pub(crate) async fn state(&self, id: &str) -> String {
        let reply = self.get(&format!("/v1/challenges/{id}"), NOBODY).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        text(&reply.json()["status"]["state"])
    }

    /// Returns the current TOTP code of a key.
    pub(crate) fn totp(&self, key: &str) -> String {
        let code = |text: &str| base32_decode(text);
        totp_rs::Builder::new()
            .with_algorithm(totp_rs::Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(30)
            .with_skew(0)
            .with_secret(code(key).as_slice())
            .build()
            .unwrap()
            .generate(self.clock.now().as_seconds())
            .to_string()
    }
}

pub(crate) fn action_of(users: &[&str]) -> Value {
    let actors: Vec<_> = users.iter().map(|user| json!({ "user_id": user, "org_id": "acme" })).collect();
    let run = |uri: &str| json!({ "challenge_action_type": "http_action", "method": "POST", "uri": uri });
    json!({ "spec": {
        "actors": actors,
        "timeout_seconds": 300,
        "approved_actions": [run("https://doors.example/open")],
        "declined_actions": [run("https://doors.example/shut")],
    }})
}

/// Returns the path and query of a link of a created action.
pub(crate) fn link(action: &Value, actor: usize, name: &str) -> String {
    let uri = text(&action["answer_details"][actor][name]);
    uri.strip_prefix("https://api.example/mfa").unwrap().to_owned()
}

pub(crate) fn id(created: &Value) -> String {
    text(&created["metadata"]["id"])
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn base32_decode(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u64);
    for byte in text.bytes() {
        held = held << 5 | alphabet.iter().position(|known| *known == byte).unwrap() as u64;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    bytes
}

#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn error_code(&self) -> String {
        text(&self.json()["error_code"])
    }
}

#[derive(Clone, Debug)]
pub(crate) struct FakeClock(Arc<AtomicU64>);

impl FakeClock {
    pub(crate) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// An observer of refusal reasons and challenge outcomes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reasons(Arc<Mutex<Vec<String>>>);

impl Reasons {
    pub(crate) fn last(&self) -> String {
        self.0.lock().unwrap().last().unwrap().clone()
    }
}

impl Observer for Reasons {
    fn observe(&self, observation: &Observation<'_>) {
        let reason = match observation {
            Observation::AnswerRefused { reason, .. } => format!("{reason:?}"),
            Observation::ChallengeMoved { outcome, .. } => format!("{outcome:?}"),
            _ => return,
        };
        self.0.lock().unwrap().push(reason);
    }
}

/// An authorizer with several kinds of callers.
#[derive(Debug)]
struct Tokens;

#[async_trait]
impl Authorizer for Tokens {
    async fn authorize(&self, bearer: &BearerToken) -> Result<Principal, AuthorizeError> {
        let user = |name: &str| Owner::in_tenant("acme", name).unwrap();
        let all = Principal::any_user_of("acme").unwrap().with_scopes(["doors:open"]);
        Ok(match bearer.expose() {
            ACME => all,
            "service" => all.with_user_id("service").unwrap(),
            "globex" => Principal::any_user_of("globex").unwrap(),
            "root" => Principal::any_user().with_every_scope(),
            name @ (ALICE | "bob") => Principal::user(user(name)).with_actions(),
            BROWSER => Principal::user(user(ALICE)),
            DOWN => return Err(AuthorizeError::unavailable("canary-issuer refused")),
            _ => return Err(AuthorizeError::Unauthorized),
        })
    }
}

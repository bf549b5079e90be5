#![allow(clippy::unwrap_used, clippy::panic)]

use challenges_core::{Answer, ChallengeSpec, ChallengeType, EnrollmentId, KeyRing};
use challenges_memory::MemoryStore;
use challenges_testkit::{Authenticator, FakeClock, administrator};
use http::header::WWW_AUTHENTICATE;
use http_body_util::BodyExt as _;

use super::*;

const MAX_AGE: Duration = Duration::from_secs(300);

struct Host {
    gate: StepUpGate,
    clock: FakeClock,
}

impl Host {
    async fn new() -> Self {
        let clock = FakeClock::default();
        clock.advance(Duration::from_secs(1_700_000_000));
        let builder = Challenges::builder(MemoryStore::new(), KeyRing::generate().unwrap());
        let challenges = builder.clock(clock.clone()).build().await.unwrap();
        Self { gate: StepUpGate::new(challenges, Purpose::new("transfer").unwrap(), MAX_AGE), clock }
    }
}

async fn pass(gate: &StepUpGate, user: &str, purpose: &str) -> Passed {
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_purpose(Purpose::new(purpose).unwrap());
    let created = gate.challenges.create(owner(user), spec).await.unwrap();
    let code = created.code.unwrap();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose());
    gate.challenges.answer(answer).await.unwrap().passed().unwrap()
}

fn owner(user: &str) -> Owner {
    Owner::user(user).unwrap()
}

/// The `Cookie` header of a browser that received this `Set-Cookie`.
fn cookie(granted: &(HeaderName, HeaderValue)) -> String {
    granted.1.to_str().unwrap().split(';').next().unwrap().to_owned()
}

/// R39: a prefetch must not use up a token that admits one request.
#[tokio::test]
async fn prefetch_is_refused_where_tokens_are_used_up() {
    let gate = Host::new().await.gate;
    let headers = |name: &'static str| {
        HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static("prefetch"))])
    };
    let once = gate.clone().once();
    for name in ["sec-purpose", "purpose", "x-purpose", "x-moz"] {
        assert_eq!(once.refuse_prefetch(&headers(name)).unwrap().status(), 400, "{name}");
        assert!(gate.refuse_prefetch(&headers(name)).is_none(), "{name}");
    }
    assert!(once.refuse_prefetch(&headers("x-other")).is_none(), "control");
}

async fn admit(gate: &StepUpGate, user: Option<&str>, carried: &[&str]) -> Result<StepUp, Response> {
    let user = user.map(owner);
    gate.admit(user.as_ref(), carried.iter().map(|value| value.as_bytes())).await
}

/// The status, headers and body of a response.
async fn seen(response: Response) -> (u16, String, String) {
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (head.status.as_u16(), format!("{:?}", head.headers), String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn granted_token_is_admitted() {
    let Host { gate, .. } = Host::new().await;
    let granted = gate.grant(&pass(&gate, "alice", "transfer").await).unwrap();
    assert_eq!((&granted.0, gate.carrier()), (&SET_COOKIE, &COOKIE));
    let cookie = cookie(&granted);
    for carried in [
        vec![cookie.as_str()],
        vec!["theme=dark", &cookie],
        vec![&format!("a=b; {cookie}; __Host-challenges_step_up_transfer2=x")],
        vec![&format!("a=b;{cookie} ")],
    ] {
        let step_up = admit(&gate, Some("alice"), &carried).await.unwrap();
        assert_eq!((step_up.owner(), step_up.purpose()), (&owner("alice"), gate.purpose()), "{carried:?}");
    }
}

/// R23: the response does not reveal the reason.
#[tokio::test]
async fn all_refused_tokens_give_one_response() {
    let Host { gate, clock } = Host::new().await;
    let granted = cookie(&gate.grant(&pass(&gate, "alice", "transfer").await).unwrap());
    let bobs = cookie(&gate.grant(&pass(&gate, "bob", "transfer").await).unwrap());
    let other = StepUpGate::new(gate.challenges.clone(), Purpose::new("view").unwrap(), MAX_AGE);
    let others = cookie(&other.grant(&pass(&gate, "alice", "view").await).unwrap());
    let token = granted.split_once('=').unwrap().1;
    let changed = format!("{granted}A");
    let unknown_key = granted.replace("=k1.", "=k9.");
    let twice = format!("{granted}; {granted}");
    let capitals = format!("__HOST-challenges_step_up_transfer={token}");
    let quoted = format!("__Host-challenges_step_up_transfer=\"{token}\"");
    let rows: [&[&str]; 15] = [
        &[],
        &[""],
        &["theme=dark"],
        &["__Host-challenges_step_up_transfer"],
        &["__Host-challenges_step_up_transfer="],
        &[token],
        &[&capitals],
        &[&quoted],
        &[&bobs],
        &[&others],
        &[&changed],
        &[&unknown_key],
        &[&twice],
        &[&granted, &granted],
        &[&granted, &bobs],
    ];
    let expected = seen(admit(&gate, Some("alice"), &[]).await.unwrap_err()).await;
    for carried in rows {
        assert_eq!(seen(admit(&gate, Some("alice"), carried).await.unwrap_err()).await, expected, "{carried:?}");
    }
    assert!(admit(&gate, Some("alice"), &[&granted]).await.is_ok(), "control");
    clock.advance(MAX_AGE + Duration::from_millis(1));
    assert_eq!(seen(admit(&gate, Some("alice"), &[&granted]).await.unwrap_err()).await, expected);
    let not_utf8 = gate.admit(Some(&owner("alice")), [b"__Host-challenges_step_up_transfer=\xff".as_slice()]).await;
    assert_eq!(seen(not_utf8.unwrap_err()).await, expected);
    assert_eq!(
        expected.2,
        r#"{"error_code":"step_up_needed","error_message":"step-up required: pass a challenge first"}"#
    );
}

#[tokio::test]
async fn step_up_hint_needs_a_signed_in_user() {
    let Host { gate, .. } = Host::new().await;
    let granted = cookie(&gate.grant(&pass(&gate, "alice", "transfer").await).unwrap());
    let refused = admit(&gate, Some("alice"), &[]).await.unwrap_err();
    assert_eq!(refused.status(), 401);
    assert_eq!(
        refused.headers()[WWW_AUTHENTICATE],
        r#"Bearer error="insufficient_user_authentication", max_age="300""#
    );
    assert_eq!(refused.headers()["cache-control"], "no-store");
    for carried in [vec![], vec![granted.as_str()]] {
        let refused = admit(&gate, None, &carried).await.unwrap_err();
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()[WWW_AUTHENTICATE]),
            (401, &"Bearer".parse().unwrap())
        );
        assert!(seen(refused).await.2.contains("signed_out"));
    }
}

/// R71: a gate admits tokens with the required evidence only, and names the requirement in the hint.
#[tokio::test]
async fn gate_requires_evidence() {
    let Host { gate, .. } = Host::new().await;
    let strict = gate.clone().requiring(Requirement::any().any_of([ChallengeType::Totp, ChallengeType::Code]));
    let granted = cookie(&strict.grant(&pass(&gate, "alice", "transfer").await).unwrap());
    assert!(admit(&strict, Some("alice"), &[&granted]).await.is_ok());
    let rows = [
        (Requirement::any().any_of([ChallengeType::Totp]), ""),
        (Requirement::any().phishing_resistant(), r#", acr_values="phr""#),
        (Requirement::aal2(), r#", acr_values="http://idmanagement.gov/ns/assurance/aal/2""#),
    ];
    for (required, hint) in rows {
        for gate in [gate.clone().requiring(required.clone()), gate.clone().requiring(required).once()] {
            let unmet = admit(&gate, Some("alice"), &[&granted]).await.unwrap_err();
            let expected = format!(r#"Bearer error="insufficient_user_authentication"{hint}, max_age="300""#);
            assert_eq!(
                (unmet.status().as_u16(), unmet.headers()[WWW_AUTHENTICATE].to_str().unwrap()),
                (401, &*expected)
            );
            let missing = admit(&gate, Some("alice"), &[]).await.unwrap_err();
            assert_eq!(seen(unmet).await, seen(missing).await, "one response");
        }
    }
    assert!(
        admit(&gate.clone().once(), Some("alice"), &[&granted]).await.is_ok(),
        "control: the token was not used up"
    );
}

/// R71: two challenges open a gate for two factors, through a gate without the requirement.
#[tokio::test]
async fn two_challenges_open_a_gate_for_two_factors() {
    let Host { gate, clock } = Host::new().await;
    let strict = gate.clone().requiring(Requirement::any().two_distinct());
    let (enrollment, app) = enroll(&gate, "alice").await;
    clock.advance(Duration::from_secs(30));
    let spec = ChallengeSpec::new(ChallengeType::Totp).unwrap().with_purpose(gate.purpose().clone());
    let id = gate.challenges.create(owner("alice"), spec).await.unwrap().challenge.id();
    let answer = Answer::allow(id, ChallengeType::Totp, app.code(gate.challenges.now()));
    let passed = gate.challenges.answer(answer).await.unwrap().passed().unwrap();
    let first = cookie(&gate.grant(&passed).unwrap());
    assert!(admit(&strict, Some("alice"), &[&first]).await.is_err());
    let earlier = admit(&gate, Some("alice"), &[&first]).await.unwrap();
    let again = pass(&gate, "alice", "transfer").await.after(&earlier).unwrap();
    let both = cookie(&strict.grant(&again).unwrap());
    assert!(admit(&strict, Some("alice"), &[&both]).await.is_err(), "a code of the host is no second factor");
    let with_password = again.with_password(gate.challenges.now());
    let both = cookie(&strict.grant(&with_password).unwrap());
    let step_up = admit(&strict, Some("alice"), &[&both]).await.unwrap();
    assert_eq!(step_up.evidence().len(), 3, "{enrollment}");
}

async fn enroll(gate: &StepUpGate, user: &str) -> (EnrollmentId, Authenticator) {
    let (enrollment, key) = gate.challenges.totp().create(owner(user), &administrator()).await.unwrap();
    let app = Authenticator::new(key.to_base32().expose()).unwrap();
    let code = app.code(gate.challenges.now()).into();
    gate.challenges.totp().confirm(&owner(user), &administrator(), enrollment.id(), &code).await.unwrap();
    (enrollment.id(), app)
}

#[tokio::test]
async fn grant_refuses_other_purposes() {
    let Host { gate, .. } = Host::new().await;
    let other = gate.grant(&pass(&gate, "alice", "view").await);
    let GrantError::OtherPurpose { passed, gate: wanted } = other.unwrap_err() else { panic!("another purpose") };
    assert_eq!((passed.as_str(), wanted.as_str()), ("view", "transfer"));
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let created = gate.challenges.create(owner("alice"), spec).await.unwrap();
    let code = created.code.unwrap();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose());
    let passed = gate.challenges.answer(answer).await.unwrap().passed().unwrap();
    assert!(matches!(gate.grant(&passed), Err(GrantError::Core(Error::Invalid(_)))), "a challenge without a purpose");
}

#[tokio::test]
async fn once_gate_admits_each_token_once() {
    let Host { gate, .. } = Host::new().await;
    let once = gate.clone().once();
    let granted = cookie(&once.grant(&pass(&gate, "alice", "transfer").await).unwrap());
    assert!(admit(&once, Some("bob"), &[&granted]).await.is_err());
    assert!(admit(&once, Some("alice"), &[&granted]).await.is_ok(), "the refused request did not use the token up");
    assert_eq!(admit(&once, Some("alice"), &[&granted]).await.unwrap_err().status(), 401);
    assert!(admit(&gate, Some("alice"), &[&granted]).await.is_ok(), "control: a gate without `once`");
}

#[tokio::test]
async fn token_can_be_in_a_header() {
    let Host { gate, .. } = Host::new().await;
    let name = HeaderName::from_static("step-up");
    let by_header = gate.clone().with_header(name.clone());
    let passed = pass(&gate, "alice", "transfer").await;
    let granted = by_header.grant(&passed).unwrap();
    assert_eq!((&granted.0, by_header.carrier()), (&name, &name));
    assert!(by_header.forget().is_none() && granted.1.is_sensitive());
    let token = granted.1.to_str().unwrap();
    assert!(admit(&by_header, Some("alice"), &[token]).await.is_ok());
    assert!(admit(&by_header, Some("alice"), &[token, token]).await.is_err());
    let cookie = cookie(&gate.grant(&passed).unwrap());
    assert!(admit(&by_header, Some("alice"), &[&cookie]).await.is_err());
}

#[tokio::test]
async fn cookie_is_bound_to_the_host() {
    let Host { gate, .. } = Host::new().await;
    let passed = pass(&gate, "alice", "transfer").await;
    let (_, value) = gate.grant(&passed).unwrap();
    assert!(value.is_sensitive() && !format!("{value:?}").contains("k1."));
    let (pair, attributes) = value.to_str().unwrap().split_once("; ").unwrap();
    assert!(pair.starts_with("__Host-challenges_step_up_transfer=k1."));
    assert_eq!(attributes, "HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=300");
    let (_, value) = gate.forget().unwrap();
    assert_eq!(value, "__Host-challenges_step_up_transfer=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0");

    let named = gate.clone().with_cookie(StepUpCookie::named("transfer").unwrap());
    assert!(cookie(&named.grant(&passed).unwrap()).starts_with("__Host-transfer=k1."));
    assert!(admit(&named, Some("alice"), &[&cookie(&gate.grant(&passed).unwrap())]).await.is_err());
    let plain = gate.danger_without_tls();
    let (_, value) = plain.grant(&passed).unwrap();
    let value = value.to_str().unwrap();
    assert!(value.starts_with("challenges_step_up_transfer=k1.") && !value.contains("Secure"));
    let of = |purpose: &str| StepUpCookie::of(&Purpose::new(purpose).unwrap()).name().to_owned();
    assert_eq!(of("a/b;c=%d"), "__Host-challenges_step_up_a%2Fb%3Bc%3D%25d");
    assert_ne!(of("transfer"), of("support"), "two purposes at the same time");
    let longest = "a".repeat(65);
    for name in ["", "a b", "a;b", "a=b", "\u{e4}", "__Host-a", "__a", longest.as_str()] {
        assert_eq!(StepUpCookie::named(name).unwrap_err(), InvalidCookieName, "{name:?}");
    }
}

#[tokio::test]
async fn max_age_is_rounded_and_capped() {
    let Host { gate, .. } = Host::new().await;
    let age = |asked| StepUpGate::new(gate.challenges.clone(), gate.purpose().clone(), asked).max_age();
    assert_eq!(age(Duration::from_millis(1_999)), Duration::from_secs(1));
    assert_eq!(age(Duration::MAX), StepUps::LONGEST_AGE);
    let within = |millis| gate.clone().requiring(Duration::from_millis(millis).into()).max_age();
    assert_eq!(within(1_999), Duration::from_secs(1));
    assert_eq!(within(400_000), MAX_AGE, "the shortest counts");
}

/// R67: only purposes that the gate names open the gate.
#[tokio::test]
async fn further_purpose_opens_the_gate_within_its_terms() {
    let Host { gate, clock } = Host::new().await;
    let login = Purpose::new("login").unwrap();
    let open = gate.clone().also_accepts(login.clone());
    assert!(open.accepts(&login) && open.accepts(open.purpose()) && !gate.accepts(&login));
    let passed = pass(&gate, "alice", "login").await;
    assert!(gate.grant(&passed).is_err(), "control");
    let cookie = cookie(&open.grant(&passed).unwrap());
    assert_eq!(admit(&open, Some("alice"), &[&cookie]).await.unwrap().purpose(), &login);
    assert_eq!(admit(&gate, Some("alice"), &[&cookie]).await.unwrap_err().status(), 401);
    assert_eq!(admit(&open, Some("bob"), &[&cookie]).await.unwrap_err().status(), 401);
    let once = open.clone().once();
    assert!(admit(&once, Some("alice"), &[&cookie]).await.is_ok());
    assert_eq!(admit(&once, Some("alice"), &[&cookie]).await.unwrap_err().status(), 401);
    clock.advance(MAX_AGE + Duration::from_millis(1));
    assert_eq!(admit(&open, Some("alice"), &[&cookie]).await.unwrap_err().status(), 401);
    assert!(open.grant(&pass(&gate, "alice", "other").await).is_err());
}

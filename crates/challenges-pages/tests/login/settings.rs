use std::time::Duration;

use challenges_core::{ChallengeType, Challenges, Purpose};
use challenges_http::StepUpGate;
use challenges_memory::MemoryStore;
use challenges_pages::{Pages, PagesError};
use challenges_testkit::key_ring;
use challenges_webauthn::Webauthn;

use crate::browser::{Host, ORIGIN};
use crate::pseudo;

#[tokio::test]
async fn wrong_settings_are_named() {
    let host = Host::new().await;
    let build = |origin: &str| Pages::builder(host.challenges.clone(), origin);
    for origin in ["", "app.example", "https://app.example/", "https://app.example/mfa", "ftp://app.example"] {
        assert_eq!(build(origin).build().unwrap_err(), PagesError::Origin(origin.to_owned()));
    }
    for prefix in ["mfa", "/", "/mfa/", "//mfa", "/a//b", "/..", "/a/./b", "/{id}", "/a b", "/ä", "/a?b", "/*"] {
        assert_eq!(build(ORIGIN).prefix(prefix).build().unwrap_err(), PagesError::Prefix(prefix.to_owned()));
    }
    for prefix in ["", "/mfa", "/a/b-c_d.e~f"] {
        assert_eq!(build(ORIGIN).prefix(prefix).build().unwrap().prefix(), prefix);
    }
    for name in ["", "a:b", "a\nb", &"x".repeat(65)] {
        assert_eq!(build(ORIGIN).name(name).build().unwrap_err(), PagesError::Name(name.to_owned()));
    }
    for name in ["", "a b", "a&b", "a=b", "ä"] {
        let refused = build(ORIGIN).sign_in_parameter(name).build().unwrap_err();
        assert_eq!(refused, PagesError::Parameter(name.to_owned()));
    }
    for path in ["login", "//evil.example", "/\\evil.example", "https://evil.example", "/a?b", "/a#b", "/a b", ""] {
        let refused = [build(ORIGIN).sign_in(path), build(ORIGIN).after_login(path)];
        for (builder, setting) in refused.into_iter().zip(["sign_in", "after_login"]) {
            let error = builder.build().unwrap_err();
            assert_eq!(error, PagesError::Path { setting, path: path.to_owned() });
            assert!(error.to_string().contains(setting));
        }
    }
}

#[tokio::test]
async fn gate_has_a_cookie_that_browsers_store() {
    let challenges = Challenges::builder(MemoryStore::new(), key_ring()).build().await.unwrap();
    let purpose = Purpose::new("a").unwrap();
    let gate = StepUpGate::new(challenges.clone(), purpose.clone(), Duration::from_secs(60));
    let build =
        |origin: &str, gate: &StepUpGate| Pages::builder(challenges.clone(), origin).step_up(gate.clone()).build();
    for (origin, stores) in [
        (ORIGIN, true),
        ("http://localhost:3000", true),
        ("http://app.localhost", true),
        ("http://app.test:3000", false),
        ("http://127.0.0.1:3000", false),
        ("http://notlocalhost", false),
    ] {
        let refused = PagesError::GateNeedsTls { purpose: purpose.clone(), origin: origin.parse().unwrap() };
        assert_eq!(build(origin, &gate).err(), (!stores).then_some(refused), "{origin}");
        assert!(build(origin, &gate.clone().danger_without_tls()).is_ok(), "{origin}");
    }
}

#[tokio::test]
async fn passkeys_are_accepted_at_the_origin() {
    let error = async |webauthn: Webauthn, origin: &str, offers: &[ChallengeType]| {
        let challenges = Challenges::builder(MemoryStore::new(), key_ring()).webauthn(webauthn).build().await.unwrap();
        Pages::builder(challenges, origin).offers(offers.iter().copied()).build().err()
    };
    let offers = [ChallengeType::Totp, ChallengeType::Webauthn];
    let local = "http://localhost:3000";
    let refused = error(Webauthn::new(), local, &offers).await.unwrap();
    let (relying_party, origin) = ("localhost".parse().unwrap(), local.parse().unwrap());
    assert_eq!(refused, PagesError::PasskeyOrigin { relying_party, origin });
    assert!(refused.to_string().contains("Webauthn::for_origin(\"http://localhost:3000\")"));
    assert_eq!(error(Webauthn::new(), local, &offers[..1]).await, None, "no passkeys offered");
    assert_eq!(error(Webauthn::new(), "http://127.0.0.1:3000", &offers).await, None, "no passkeys at an address");
    assert_eq!(error(Webauthn::for_origin(local).unwrap(), local, &offers).await, None);
    assert_eq!(error(Webauthn::new(), "https://app.example", &offers).await, None);
}

#[tokio::test]
async fn each_purpose_has_one_gate() {
    let host = Host::new().await;
    let gate = |purpose: &str| {
        StepUpGate::new(host.challenges.clone(), Purpose::new(purpose).unwrap(), Duration::from_secs(60))
    };
    let build = |gates: &[&str]| {
        let builder = Pages::builder(host.challenges.clone(), ORIGIN);
        gates.iter().fold(builder, |builder, purpose| builder.step_up(gate(purpose))).build()
    };
    assert_eq!(build(&["a", "b", "a"]).unwrap_err(), PagesError::TwoGates(Purpose::new("a").unwrap()));
    assert_eq!(build(&["login"]).unwrap_err(), PagesError::LoginGate);
    assert!(build(&["a", "b", "manage-factors"]).is_ok());
    let login = Pages::login_purpose().unwrap();
    let once = gate("a").once();
    for (gate, works) in [(once.clone().also_accepts(login), false), (once, true)] {
        let built = Pages::builder(host.challenges.clone(), ORIGIN).step_up(gate).build();
        assert_eq!(built.err(), (!works).then(|| PagesError::OnceAfterLogin(Purpose::new("a").unwrap())));
    }
    let manage = gate("manage-factors");
    let further = manage.clone().also_accepts(Pages::login_purpose().unwrap());
    for gate in [manage.once(), further] {
        let built = Pages::builder(host.challenges.clone(), ORIGIN).step_up(gate).build();
        assert_eq!(built.unwrap_err(), PagesError::ManageGate);
    }
}

/// R77: only named origins are added to the policy, and to the targets of forms only.
#[tokio::test]
async fn forms_may_lead_to_named_origins() {
    let mut host = Host::new().await;
    let policy = async |host: &Host| {
        let reply = host.browser().get("/mfa/factor").await;
        reply.headers["content-security-policy"].to_str().unwrap().to_owned()
    };
    let before = policy(&host).await;
    let client = "https://client.example:8443".parse().unwrap();
    let pages = Pages::builder(host.challenges.clone(), ORIGIN).catalogue(pseudo::catalogue());
    host.pages = pages.redirects_to([client]).build().unwrap();
    let expected = before.replace("form-action 'self'", "form-action 'self' https://client.example:8443");
    assert_ne!(before, expected);
    assert_eq!(policy(&host).await, expected);
}

use challenges_core::Origin;
use challenges_core::webauthn::{Ceremonies as _, Rejected};
use challenges_testkit::webauthn::SecurityKey;
use challenges_webauthn::{Webauthn, WebauthnError};

use crate::ceremony::{Ceremony, ORIGIN, relying_party};

fn origin(text: &str) -> Origin {
    text.parse().unwrap()
}

#[test]
fn relying_party_defaults_to_its_https_origin() {
    let other = "example.net".parse().unwrap();
    let configured = || Webauthn::builder().relying_party(other, [origin("https://login.example.net:8443")]);
    let builders = [Webauthn::builder(), configured(), Webauthn::builder().display_name(relying_party(), "Example")];
    for builder in builders {
        assert_eq!(builder.build().unwrap().origins(&relying_party()), [origin(ORIGIN)]);
    }
    assert_eq!(Webauthn::new().origins(&relying_party()), [origin(ORIGIN)]);
}

#[test]
fn configured_relying_party_accepts_only_its_origins() {
    let both = [origin("https://login.example.org"), origin("https://a.b.example.org:8443")];
    let webauthn = Webauthn::builder()
        .relying_party(relying_party(), [both[0].clone()])
        .relying_party(relying_party(), [both[1].clone()])
        .build()
        .unwrap();
    assert_eq!(webauthn.origins(&relying_party()), both);
    let ceremony = Ceremony::any(&webauthn);
    let mut draft = ceremony.create(&mut SecurityKey::new(1));
    assert_eq!(ceremony.register_signed(&draft.sign()), Err(Rejected::Origin));
    draft.client_data.set("origin", both[1].as_str());
    assert!(ceremony.register_signed(&draft.sign()).is_ok());
}

#[test]
fn only_configured_relying_parties_can_be_served() {
    let webauthn = Webauthn::builder().display_name(relying_party(), "Example").only_configured().build().unwrap();
    assert_eq!(webauthn.origins(&relying_party()), [origin(ORIGIN)]);
    assert!(webauthn.origins(&"example.net".parse().unwrap()).is_empty());
    assert!(webauthn.origins(&"login.example.org".parse().unwrap()).is_empty());
    assert_eq!(Webauthn::builder().only_configured().build().err(), Some(WebauthnError::NoRelyingParties));
}

#[test]
fn localhost_may_use_http() {
    let localhost = "localhost".parse().unwrap();
    let webauthn = Webauthn::builder().relying_party(localhost, [origin("http://localhost:8080")]).build().unwrap();
    assert_eq!(webauthn.origins(&"localhost".parse().unwrap()), [origin("http://localhost:8080")]);
}

#[test]
fn relying_party_of_an_origin_is_its_host() {
    for (text, host) in [("https://app.example.org", "app.example.org"), ("http://localhost:3000", "localhost")] {
        let webauthn = Webauthn::for_origin(text).unwrap();
        assert_eq!(webauthn.origins(&host.parse().unwrap()), [origin(text)]);
    }
    for text in ["", "app.example.org", "https://app.example.org/", "https://127.0.0.1", "http://[::1]:3000"] {
        assert_eq!(Webauthn::for_origin(text).err(), Some(WebauthnError::Origin(text.to_owned())), "{text}");
    }
    let insecure = WebauthnError::InsecureOrigin(origin("http://example.org"));
    assert_eq!(Webauthn::for_origin("http://example.org").err(), Some(insecure));
}

#[test]
fn insecure_and_foreign_origins_are_rejected() {
    let build = |text: &str| Webauthn::builder().relying_party(relying_party(), [origin(text)]).build().err();
    for text in ["http://example.org", "http://login.example.org:8080"] {
        assert_eq!(build(text), Some(WebauthnError::InsecureOrigin(origin(text))), "{text}");
    }
    let foreign = [
        "https://example.com",
        "https://badexample.org",
        "https://example.org.example.com",
        "https://org",
        "https://127.0.0.1",
        "https://[::1]",
        "http://localhost",
    ];
    for text in foreign {
        assert_eq!(build(text), Some(WebauthnError::ForeignOrigin(origin(text), relying_party())), "{text}");
    }
    let none = Webauthn::builder().relying_party(relying_party(), []).build().err();
    assert_eq!(none, Some(WebauthnError::NoOrigins(relying_party())));
    let insecure = Webauthn::builder().top_origins(relying_party(), [origin("http://example.com")]).build().err();
    assert_eq!(insecure, Some(WebauthnError::InsecureOrigin(origin("http://example.com"))));
}

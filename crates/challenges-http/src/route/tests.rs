#![allow(clippy::unwrap_used)]

use challenges_core::ChallengeType;

use super::*;

#[test]
fn paths_map_to_resources() {
    let id = |text: &str| Some(text.to_owned());
    let found = [
        ("/v1/challenges", Resource::Challenges, None),
        ("/v1/challenges/one_time_use_actions", Resource::OneTimeUseActions, None),
        ("/v1/challenges/one_time_use_actions/answers", Resource::Answers, id("one_time_use_actions")),
        ("/v1/challenges/abc", Resource::Challenge, id("abc")),
        ("/v1/challenges/%61b%2Fc", Resource::Challenge, id("ab/c")),
        ("/v1/challenges/abc/answers", Resource::Answers, id("abc")),
        ("/v1/challenge_enrollment/totp", Resource::TotpEnrollments, None),
        ("/v1/challenge_enrollment/totp/abc", Resource::TotpEnrollment, id("abc")),
        ("/v1/challenge_enrollment/webauthn", Resource::WebauthnEnrollments, None),
        ("/v1/challenge_enrollment/webauthn/abc", Resource::WebauthnEnrollment, id("abc")),
        ("/v1/challenge_enrollment/trusted_devices", Resource::TrustedDevices, None),
        ("/v1/challenge_enrollment/trusted_devices/abc", Resource::TrustedDevice, id("abc")),
    ];
    for (path, resource, id) in found {
        assert_eq!(Resource::find(path), Some((resource, id)), "{path}");
    }
}

#[test]
fn unknown_paths_map_to_nothing() {
    let nowhere = [
        "",
        "/",
        "*",
        "/v1",
        "/v1/",
        "/v1/challenges/",
        "/v1/challenges//answers",
        "/v1/challenges/abc/",
        "/v1/challenges/abc/answers/",
        "/v1/challenges/abc/answers/x",
        "/v1/challenges/abc/other",
        "/v2/challenges",
        "/V1/challenges",
        "//v1/challenges",
        "/v1/challenge_enrollment",
        "/v1/challenge_enrollment/sms",
        "/v1/challenge_enrollment/totp/a/b",
    ];
    for path in nowhere {
        assert_eq!(Resource::find(path), None, "{path}");
    }
}

#[test]
fn every_route_is_found_and_allowed() {
    for route in &ROUTES {
        let found = Route::find(route.resource, &route.method).unwrap();
        assert_eq!(found.operation, route.operation);
        assert!(route.resource.allow().split(", ").any(|method| method == route.method.as_str()));
    }
    assert_eq!(Resource::Challenge.allow(), "GET, PUT, DELETE");
    assert!(ROUTES.iter().all(|route| route.method != Method::HEAD));
}

/// A type of enrollment without routes fails here: the compiler asks for none.
#[test]
fn every_type_of_enrollment_has_routes() {
    for kind in ChallengeType::ALL {
        let has_routes = Resource::find(&format!("/v1/challenge_enrollment/{kind}")).is_some();
        // The host registers addresses and recovery codes, and a code needs none.
        let is_of_the_host = matches!(
            kind,
            ChallengeType::Sms
                | ChallengeType::WebPush
                | ChallengeType::Email
                | ChallengeType::RecoveryCode
                | ChallengeType::Code
        );
        assert_eq!(has_routes, !is_of_the_host, "{kind}");
    }
}

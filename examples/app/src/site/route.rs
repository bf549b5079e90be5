use challenges_core::{ChallengeId, EndpointId, EnrollmentId};
use http::Method;

use crate::asset::Asset;

/// A route of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Home,
    Answer,
    Asset(Asset),
    SignIn,
    SignOut,
    /// The current enrollments and challenges of the user.
    State,
    Enrollments,
    Enrollment(EnrollmentId),
    Passkeys,
    Passkey(EnrollmentId),
    StepUps,
    StepUp(ChallengeId),
    /// The answer to a step-up by passkey.
    StepUpByPasskey(ChallengeId),
    Approvals,
    Phones,
    /// The public VAPID key, and push subscriptions.
    Push,
    /// A phone number or a browser.
    Endpoint(EndpointId),
    /// Approvals by message.
    Messages,
    /// The JWK set of action tokens.
    KeySet,
    /// The health check for load balancers.
    Health,
}

impl Route {
    /// Returns the route of a path and its methods. GET includes HEAD.
    pub(super) fn of(path: &str) -> Option<(Self, &'static [Method])> {
        const GET: &[Method] = &[Method::GET];
        const POST: &[Method] = &[Method::POST];
        let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        Some(match segments.as_slice() {
            [""] => (Self::Home, GET),
            ["answer"] => (Self::Answer, GET),
            // At the root, because a service worker controls only pages below its own path.
            [name @ "service-worker.js"] | ["static", name] => (Self::Asset(Asset::named(name)?), GET),
            ["demo", "sign-in"] => (Self::SignIn, POST),
            ["demo", "sign-out"] => (Self::SignOut, POST),
            ["demo", "state"] => (Self::State, GET),
            ["demo", "enrollments"] => (Self::Enrollments, POST),
            ["demo", "enrollments", id] => (Self::Enrollment(id.parse().ok()?), &[Method::POST, Method::DELETE]),
            ["demo", "passkeys"] => (Self::Passkeys, POST),
            ["demo", "passkeys", id] => (Self::Passkey(id.parse().ok()?), &[Method::POST, Method::PUT, Method::DELETE]),
            ["demo", "step-ups"] => (Self::StepUps, POST),
            ["demo", "step-ups", id] => (Self::StepUp(id.parse().ok()?), POST),
            ["demo", "step-ups", id, "passkey"] => {
                (Self::StepUpByPasskey(id.parse().ok()?), &[Method::GET, Method::POST])
            }
            ["demo", "approvals"] => (Self::Approvals, POST),
            ["demo", "phones"] => (Self::Phones, POST),
            ["demo", "push"] => (Self::Push, &[Method::GET, Method::POST, Method::DELETE]),
            ["demo", "endpoints", id] => (Self::Endpoint(id.parse().ok()?), &[Method::POST, Method::DELETE]),
            ["demo", "messages"] => (Self::Messages, POST),
            [".well-known", "jwks.json"] => (Self::KeySet, GET),
            ["health"] => (Self::Health, GET),
            _ => return None,
        })
    }

    /// Returns `true` if the response is for a person and not for a script.
    pub(super) const fn is_page(self) -> bool {
        matches!(self, Self::Home | Self::Answer | Self::Asset(_))
    }
}

use challenges_core::{ChallengeId, EndpointId, EnrollmentId};
use http::Method;

use crate::asset::Asset;

/// What a path means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Home,
    Answer,
    Asset(Asset),
    SignIn,
    SignOut,
    /// The user's enrollments and challenges as they stand.
    State,
    Enrollments,
    Enrollment(EnrollmentId),
    Passkeys,
    Passkey(EnrollmentId),
    StepUps,
    StepUp(ChallengeId),
    /// A step-up, answered by a passkey.
    StepUpByPasskey(ChallengeId),
    Approvals,
    Phones,
    /// The key to subscribe with, and subscriptions.
    Push,
    /// A phone number or a browser.
    Endpoint(EndpointId),
    /// Approvals that are asked for by message.
    Messages,
    /// What the tokens of actions are verified with.
    KeySet,
}

impl Route {
    /// The route of a path and the methods that it takes; one that takes GET takes HEAD.
    pub(super) fn of(path: &str) -> Option<(Self, &'static [Method])> {
        const GET: &[Method] = &[Method::GET];
        const POST: &[Method] = &[Method::POST];
        let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        Some(match segments.as_slice() {
            [""] => (Self::Home, GET),
            ["answer"] => (Self::Answer, GET),
            // A service worker serves what is below its own address.
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
            ["demo", "push"] => (Self::Push, &[Method::GET, Method::POST]),
            ["demo", "endpoints", id] => (Self::Endpoint(id.parse().ok()?), &[Method::POST, Method::DELETE]),
            ["demo", "messages"] => (Self::Messages, POST),
            [".well-known", "jwks.json"] => (Self::KeySet, GET),
            _ => return None,
        })
    }

    /// Whether a person looks at the response, rather than a script.
    pub(super) const fn is_page(self) -> bool {
        matches!(self, Self::Home | Self::Answer | Self::Asset(_))
    }
}

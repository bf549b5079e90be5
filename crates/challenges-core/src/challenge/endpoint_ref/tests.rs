#![allow(clippy::unwrap_used)]

use super::EndpointRef;
use crate::challenge_type::ChallengeType;
use crate::id::{EndpointId, EnrollmentId, Id};
use crate::stored_factor::StoredFactor;

/// The match asks for a constructor of each factor that a challenge can name.
#[test]
fn every_stored_factor_can_be_named() {
    let id: Id = format!("{:0>40}", "1").parse().unwrap();
    for factor in StoredFactor::all() {
        let (named, kind) = match factor {
            StoredFactor::Totp => (EndpointRef::totp(EnrollmentId(id)), Some(ChallengeType::Totp)),
            StoredFactor::Webauthn => (EndpointRef::webauthn(EnrollmentId(id)), Some(ChallengeType::Webauthn)),
            StoredFactor::Endpoint => (EndpointRef::endpoint(EndpointId(id)), None),
            // A user has one set of codes, which is never named.
            StoredFactor::RecoveryCodes => continue,
        };
        assert_eq!((named.id(), named.kind()), (Some(id), kind));
    }
}

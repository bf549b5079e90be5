use challenges_core::webauthn::WebauthnEnrollmentSpec;
use challenges_core::{Answer, ChallengeSpec, ChallengeType, EndpointRef};
use challenges_testkit::administrator;
use challenges_testkit::webauthn::SecurityKey;

use super::Job;
use crate::host::{Host, user};

const ORIGIN: &str = "https://example.org";

/// Enrolls a user's security key, and returns the call that answers a challenge with an assertion.
pub(super) async fn enroll(host: &Host, number: usize) -> Job {
    let (challenges, owner) = (&host.challenges, user(number));
    let mut key = SecurityKey::new(number as u64 + 1);
    let spec = WebauthnEnrollmentSpec::new("example.org".parse().unwrap());
    let enrollment = challenges.webauthn().create(owner.clone(), &administrator(), spec).await.unwrap().id();
    let options = challenges.webauthn().creation_options(&owner, enrollment, "ada").await.unwrap();
    let response = key.create(&options, ORIGIN).unwrap().sign().core_response().unwrap();
    challenges.webauthn().confirm(&owner, &administrator(), enrollment, &response).await.unwrap();
    let spec =
        ChallengeSpec::new(ChallengeType::Webauthn).unwrap().with_endpoints(vec![EndpointRef::webauthn(enrollment)]);
    let id = challenges.create(owner, spec).await.unwrap().challenge.id();
    let options = challenges.webauthn().request_options(id).await.unwrap();
    let assertion = key.get(&options, ORIGIN).unwrap().sign().answer();
    Job::Answer(Answer::allow(id, ChallengeType::Webauthn, assertion))
}

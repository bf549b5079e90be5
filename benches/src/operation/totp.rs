use std::time::Duration;

use challenges_core::time::Clock as _;
use challenges_core::{Answer, ChallengeSpec, ChallengeType};
use challenges_testkit::{Authenticator, administrator};

use super::Job;
use crate::host::{Host, user};

const STEP: Duration = Duration::from_secs(30);

/// Enrolls a user's authenticator, and returns the call that answers a challenge with the right code.
///
/// The code is for the next time step, because the enrollment used the code of the current step. The policy accepts both.
pub(super) async fn enroll(host: &Host, number: usize) -> Job {
    let Host { challenges, clock } = host;
    let (enrollment, used, next) = loop {
        let (enrollment, key) = challenges.totp().create(user(number), &administrator()).await.unwrap();
        let app = Authenticator::new(key.to_base32().expose()).unwrap();
        let (used, next) = (app.code(clock.now()), app.code(clock.now().after(STEP)));
        // One key in a million has the same code twice, and a used code is refused.
        if used != next {
            break (enrollment.id(), used, next);
        }
    };
    challenges.totp().confirm(&user(number), &administrator(), enrollment, &used.as_str().into()).await.unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Totp).unwrap();
    let id = challenges.create(user(number), spec).await.unwrap().challenge.id();
    Job::Answer(Answer::allow(id, ChallengeType::Totp, next))
}

use std::time::Duration;

use challenges_core::time::Clock as _;
use challenges_core::{Answer, ChallengeSpec, ChallengeType};
use challenges_testkit::{Authenticator, administrator};

use super::Job;
use crate::host::{Host, ShiftedClock, user};

const STEP: Duration = Duration::from_secs(30);

/// Enrolls a user's authenticator, and returns the call that answers a challenge with the right code.
///
/// The code is for the next time step, because the enrollment used the code of the current step. The policy accepts both.
pub(super) async fn enroll(host: &Host, number: usize) -> Job {
    let Host { challenges, clock } = host;
    let created = challenges.totp().create(user(number), &administrator()).await.unwrap();
    let app = Authenticator::new(created.key.to_base32().expose()).unwrap();
    let code = code(&app, clock, Duration::ZERO);
    challenges
        .totp()
        .confirm(&user(number), &administrator(), created.enrollment.id(), &code.as_str().into())
        .await
        .unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Totp).unwrap();
    let id = challenges.create(user(number), spec).await.unwrap().challenge.id();
    Job::Answer(Answer::allow(id, ChallengeType::Totp, self::code(&app, clock, STEP)))
}

fn code(app: &Authenticator, clock: &ShiftedClock, later: Duration) -> String {
    app.code(clock.now().after(later))
}

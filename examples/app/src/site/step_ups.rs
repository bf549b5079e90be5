//! Step-ups: one challenge for all second factors of the user. Any of the factors answers the challenge.

use challenges_core::step_up::Evidence;
use challenges_core::totp::TotpEnrollment;
use challenges_core::webauthn::WebauthnEnrollment;
use challenges_core::{Answer, ChallengeId, ChallengeSpec, ChallengeType, EndpointRef, Owner, Purpose, Secret, State};
use http::StatusCode;
use serde::Serialize;

use super::Site;
use super::actions::AT_ONCE;
use super::reply::Reply;
use crate::problem::Problem;

#[derive(Serialize)]
struct NewStepUp {
    id: String,
    issued: bool,
    message: &'static str,
}

impl Site {
    pub(super) async fn start_step_up(&self, user: Owner) -> Result<Reply, Problem> {
        let apps = self.challenges.totp().list(&user, None, AT_ONCE).await?;
        let has_app = apps.iter().any(TotpEnrollment::is_completed);
        let mut passkeys = self.passkeys(&user).await?;
        passkeys.retain(WebauthnEnrollment::is_completed);
        let (types, message) = match (has_app, passkeys.is_empty()) {
            (true, true) => (vec![ChallengeType::Totp], "Enter the current code of your authenticator app."),
            (false, false) => (vec![ChallengeType::Webauthn], "Use your passkey or security key."),
            (true, false) => (
                vec![ChallengeType::Totp, ChallengeType::Webauthn],
                "Enter the current code of your authenticator app, or use your passkey or security key.",
            ),
            (false, true) => (
                vec![ChallengeType::Totp],
                "You have no second factor yet. Add one first, then start the step-up again.",
            ),
        };
        let named = passkeys.iter().map(|passkey| EndpointRef::webauthn(passkey.id()));
        let spec = ChallengeSpec::new(types)?.with_purpose(Purpose::manage_factors());
        let created = self.challenges.create(user, spec.with_endpoints(named.collect())).await?;
        let issued = created.challenge.state() == State::Issued;
        let step_up = NewStepUp { id: created.challenge.id().to_string(), issued, message };
        Ok(Reply::json(StatusCode::CREATED, &step_up))
    }

    pub(super) async fn answer_step_up(&self, user: &Owner, id: ChallengeId, code: Secret) -> Result<Reply, Problem> {
        self.answer(user, Answer::allow(id, ChallengeType::Totp, code)).await
    }

    /// Returns the request options for the browser.
    pub(super) async fn request_options(&self, user: &Owner, id: ChallengeId) -> Result<Reply, Problem> {
        if self.challenges.get(id).await?.owner() != user {
            return Err(Problem::Gone);
        }
        Ok(Reply::json(StatusCode::OK, &self.challenges.webauthn().request_options(id).await?))
    }

    pub(super) async fn answer_step_up_by_passkey(
        &self,
        user: &Owner,
        id: ChallengeId,
        credential: &str,
    ) -> Result<Reply, Problem> {
        let answered = self.answer(user, Answer::allow(id, ChallengeType::Webauthn, credential)).await;
        answered.map_err(|problem| match problem {
            Problem::AnswerRefused => Problem::AssertionRefused,
            problem => problem,
        })
    }

    async fn answer(&self, user: &Owner, answer: Answer) -> Result<Reply, Problem> {
        // The id comes from the request. `by_owner` refuses challenges of other users.
        let decision = self.challenges.answer(answer.by_owner(user)).await?;
        let passed = decision.passed().ok_or(Problem::AnswerRefused)?;
        let told = match passed.credential().map(Evidence::is_user_verified) {
            None => "Passed: the code is right. Your application would continue here.",
            Some(true) => "Passed: your passkey verified your identity. That is two factors in one.",
            Some(false) => "Passed: your key did not verify your identity. That is one factor.",
        };
        Ok(Reply::done(told).with_cookie(self.step_up_cookie(&passed)?))
    }
}

use challenges_core::{Answer, ChallengeId, ChallengeType, Decision, Error};
use http::StatusCode;
use serde_json::value::RawValue;

use crate::api::Api;
use crate::call::Call;
use crate::fault::Fault;
use crate::response::{self, Response};
use crate::wire::{AnswerSubmission, ChallengeAnswer, ChallengeAnswerSpec, ONE_TIME_USE_ACTION};

impl Api {
    pub(crate) async fn answer_by_query(&self, call: &Call) -> Result<Response, Fault> {
        let id = call.id()?;
        let query = &call.query;
        let submission = AnswerSubmission {
            challenge_answer: query.require("challenge_answer")?.to_owned(),
            // Required, so that a link without `allowed` decides nothing.
            allowed: query.require_bool("allowed")?,
            challenge_type: query.require("challenge_type")?.to_owned(),
            challenge_uid: query.find_even_empty("challenge_uid").map(str::to_owned),
            number_match: query.find("number_match").map(str::to_owned),
        };
        let kind = submission.challenge_type.as_str();
        let is_for_a_page = self.links().lead_to_a_page() && kind == ONE_TIME_USE_ACTION;
        if is_for_a_page || kind == ChallengeType::Email.as_str() {
            // A scanner that follows a link must not decide. The response is the same as for any refused answer.
            let refused = self.challenges().answer(Answer::of_unknown_type(id)).await.err();
            return Err(refused.unwrap_or(Error::AnswerRefused).into());
        }
        self.answer(id, submission).await
    }

    pub(crate) async fn answer_by_body(&self, call: &Call) -> Result<Response, Fault> {
        self.answer(call.id()?, call.json()?).await
    }

    async fn answer(&self, id: ChallengeId, submission: AnswerSubmission) -> Result<Response, Fault> {
        let given = submission.challenge_answer;
        let kind = submission.challenge_type.as_str();
        let parsed = kind.parse::<ChallengeType>();
        let answer = match (parsed, submission.allowed) {
            (Ok(kind), _) if !self.admits(kind) => Answer::of_unknown_type(id),
            (Ok(kind), true) => Answer::allow(id, kind, given.as_str()),
            (Ok(kind), false) => Answer::decline(id, kind, given.as_str()),
            (Err(_), true) if kind == ONE_TIME_USE_ACTION => Answer::approve_action(id, given.as_str()),
            (Err(_), false) if kind == ONE_TIME_USE_ACTION => Answer::decline_action(id, given.as_str()),
            (Err(_), _) => Answer::of_unknown_type(id),
        };
        let answer = match submission.challenge_uid {
            Some(user_id) => answer.by_user(user_id),
            None => answer,
        };
        let answer = match submission.number_match {
            Some(number) => answer.with_number(number),
            None => answer,
        };
        let answer_data = match self.challenges().answer(answer).await? {
            Decision::Passed(passed) => passed.answer_data().map(|data| data.parse::<Box<RawValue>>()).transpose(),
            Decision::Declined(_) => Ok(None),
        };
        let answer_data = answer_data.map_err(|_| Fault::Broken)?;
        let spec = ChallengeAnswerSpec { answer: given, challenge_id: id.to_string(), answer_data };
        response::json(StatusCode::OK, &ChallengeAnswer { spec })
    }
}

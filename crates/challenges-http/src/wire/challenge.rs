use challenges_core::{
    self as core, Challenge as Stored, ChallengeType, ChallengeTypes, EndpointRef, Invalid, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use super::direction::{read_only, write_only};
use super::metadata::date_time;
use super::optional::optional;
use super::{MetadataWithId, ONE_TIME_USE_ACTION, Seconds};
use crate::fault::Fault;

/// A request to a user to prove possession of a second factor.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct Challenge {
    #[serde(default, deserialize_with = "read_only", skip_serializing_if = "Option::is_none")]
    #[schema(read_only)]
    metadata: Option<MetadataWithId>,
    pub(crate) spec: ChallengeSpec,
    #[serde(default, deserialize_with = "read_only", skip_serializing_if = "Option::is_none")]
    #[schema(read_only)]
    pub(crate) status: Option<ChallengeStatus>,
}

/// The properties set by the creator of a challenge. A replacement without a bearer token changes only send_now,
/// timeout_seconds, origin and challenge_endpoints; the other properties keep the stored value.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ChallengeSpec {
    /// The challenged user. A replacement cannot change the user.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[schema(required)]
    pub(crate) user_id: Option<String>,
    /// An accepted answer type: sms, web_push, totp, webauthn or code, and recovery_code and email where the
    /// service admits them.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    challenge_type: Option<String>,
    /// Further accepted answer types. An answer names challenge_type or one of these.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    challenge_types: Option<Vec<String>>,
    /// true to issue the challenge now. Otherwise the challenge is pending until a replacement sets send_now.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[schema(default = false)]
    send_now: Option<bool>,
    /// The time to answer in seconds, from creation. Default 600.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32, minimum = 1, maximum = 86_400)]
    timeout_seconds: Option<Seconds>,
    /// The URI of the page where the user answers. Links add query parameters to this URI.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    response_uri: Option<String>,
    /// The origin that starts the challenge. For webauthn, the expected origin in the client data.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    /// The endpoints and enrollments to challenge. If any is named for a type, only those can answer.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    challenge_endpoints: Option<Vec<ChallengeEndpoint>>,
    /// Data returned once, with the accepted answer, and in no other response.
    #[serde(default, skip_serializing_if = "write_only")]
    #[schema(schema_with = write_only_object, required = false)]
    answer_data: Option<Box<RawValue>>,
    /// true to require number matching: approving by the link of a message then needs the number in
    /// status.number_match.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    #[schema(default = false)]
    number_match: Option<bool>,
}

/// A reference to a phone number, e-mail address, push subscription or enrollment by id, or to all of one type.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ChallengeEndpoint {
    /// The id of the endpoint or enrollment.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
    /// The challenge type of the endpoint or enrollment.
    #[serde(default, deserialize_with = "optional", rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
}

/// The status of a challenge.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChallengeStatus {
    /// pending, issued, challenge_failed, challenge_passed, challenge_declined or timed_out.
    state: &'static str,
    /// The challenge for the authenticator to sign, in unpadded base64url. Type webauthn only.
    #[serde(skip_serializing_if = "Option::is_none")]
    public_challenge: Option<String>,
    /// The code to pass on to the user. Type code only, and only in the response to the creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9a-zA-Z]{1,40}$")]
    pub(crate) code: Option<String>,
    /// The number for number matching. Show it where the challenge was started. Only in the response to the creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9]{2}$")]
    pub(crate) number_match: Option<String>,
    /// The time of the right answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    answered_at: Option<String>,
}

impl Challenge {
    /// Returns the public form of a stored challenge, for anybody with the id.
    pub(crate) fn public(stored: &Stored, now: Timestamp) -> Self {
        Self {
            metadata: Some(MetadataWithId::new(&stored.id(), stored.created(), stored.updated())),
            spec: ChallengeSpec::public(stored),
            status: Some(ChallengeStatus {
                state: stored.state_at(now).as_str(),
                public_challenge: stored.public_challenge().map(ToString::to_string),
                code: None,
                number_match: None,
                answered_at: stored.answered_at().and_then(date_time),
            }),
        }
    }

    /// Adds the code and number, which only the response to the creation contains.
    pub(crate) fn created(mut self, created: &core::CreatedChallenge) -> Self {
        let expose = |secret: &core::Secret| secret.expose().to_owned();
        if let Some(status) = &mut self.status {
            status.code = created.code.as_ref().map(expose);
            status.number_match = created.number.as_ref().map(expose);
        }
        self
    }
}

impl ChallengeSpec {
    /// Parses the spec, except `user_id`. `max_endpoints` is the cap that an error about too many malformed endpoints names.
    pub(crate) fn parse(self, max_endpoints: usize) -> Result<core::ChallengeSpec, Fault> {
        let single = self.challenge_type.as_deref().map(challenge_type).transpose()?;
        let list = self.challenge_types.map(|list| list.iter().map(|kind| challenge_type(kind)).collect());
        let Ok(mut spec) = core::ChallengeSpec::new(ChallengeTypes::new(single, list.transpose()?)?);
        spec.send_now = self.send_now.unwrap_or(false);
        spec.timeout = self.timeout_seconds.map(|seconds| seconds.0);
        spec.response_uri = self.response_uri.as_deref().map(str::parse).transpose()?;
        spec.origin = self.origin.as_deref().map(str::parse).transpose()?;
        let endpoints = self.challenge_endpoints.unwrap_or_default();
        let too_many = endpoints.len() > max_endpoints;
        let parsed: Result<_, _> = endpoints.into_iter().map(ChallengeEndpoint::parse).collect();
        spec.endpoints = parsed.map_err(|invalid| match too_many {
            true => Invalid::TooMany { field: "challenge_endpoints", max: max_endpoints },
            false => invalid,
        })?;
        spec.number_match = self.number_match.unwrap_or(false);
        spec.answer_data =
            self.answer_data.as_ref().filter(|data| data.get() != r#""""#).map(core::AnswerData::new).transpose()?;
        Ok(spec)
    }

    fn public(stored: &Stored) -> Self {
        let name = |kind: ChallengeType| kind.as_str().to_owned();
        let types = stored.types();
        let endpoints: Vec<_> = stored.endpoints().iter().map(ChallengeEndpoint::public).collect();
        Self {
            user_id: Some(stored.owner().user_id().to_owned()),
            challenge_type: match types {
                Some(types) => types.single().map(name),
                None => Some(ONE_TIME_USE_ACTION.to_owned()),
            },
            challenge_types: types.and_then(|types| Some(types.list()?.iter().copied().map(name).collect())),
            send_now: Some(stored.send_now()),
            timeout_seconds: Some(Seconds(stored.timeout())),
            response_uri: stored.response_uri().map(|uri| uri.as_str().to_owned()),
            origin: stored.origin().map(|origin| origin.as_str().to_owned()),
            challenge_endpoints: Some(endpoints).filter(|endpoints| !endpoints.is_empty()),
            answer_data: None,
            number_match: stored.number_match().then_some(true),
        }
    }
}

impl ChallengeEndpoint {
    fn parse(self) -> Result<EndpointRef, Invalid> {
        EndpointRef::from_parts(self.endpoint.as_deref(), self.kind.as_deref().map(str::parse).transpose()?)
    }

    fn public(stored: &EndpointRef) -> Self {
        Self {
            endpoint: stored.id().map(|id| id.to_string()),
            kind: stored.kind().map(|kind| kind.as_str().to_owned()),
        }
    }
}

/// Parses a challenge type. One-time-use actions have an operation of their own.
fn challenge_type(text: &str) -> Result<ChallengeType, Fault> {
    text.parse().map_err(|invalid: Invalid| match text {
        ONE_TIME_USE_ACTION => Fault::OneTimeUseActionType,
        _ => invalid.into(),
    })
}

/// Returns the schema of `answer_data`. The derive cannot express a write-only free object.
fn write_only_object() -> Object {
    let object = ObjectBuilder::new().schema_type(Type::Object).write_only(true);
    object.description(Some("Data returned once, with the accepted answer, and in no other response.")).build()
}

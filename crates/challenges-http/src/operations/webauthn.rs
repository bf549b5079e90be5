use challenges_core::{EnrollmentId, Owner};
use http::StatusCode;

use super::one_user;
use crate::api::Api;
use crate::call::Call;
use crate::fault::Fault;
use crate::response::{self, Response};
use crate::wire::{ListWebauthnEnrollmentResponse, WebauthnEnrollment, WebauthnEnrollmentAnswer};

impl Api {
    pub(crate) async fn create_webauthn_enrollment(&self, call: &Call) -> Result<Response, Fault> {
        let spec = call.json::<WebauthnEnrollment>()?.spec;
        let owner = call.principal()?.creates_for(spec.user_id.as_deref())?;
        let grant = self.grant(call, &owner)?;
        let enrollment = self.challenges().webauthn().create(owner, &grant, spec.parse()?).await?;
        response::json(StatusCode::CREATED, &WebauthnEnrollment::public(&enrollment))
    }

    pub(crate) async fn list_webauthn_enrollments(&self, call: &Call) -> Result<Response, Fault> {
        let limit = call.query.limit()?;
        let principal = call.principal()?;
        // An empty `user_id`, for example from a faulty caller, must not list the enrollments of all users.
        let enrollments = match principal.lists_of(call.query.find_even_empty("user_id"))? {
            Some(owner) => self.challenges().webauthn().list(&owner, None, limit).await?,
            None => self.challenges().webauthn().list_tenant(principal.tenant(), None, limit).await?,
        };
        let webauthn = enrollments.iter().map(WebauthnEnrollment::public).collect();
        response::json(StatusCode::OK, &ListWebauthnEnrollmentResponse { limit, webauthn })
    }

    pub(crate) async fn webauthn_enrollment(&self, call: &Call) -> Result<Response, Fault> {
        let id = call.id()?;
        let owner = self.owner_of_webauthn(call, id, call.query.find_even_empty("user_id")).await?;
        let enrollment = self.challenges().webauthn().get(&owner, id).await?;
        response::json(StatusCode::OK, &WebauthnEnrollment::public(&enrollment))
    }

    pub(crate) async fn update_webauthn_enrollment(&self, call: &Call) -> Result<Response, Fault> {
        let id = call.id()?;
        let answer: WebauthnEnrollmentAnswer = call.json()?;
        let named = one_user(call.query.find_even_empty("user_id"), answer.user_id.as_deref())?;
        let owner = self.owner_of_webauthn(call, id, named).await?;
        let grant = self.grant(call, &owner)?;
        let enrollment = self.challenges().webauthn().confirm(&owner, &grant, id, &answer.parse()?).await?;
        response::json(StatusCode::OK, &WebauthnEnrollment::public(&enrollment))
    }

    pub(crate) async fn delete_webauthn_enrollment(&self, call: &Call) -> Result<Response, Fault> {
        let id = call.id()?;
        let owner = self.owner_of_webauthn(call, id, call.query.find_even_empty("user_id")).await?;
        let grant = self.grant(call, &owner)?;
        self.challenges().webauthn().delete(&owner, &grant, id).await?;
        Ok(response::no_content())
    }

    async fn owner_of_webauthn(&self, call: &Call, id: EnrollmentId, named: Option<&str>) -> Result<Owner, Fault> {
        let principal = call.principal()?;
        if let Some(owner) = principal.reads_one_of(named)? {
            return Ok(owner);
        }
        let enrollment = self.challenges().webauthn().get_in_tenant(principal.tenant(), id).await?;
        Ok(enrollment.owner().clone())
    }
}

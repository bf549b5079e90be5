use challenges_core::{EnrollmentId, Owner};
use http::StatusCode;

use super::one_user;
use crate::api::Api;
use crate::call::Call;
use crate::fault::Fault;
use crate::response::{self, Response};
use crate::wire::{ListTotpEnrollmentResponse, TotpEnrollment, TotpEnrollmentAnswer};

impl Api {
    pub(crate) async fn create_totp_enrollment(&self, call: &Call) -> Result<Response, Fault> {
        let spec = call.json::<TotpEnrollment>()?.spec;
        let owner = call.principal()?.creates_for(spec.user_id.as_deref())?;
        let grant = self.grant(call, &owner)?;
        let (enrollment, key) = self.challenges().totp().create(owner, &grant).await?;
        let shown = TotpEnrollment::public(&enrollment).with_key(&key);
        response::json(StatusCode::CREATED, &shown)
    }

    pub(crate) async fn list_totp_enrollments(&self, call: &Call) -> Result<Response, Fault> {
        let limit = call.query.limit()?;
        let principal = call.principal()?;
        // An empty `user_id`, for example from a faulty caller, must not list the enrollments of all users.
        let enrollments = match principal.lists_of(call.query.find_even_empty("user_id"))? {
            Some(owner) => self.challenges().totp().list(&owner, None, limit).await?,
            None => self.challenges().totp().list_tenant(principal.tenant(), None, limit).await?,
        };
        let totp = enrollments.iter().map(TotpEnrollment::public).collect();
        response::json(StatusCode::OK, &ListTotpEnrollmentResponse { limit, totp })
    }

    pub(crate) async fn totp_enrollment(&self, call: &Call) -> Result<Response, Fault> {
        let id = call.id()?;
        let owner = self.owner_of_totp(call, id, call.query.find_even_empty("user_id")).await?;
        let enrollment = self.challenges().totp().get(&owner, id).await?;
        response::json(StatusCode::OK, &TotpEnrollment::public(&enrollment))
    }

    pub(crate) async fn update_totp_enrollment(&self, call: &Call) -> Result<Response, Fault> {
        let id = call.id()?;
        let answer: TotpEnrollmentAnswer = call.json()?;
        let named = one_user(call.query.find_even_empty("user_id"), answer.user_id.as_deref())?;
        let owner = self.owner_of_totp(call, id, named).await?;
        let code = answer.answer.into();
        let grant = self.grant(call, &owner)?;
        let enrollment = self.challenges().totp().confirm(&owner, &grant, id, &code).await?;
        response::json(StatusCode::OK, &TotpEnrollment::public(&enrollment))
    }

    pub(crate) async fn delete_totp_enrollment(&self, call: &Call) -> Result<Response, Fault> {
        let id = call.id()?;
        let owner = self.owner_of_totp(call, id, call.query.find_even_empty("user_id")).await?;
        let grant = self.grant(call, &owner)?;
        self.challenges().totp().delete(&owner, &grant, id).await?;
        Ok(response::no_content())
    }

    async fn owner_of_totp(&self, call: &Call, id: EnrollmentId, named: Option<&str>) -> Result<Owner, Fault> {
        let principal = call.principal()?;
        if let Some(owner) = principal.reads_one_of(named)? {
            return Ok(owner);
        }
        let enrollment = self.challenges().totp().get_in_tenant(principal.tenant(), id).await?;
        Ok(enrollment.owner().clone())
    }
}

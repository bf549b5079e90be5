use challenges_core::{Error, Invalid};
use http::StatusCode;

use crate::api::Api;
use crate::call::Call;
use crate::fault::Fault;
use crate::response::{self, Response};
use crate::wire::{ListWebauthnEnrollmentResponse, WebauthnEnrollment};

/// The service has no WebAuthn yet: nobody has a credential, and nobody can enroll one.
impl Api {
    pub(crate) fn create_webauthn_enrollment(&self, call: &Call) -> Result<Response, Fault> {
        let spec = call.json::<WebauthnEnrollment>()?.spec;
        call.principal()?.creates_for(spec.user_id.as_deref())?;
        Err(Invalid::WebauthnUnavailable.into())
    }

    pub(crate) fn list_webauthn_enrollments(&self, call: &Call) -> Result<Response, Fault> {
        let limit = call.query.limit()?;
        call.principal()?.lists_of(call.query.find("user_id"))?;
        response::json(StatusCode::OK, &ListWebauthnEnrollmentResponse { limit, webauthn: Vec::new() })
    }

    pub(crate) fn webauthn_enrollment(&self, _: &Call) -> Result<Response, Fault> {
        Err(Error::NotFound.into())
    }
}

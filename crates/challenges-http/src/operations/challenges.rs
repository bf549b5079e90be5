use challenges_core::{Challenge, ChallengeId, ChallengeSpec, EndpointRef, Error, Invalid};
use http::StatusCode;

use crate::api::Api;
use crate::call::Call;
use crate::fault::Fault;
use crate::principal::Principal;
use crate::response::{self, Response};
use crate::wire;

impl Api {
    pub(crate) async fn create_challenge(&self, call: &Call) -> Result<Response, Fault> {
        let spec = call.json::<wire::Challenge>()?.spec;
        let owner = call.principal()?.creates_for(spec.user_id.as_deref())?;
        let created = self.challenges().create(owner, self.parsed(spec)?).await?;
        let shown = self.shown(&created.challenge).created(&created);
        response::json(StatusCode::CREATED, &shown)
    }

    pub(crate) async fn challenge(&self, call: &Call) -> Result<Response, Fault> {
        let challenge = self.challenges().get(call.id()?).await?;
        response::json(StatusCode::OK, &self.shown(&challenge))
    }

    /// Replaces a pending challenge. Ignores `user_id`, `metadata` and `status` in the body, and without the token of a
    /// creator all fields but those of `HolderSpec`.
    pub(crate) async fn replace_challenge(&self, call: &Call) -> Result<Response, Fault> {
        let id = call.id()?;
        let rights = self.rights(call, id).await?;
        let spec = self.parsed(call.json::<wire::Challenge>()?.spec)?;
        let challenge = match rights {
            Rights::Creator => self.challenges().replace(id, spec).await?,
            Rights::Holder => self.challenges().replace_as_holder(id, spec.into()).await?,
        };
        response::json(StatusCode::OK, &self.shown(&challenge))
    }

    pub(crate) async fn delete_challenge(&self, call: &Call) -> Result<Response, Fault> {
        let id = call.id()?;
        self.rights(call, id).await?;
        self.challenges().delete(id).await?;
        Ok(response::no_content())
    }

    pub(super) fn shown(&self, challenge: &Challenge) -> wire::Challenge {
        wire::Challenge::public(challenge, self.challenges().now())
    }

    /// Parses a spec, and refuses types that the API does not admit.
    fn parsed(&self, spec: wire::ChallengeSpec) -> Result<ChallengeSpec, Fault> {
        let spec = spec.parse(self.challenges().policy().challenge_endpoints)?;
        let named = spec.endpoints.iter().filter_map(EndpointRef::kind);
        if spec.types.iter().chain(named).all(|kind| self.admits(kind)) {
            return Ok(spec);
        }
        Err(Invalid::UnknownType.into())
    }

    /// Returns the rights of a caller who replaces or deletes a challenge.
    ///
    /// With `protect_replace_and_delete`, only principals that may create for the user change a challenge. A challenge
    /// with a purpose is changed only by principals that act for every user: the host's own code creates such
    /// challenges, so the challenged user is not the creator. Owner and purpose never change, so checking before the
    /// change is free of races.
    async fn rights(&self, call: &Call, id: ChallengeId) -> Result<Rights, Fault> {
        let challenge = self.challenges().get(id).await?;
        let has_purpose = challenge.purpose().is_some();
        let creators_only = self.protects_replace_and_delete() || has_purpose;
        let creates = |principal: &Principal| {
            principal.may_create_for(challenge.owner()) && (principal.acts_for_any_user() || !has_purpose)
        };
        match &call.principal {
            Some(principal) if creates(principal) => Ok(Rights::Creator),
            Some(_) if creators_only => Err(Error::NotFound.into()),
            None if creators_only => Err(Fault::Unauthorized),
            _ => Ok(Rights::Holder),
        }
    }
}

/// The rights of a caller over a challenge.
enum Rights {
    /// The caller may create challenges for the challenged user.
    Creator,
    /// The caller knows the id.
    Holder,
}

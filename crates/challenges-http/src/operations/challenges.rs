use challenges_core::{Challenge, ChallengeId, Error};
use http::StatusCode;

use crate::api::Api;
use crate::call::Call;
use crate::fault::Fault;
use crate::response::{self, Response};
use crate::wire;

impl Api {
    pub(crate) async fn create_challenge(&self, call: &Call) -> Result<Response, Fault> {
        let spec = call.json::<wire::Challenge>()?.spec;
        let owner = call.principal()?.creates_for(spec.user_id.as_deref())?;
        let created =
            self.challenges().create(owner, spec.parse(self.challenges().policy().challenge_endpoints)?).await?;
        let shown = self.shown(&created.challenge).created(&created);
        response::json(StatusCode::CREATED, &shown)
    }

    pub(crate) async fn challenge(&self, call: &Call) -> Result<Response, Fault> {
        let challenge = self.challenges().get(call.id()?).await?;
        response::json(StatusCode::OK, &self.shown(&challenge))
    }

    /// Replaces a pending challenge. Ignores `user_id`, `metadata` and `status` in the body.
    pub(crate) async fn replace_challenge(&self, call: &Call) -> Result<Response, Fault> {
        let id = call.id()?;
        self.check_reach(call, id).await?;
        let spec = call.json::<wire::Challenge>()?.spec;
        let challenge =
            self.challenges().replace(id, spec.parse(self.challenges().policy().challenge_endpoints)?).await?;
        response::json(StatusCode::OK, &self.shown(&challenge))
    }

    pub(crate) async fn delete_challenge(&self, call: &Call) -> Result<Response, Fault> {
        let id = call.id()?;
        self.check_reach(call, id).await?;
        self.challenges().delete(id).await?;
        Ok(response::no_content())
    }

    pub(super) fn shown(&self, challenge: &Challenge) -> wire::Challenge {
        wire::Challenge::public(challenge, self.challenges().now())
    }

    /// Checks that the caller may act for the challenged user, if the host protects replacing and deleting.
    ///
    /// The owner of a challenge never changes, so checking before the change is free of races.
    async fn check_reach(&self, call: &Call, id: ChallengeId) -> Result<(), Fault> {
        let Some(principal) = &call.principal else { return Ok(()) };
        let challenge = self.challenges().get(id).await?;
        let owner = challenge.owner();
        let within = owner.tenant() == principal.tenant() && principal.may_act_for(owner.user_id());
        if within { Ok(()) } else { Err(Error::NotFound.into()) }
    }
}

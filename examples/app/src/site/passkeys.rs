//! Passkeys and security keys of a user. The library creates the options for browsers and verifies the responses.

use challenges_core::webauthn::{
    Preference, RegistrationResponse, RelyingPartyId, WebauthnEnrollment, WebauthnEnrollmentSpec,
};
use challenges_core::{EnrollmentId, Grant, Owner};
use http::StatusCode;
use serde::Serialize;

use super::Site;
use super::actions::AT_ONCE;
use super::reply::Reply;
use super::view::PasskeyView;
use crate::problem::Problem;

#[derive(Serialize)]
struct NewPasskey {
    id: String,
    options: serde_json::Value,
}

#[derive(Serialize)]
struct AddedPasskey {
    message: &'static str,
    passkey: PasskeyView,
}

impl Site {
    /// Returns the relying party of the demo's pages.
    pub(super) fn relying_party(&self) -> Result<&RelyingPartyId, Problem> {
        self.relying_party.as_ref().ok_or(Problem::NoPasskeys)
    }

    /// Returns the passkeys of a user for the demo's pages. API callers may have registered others.
    pub(super) async fn passkeys(&self, user: &Owner) -> Result<Vec<WebauthnEnrollment>, Problem> {
        let mut passkeys = self.challenges.webauthn().list(user, None, AT_ONCE).await?;
        passkeys.retain(|passkey| Some(passkey.relying_party_id()) == self.relying_party.as_ref());
        Ok(passkeys)
    }

    pub(super) async fn add_passkey(&self, user: Owner, grant: &Grant) -> Result<Reply, Problem> {
        let spec =
            WebauthnEnrollmentSpec::new(self.relying_party()?.clone()).with_user_verification(Preference::Preferred);
        let passkey = self.challenges.webauthn().create(user.clone(), grant, spec).await?;
        let options = self.challenges.webauthn().creation_options(&user, passkey.id(), user.user_id()).await?;
        Ok(Reply::json(StatusCode::CREATED, &NewPasskey { id: passkey.id().to_string(), options }))
    }

    pub(super) async fn confirm_passkey(
        &self,
        user: &Owner,
        grant: &Grant,
        id: EnrollmentId,
        credential: &str,
    ) -> Result<Reply, Problem> {
        let response = RegistrationResponse::from_json(credential)?;
        let passkey = self.challenges.webauthn().confirm(user, grant, id, &response).await?;
        let message = match passkey.credential().is_some_and(|credential| credential.user_verified) {
            true => "Added. This passkey verifies your identity: two factors in one. Name it, then try a step-up.",
            false => "Added. This key does not verify your identity: one factor. Name it, then try a step-up.",
        };
        Ok(Reply::json(StatusCode::OK, &AddedPasskey { message, passkey: PasskeyView::new(&passkey) }))
    }

    pub(super) async fn rename_passkey(&self, user: &Owner, id: EnrollmentId, name: &str) -> Result<Reply, Problem> {
        self.challenges.webauthn().rename(user, id, name.trim()).await?;
        Ok(Reply::done("Name saved."))
    }

    pub(super) async fn remove_passkey(&self, user: &Owner, grant: &Grant, id: EnrollmentId) -> Result<Reply, Problem> {
        self.challenges.webauthn().delete(user, grant, id).await?;
        Ok(Reply::done("Removed. It is no longer accepted. Your device may still offer it until you delete it there."))
    }
}

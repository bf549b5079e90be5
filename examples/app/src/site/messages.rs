//! Phones and browsers of a user, and approvals by message.

use challenges_core::endpoints::{Endpoint, PhoneNumber, PushSubscription};
use challenges_core::{ChallengeSpec, ChallengeType, Description, EndpointId, Grant, Owner, Secret};
use http::StatusCode;
use serde::Serialize;

use super::Site;
use super::actions::AT_ONCE;
use super::reply::Reply;
use super::view::EndpointView;
use crate::problem::Problem;

#[derive(Serialize)]
struct PushKey<'a> {
    key: &'a str,
}

#[derive(Serialize)]
struct NewPhone {
    id: String,
    message: &'static str,
}

#[derive(Serialize)]
struct Asked<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<&'a str>,
    message: &'static str,
}

impl Site {
    pub(super) async fn endpoint_views(&self, user: &Owner) -> Result<Vec<EndpointView>, Problem> {
        let endpoints = self.challenges.endpoints().list(user, None, AT_ONCE).await?;
        let view =
            |endpoint: &Endpoint| Ok(EndpointView::new(endpoint, &self.challenges.endpoints().address(endpoint)?));
        endpoints.iter().map(view).collect()
    }

    pub(super) async fn add_phone(&self, user: Owner, grant: &Grant, number: &str) -> Result<Reply, Problem> {
        if !self.sends_texts {
            return Err(Problem::NoTexts);
        }
        let phone = self.challenges.endpoints().register_phone(user, grant, PhoneNumber::from_typed(number)?).await?;
        let message = match phone.is_confirmed() {
            true => "You have already added this number.",
            false => "A code was sent to this number. Enter the code here.",
        };
        Ok(Reply::json(StatusCode::CREATED, &NewPhone { id: phone.id().to_string(), message }))
    }

    pub(super) async fn confirm_phone(
        &self,
        user: &Owner,
        grant: &Grant,
        id: EndpointId,
        code: &Secret,
    ) -> Result<Reply, Problem> {
        self.challenges.endpoints().confirm(user, grant, id, code).await?;
        Ok(Reply::done("Confirmed. You can now receive requests on this phone."))
    }

    pub(super) fn push_key(&self) -> Reply {
        Reply::json(StatusCode::OK, &PushKey { key: &self.push_key })
    }

    pub(super) async fn add_browser(
        &self,
        user: Owner,
        grant: &Grant,
        subscription: PushSubscription,
        replaces: Option<&str>,
    ) -> Result<Reply, Problem> {
        let endpoints = self.challenges.endpoints();
        match replaces {
            Some(url) => endpoints.renew_push(&user, url, subscription).await?,
            None => endpoints.register_push(user, grant, subscription).await?,
        };
        Ok(Reply::done("This browser now notifies you of requests."))
    }

    /// Removes the browser with a push subscription, at sign-out.
    pub(super) async fn remove_browser(&self, user: &Owner, url: &str) -> Result<Reply, Problem> {
        self.challenges.endpoints().forget_push(user, url).await?;
        Ok(Reply::done("This browser no longer notifies you."))
    }

    pub(super) async fn delete_endpoint(&self, user: &Owner, grant: &Grant, id: EndpointId) -> Result<Reply, Problem> {
        self.challenges.endpoints().delete(user, grant, id).await?;
        Ok(Reply::done("Removed. You no longer receive requests there."))
    }

    pub(super) async fn ask_by_message(&self, user: Owner, about: Option<Description>) -> Result<Reply, Problem> {
        let endpoints = self.challenges.endpoints().list(&user, None, AT_ONCE).await?;
        if !endpoints.iter().any(|endpoint| endpoint.is_confirmed() && endpoint.is_enabled()) {
            return Err(Problem::NowhereToSend);
        }
        let mut spec = ChallengeSpec::new([ChallengeType::Sms, ChallengeType::WebPush])?;
        spec.origin = Some(self.public_url.origin()?);
        spec.description = about;
        let created = self.challenges.create(user, spec.with_number_match()).await?;
        let number = created.number.as_ref().map(Secret::expose);
        let message = "Sent. Open the message to approve or decline. The list of challenges shows the result.";
        let asked = Asked { id: created.challenge.id().to_string(), number, message };
        Ok(Reply::json(StatusCode::CREATED, &asked))
    }
}

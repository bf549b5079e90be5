use challenges_core::webauthn::{Preference, RegistrationResponse, WebauthnEnrollmentSpec};
use challenges_core::{ChallengeType, EnrollmentId, Error, Invalid};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::markup::{back, post_form, submit};
use super::removal::Removal;
use super::{FormError, done, done_with, offers, refused, status, status_for_change};
use crate::incoming::Incoming;
use crate::pages::Pages;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::view::{Page, View};

/// The page before the creation of a passkey.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeyIntro {
    /// The number of completed passkeys.
    completed: usize,
}

/// A pending passkey.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewPasskey {
    id: String,
    /// The options for `PublicKeyCredential.parseCreationOptionsFromJSON` (Web Authentication Level 3, section 5.1.9).
    #[schema(value_type = Object)]
    options: Value,
    #[serde(skip)]
    name: String,
}

/// The response of the browser to the creation options.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CreatedCredential {
    /// The result of `credential.toJSON()`, as an object or as text.
    #[schema(value_type = Object)]
    credential: Value,
    /// A name for the passkey, 1 to 255 bytes. Optional.
    #[serde(default)]
    name: String,
}

/// A passkey to rename.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeyName {
    id: String,
    name: String,
}

/// A new name for a passkey.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Rename {
    /// 1 to 255 bytes, without control characters.
    name: String,
}

pub(super) async fn intro(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    offers::check_offered(pages, ChallengeType::Webauthn)?;
    status_for_change(pages, incoming).await?;
    Ok(Reply::page(intro_page(pages, incoming).await?))
}

async fn intro_page(pages: &Pages, incoming: &Incoming) -> Result<PasskeyIntro, Problem> {
    let status = status(pages, incoming).await?;
    Ok(PasskeyIntro { completed: status.webauthn.iter().filter(|passkey| passkey.is_completed()).count() })
}

pub(super) async fn create(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    offers::check_offered(pages, ChallengeType::Webauthn)?;
    let (user, grant) = (incoming.user()?, pages.grant(incoming)?);
    let webauthn = pages.shared.challenges.webauthn();
    let created = match offers::relying_party(pages) {
        Some(relying_party) => {
            let spec = WebauthnEnrollmentSpec::new(relying_party).with_user_verification(Preference::Preferred);
            webauthn.create(user.clone(), &grant, spec).await
        }
        None => Err(Invalid::RelyingParty.into()),
    };
    let passkey = match created {
        Ok(passkey) => passkey,
        Err(error) => {
            let reason = FormError::of(pages, error)?;
            return Ok(refused(intro_page(pages, incoming).await?, reason));
        }
    };
    let id = passkey.id();
    let options = webauthn.creation_options(user, id, user.user_id()).await?;
    let data = NewPasskey { id: id.to_string(), options, name: String::new() };
    Ok(done_with(format!("account/passkeys/{id}/confirm"), &data))
}

pub(super) async fn options_page(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    status_for_change(pages, incoming).await?;
    let id = incoming.id()?;
    match NewPasskey::load(pages, incoming, id, String::new()).await {
        Ok(page) => Ok(Reply::page(page)),
        Err(error) => Ok(refused(intro_page(pages, incoming).await?, FormError::of(pages, error)?)),
    }
}

pub(super) async fn confirm(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let (user, grant, id) = (incoming.user()?, pages.grant(incoming)?, incoming.id()?);
    let CreatedCredential { credential, name } = incoming.form()?;
    let credential = match credential {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let webauthn = pages.shared.challenges.webauthn();
    let confirmed = match RegistrationResponse::from_json(&credential) {
        Ok(response) => webauthn.confirm(user, &grant, id, &response).await.map(drop),
        Err(invalid) => Err(invalid.into()),
    };
    if let Err(error) = confirmed {
        let reason = FormError::of(pages, error)?;
        return Ok(match NewPasskey::load(pages, incoming, id, name).await {
            Ok(page) => refused(page, reason),
            Err(error) => refused(intro_page(pages, incoming).await?, FormError::of(pages, error)?),
        });
    }
    let name = name.trim().to_owned();
    if name.is_empty() {
        return Ok(done("passkey-added"));
    }
    match webauthn.rename(user, id, &name).await {
        Ok(_) => Ok(done("passkey-added")),
        Err(error) => Ok(refused(PasskeyName { id: id.to_string(), name }, FormError::of(pages, error)?)),
    }
}

pub(super) async fn rename_page(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    status_for_change(pages, incoming).await?;
    let id = incoming.id()?;
    let name = name(pages, incoming, id).await?.unwrap_or_default();
    Ok(Reply::page(PasskeyName { id: id.to_string(), name }))
}

/// Renames a passkey. Core needs no grant, but a thief of the session could pass the passkey of the user off as another.
pub(super) async fn rename(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    status_for_change(pages, incoming).await?;
    let (user, id) = (incoming.user()?, incoming.id()?);
    let Rename { name } = incoming.form()?;
    let name = name.trim().to_owned();
    match pages.shared.challenges.webauthn().rename(user, id, &name).await {
        Ok(_) => Ok(done("passkey-renamed")),
        Err(error) => Ok(refused(PasskeyName { id: id.to_string(), name }, FormError::of(pages, error)?)),
    }
}

pub(super) async fn removal(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    status_for_change(pages, incoming).await?;
    let id = incoming.id()?;
    Ok(Reply::page(question(id, name(pages, incoming, id).await?)))
}

pub(super) async fn remove(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let (user, grant, id) = (incoming.user()?, pages.grant(incoming)?, incoming.id()?);
    let name = name(pages, incoming, id).await?;
    let removed = pages.shared.challenges.webauthn().delete(user, &grant, id).await;
    question(id, name).reply(pages, removed, "passkey-removed")
}

fn question(id: EnrollmentId, name: Option<String>) -> Removal {
    Removal::new("passkey", name, format!("account/passkeys/{id}/remove"))
}

/// Returns the name of a passkey of the user.
async fn name(pages: &Pages, incoming: &Incoming, id: EnrollmentId) -> Result<Option<String>, Problem> {
    let passkey = pages.shared.challenges.webauthn().get(incoming.user()?, id).await?;
    Ok(passkey.name().map(str::to_owned))
}

impl NewPasskey {
    async fn load(pages: &Pages, incoming: &Incoming, id: EnrollmentId, name: String) -> Result<Self, Error> {
        let Some(user) = &incoming.user else { return Err(Error::NotFound) };
        let account = user.user_id();
        let options = pages.shared.challenges.webauthn().creation_options(user, id, account).await?;
        Ok(Self { id: id.to_string(), options, name })
    }
}

impl Page for PasskeyIntro {
    const TITLE: &'static str = "account-passkeys-add";

    fn main(&self, view: View<'_>) -> Markup {
        html! {
            p { (view.words.text("account-passkeys-intro")) }
            noscript { p.error { (view.words.text("account-needs-script")) } }
            (post_form(view, "account/passkeys", &html! {
                div.buttons { (submit(view, "primary", "account-continue")) (back(view)) }
            }))
        }
    }
}

impl Page for NewPasskey {
    const TITLE: &'static str = "account-passkeys-add";

    fn main(&self, view: View<'_>) -> Markup {
        let words = view.words;
        html! {
            p { (words.text("account-passkeys-create")) }
            noscript { p.error { (words.text("account-needs-script")) } }
            form method="post" action={ (view.prefix) "/account/passkeys/" (self.id) "/confirm" }
                data-passkey-create=(self.options.to_string()) {
                input type="hidden" name="credential";
                (name_field(view, &self.name, false))
                div.buttons { (submit(view, "primary", "account-passkeys-start")) (back(view)) }
            }
        }
    }
}

impl Page for PasskeyName {
    const TITLE: &'static str = "account-passkey-rename-title";

    fn main(&self, view: View<'_>) -> Markup {
        post_form(
            view,
            &format!("account/passkeys/{}/rename", self.id),
            &html! {
                (name_field(view, &self.name, true))
                div.buttons { (submit(view, "primary", "account-save")) (back(view)) }
            },
        )
    }
}

fn name_field(view: View<'_>, name: &str, required: bool) -> Markup {
    html! {
        div.field {
            label for="name" { (view.words.text("account-passkey-name")) }
            input id="name" name="name" type="text" dir="auto" maxlength="60" autocomplete="off" value=(name)
                required[required] aria-invalid=[view.invalid("name")]
                aria-describedby=[view.described_by("name", Some("name-hint"))];
            p.hint id="name-hint" { (view.words.text("account-passkey-name-hint")) }
        }
    }
}

//! Phone numbers and e-mail addresses, and the removal of any address.

use challenges_core::account::AccountStatus;
use challenges_core::endpoints::{EmailAddress, Endpoint, PhoneNumber};
use challenges_core::{ChallengeType, EndpointId, Error, Factor, Secret};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::markup::{back, code_field, item_link, post_form, submit};
use super::removal::Removal;
use super::{FormError, done, done_with, offers, refused, status, status_for_change};
use crate::incoming::Incoming;
use crate::pages::Pages;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::view::{Page, View};

/// A type of addresses.
#[derive(Clone, Copy)]
pub(super) struct Channel {
    kind: ChallengeType,
    /// The folder of the paths.
    folder: &'static str,
    /// The name in messages.
    name: &'static str,
    added: &'static str,
    /// The report on an address that was confirmed before.
    known: &'static str,
    removed: &'static str,
}

pub(super) const PHONE: Channel = Channel {
    kind: ChallengeType::Sms,
    folder: "phones",
    name: "phone",
    added: "phone-added",
    known: "phone-known",
    removed: "phone-removed",
};
pub(super) const EMAIL: Channel = Channel {
    kind: ChallengeType::Email,
    folder: "emails",
    name: "email",
    added: "email-added",
    known: "email-known",
    removed: "email-removed",
};
pub(super) const BROWSER: Channel = Channel {
    kind: ChallengeType::WebPush,
    folder: "browsers",
    name: "browser",
    added: "browser-added",
    known: "browser-added",
    removed: "browser-removed",
};

impl Channel {
    /// Checks that users can add such addresses.
    fn check_offered(self, pages: &Pages) -> Result<(), Problem> {
        offers::check_offered(pages, self.kind)
    }
}

/// The form for a phone number.
#[derive(Serialize, ToSchema)]
pub(crate) struct PhoneForm {
    /// The number as typed.
    number: String,
}

/// The form for an e-mail address.
#[derive(Serialize, ToSchema)]
pub(crate) struct EmailForm {
    /// The address as typed.
    address: String,
}

/// An address that waits for the code sent there.
#[derive(Serialize, ToSchema)]
pub(crate) struct AddressForm {
    id: String,
    /// The masked address.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip)]
    folder: &'static str,
    /// `true` if the visitor just asked for another code.
    #[serde(skip)]
    sent: bool,
}

/// An address that was added and waits for the code sent there.
#[derive(Serialize, ToSchema)]
pub(crate) struct Added {
    id: String,
}

/// A phone number to add.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TypedPhone {
    /// The number with `+` and the country code, as typed by a person.
    number: String,
}

/// An e-mail address to add.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TypedEmail {
    /// The address, as typed by a person.
    address: String,
}

/// A code, as typed by a person.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TypedCode {
    #[schema(value_type = String)]
    pub(super) code: Secret,
}

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    sent: String,
}

pub(super) async fn phone_form(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    PHONE.check_offered(pages)?;
    status_for_change(pages, incoming).await?;
    Ok(Reply::page(PhoneForm { number: String::new() }))
}

pub(super) async fn email_form(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    EMAIL.check_offered(pages)?;
    status_for_change(pages, incoming).await?;
    Ok(Reply::page(EmailForm { address: String::new() }))
}

pub(super) async fn add_phone(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let (user, grant) = (incoming.user()?, pages.grant(incoming)?);
    PHONE.check_offered(pages)?;
    let TypedPhone { number } = incoming.form()?;
    let added = match PhoneNumber::from_typed(&number) {
        Ok(phone) => pages.shared.challenges.endpoints().register_phone(user.clone(), &grant, phone).await,
        Err(invalid) => Err(invalid.into()),
    };
    added_reply(pages, PHONE, PhoneForm { number }, added)
}

pub(super) async fn add_email(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let (user, grant) = (incoming.user()?, pages.grant(incoming)?);
    EMAIL.check_offered(pages)?;
    let TypedEmail { address } = incoming.form()?;
    let added = match EmailAddress::from_typed(&address) {
        Ok(email) => pages.shared.challenges.endpoints().register_email(user.clone(), &grant, email).await,
        Err(invalid) => Err(invalid.into()),
    };
    added_reply(pages, EMAIL, EmailForm { address }, added)
}

/// Returns the reply to a registration: the page for the code, or the form again with the reason of the refusal.
fn added_reply<P: Page + 'static>(
    pages: &Pages,
    channel: Channel,
    form: P,
    added: Result<Endpoint, Error>,
) -> Result<Reply, Problem> {
    match added {
        Ok(endpoint) if endpoint.is_confirmed() => Ok(done(channel.known)),
        Ok(endpoint) => {
            let id = endpoint.id().to_string();
            Ok(done_with(format!("account/{}/{id}/confirm", channel.folder), &Added { id }))
        }
        Err(error) => Ok(refused(form, FormError::of(pages, error)?)),
    }
}

pub(super) async fn code_page(pages: &Pages, incoming: &Incoming, channel: Channel) -> Result<Reply, Problem> {
    let Query { sent } = incoming.query()?;
    let form = AddressForm::new(&status_for_change(pages, incoming).await?, incoming.id()?, channel)?;
    Ok(Reply::page(AddressForm { sent: sent == "1", ..form }))
}

pub(super) async fn confirm(pages: &Pages, incoming: &Incoming, channel: Channel) -> Result<Reply, Problem> {
    let (user, grant, id) = (incoming.user()?, pages.grant(incoming)?, incoming.id()?);
    let TypedCode { code } = incoming.form()?;
    let form = AddressForm::new(&status(pages, incoming).await?, id, channel)?;
    let code = Secret::from_typed(code.expose());
    match pages.shared.challenges.endpoints().confirm(user, &grant, id, &code).await {
        Ok(_) => Ok(done(channel.added)),
        Err(error) => {
            let reason = FormError::of_code(pages, incoming, Factor::Confirmation, error).await?;
            Ok(refused(form, reason))
        }
    }
}

pub(super) async fn resend(pages: &Pages, incoming: &Incoming, channel: Channel) -> Result<Reply, Problem> {
    let (user, id) = (incoming.user()?, incoming.id::<EndpointId>()?);
    let form = AddressForm::new(&status(pages, incoming).await?, id, channel)?;
    match pages.shared.challenges.endpoints().resend_code(user, id).await {
        Ok(_) => Ok(Reply::see(format!("account/{}/{id}/confirm?sent=1", channel.folder))),
        Err(error) => Ok(refused(form, FormError::of(pages, error)?)),
    }
}

pub(super) async fn removal(pages: &Pages, incoming: &Incoming, channel: Channel) -> Result<Reply, Problem> {
    Ok(Reply::page(question(&status_for_change(pages, incoming).await?, incoming.id()?, channel)?))
}

pub(super) async fn remove(pages: &Pages, incoming: &Incoming, channel: Channel) -> Result<Reply, Problem> {
    let (user, grant, id) = (incoming.user()?, pages.grant(incoming)?, incoming.id()?);
    let question = question(&status(pages, incoming).await?, id, channel)?;
    let removed = pages.shared.challenges.endpoints().delete(user, &grant, id).await;
    question.reply(pages, removed, channel.removed)
}

fn question(status: &AccountStatus, id: EndpointId, channel: Channel) -> Result<Removal, Problem> {
    let (_, address) = find(status, id, channel)?;
    Ok(Removal::new(channel.name, address, format!("account/{}/{id}/remove", channel.folder)))
}

/// Returns an address of the user, and its masked form.
fn find(status: &AccountStatus, id: EndpointId, channel: Channel) -> Result<(&Endpoint, Option<String>), Problem> {
    let is_wanted = |endpoint: &&Endpoint| endpoint.id() == id && endpoint.channel() == channel.kind;
    let endpoint = status.endpoints.iter().find(is_wanted).ok_or(Problem::NoSuchPage)?;
    Ok((endpoint, status.address(id).map(str::to_owned)))
}

impl AddressForm {
    fn new(status: &AccountStatus, id: EndpointId, channel: Channel) -> Result<Self, Problem> {
        let (endpoint, address) = find(status, id, channel)?;
        if endpoint.is_confirmed() {
            return Err(Problem::NoSuchPage);
        }
        Ok(Self { id: id.to_string(), address, folder: channel.folder, sent: false })
    }
}

impl Page for PhoneForm {
    const TITLE: &'static str = "account-phones-add";

    fn main(&self, view: View<'_>) -> Markup {
        let words = view.words;
        post_form(
            view,
            "account/phones",
            &html! {
                div.field {
                    label for="number" { (words.text("account-phone-label")) }
                    input id="number" name="number" type="tel" dir="ltr" autocomplete="tel" maxlength="64" required
                        value=(self.number) aria-invalid=[view.invalid("number")]
                        aria-describedby=[view.described_by("number", Some("number-hint"))] autofocus;
                    p.hint id="number-hint" { (words.text("account-phone-hint")) }
                }
                div.buttons { (submit(view, "primary", "account-send-code")) (back(view)) }
            },
        )
    }
}

impl Page for EmailForm {
    const TITLE: &'static str = "account-emails-add";

    fn main(&self, view: View<'_>) -> Markup {
        let words = view.words;
        post_form(
            view,
            "account/emails",
            &html! {
                div.field {
                    label for="address" { (words.text("account-email-label")) }
                    input id="address" name="address" type="email" dir="ltr" autocomplete="email" maxlength="254" required
                        value=(self.address) aria-invalid=[view.invalid("address")]
                        aria-describedby=[view.described_by("address", None)] autofocus;
                }
                div.buttons { (submit(view, "primary", "account-send-code")) (back(view)) }
            },
        )
    }
}

impl Page for AddressForm {
    const TITLE: &'static str = "account-code-title";

    fn main(&self, view: View<'_>) -> Markup {
        let words = view.words;
        let path = format!("account/{}/{}", self.folder, self.id);
        let address = self.address.clone().unwrap_or_else(|| words.text("account-address-unknown"));
        html! {
            @if self.sent { p.notice role="status" { (words.text("account-code-sent-again")) } }
            p { (words.text("account-code-sent")) " " bdi dir="ltr" { (address) } }
            (post_form(view, &format!("{path}/confirm"), &html! {
                (code_field(view))
                div.buttons { (submit(view, "primary", "account-confirm")) (back(view)) }
            }))
            (post_form(view, &format!("{path}/resend"), &html! {
                div.buttons {
                    (submit(view, "quiet", "account-resend"))
                    (item_link(view, &format!("{path}/remove"), "quiet", "account-drop", &address))
                }
            }))
        }
    }
}

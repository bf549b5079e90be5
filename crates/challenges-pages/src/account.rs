//! The pages on which users manage their factors.

mod activity;
mod addresses;
mod browsers;
mod devices;
mod form_error;
mod items;
mod markup;
mod offers;
mod overview;
mod passkeys;
mod recovery_codes;
mod removal;
mod totp;
mod when;

pub(crate) use form_error::{FormError, refused};
pub(crate) use markup::post_form;
pub(crate) use when::When;

/// The data of the pages, and the members of forms, for the OpenAPI document.
pub(crate) mod data {
    pub(crate) use super::activity::{Activity, Event};
    pub(crate) use super::addresses::{Added, AddressForm, EmailForm, PhoneForm, TypedCode, TypedEmail, TypedPhone};
    pub(crate) use super::browsers::{Browsers, Subscribed};
    pub(crate) use super::form_error::FormErrorBody;
    pub(crate) use super::items::{AddressItem, DeviceItem, LockItem, PasskeyItem, TotpItem};
    pub(crate) use super::overview::Overview;
    pub(crate) use super::passkeys::{CreatedCredential, NewPasskey, PasskeyIntro, PasskeyName, Rename};
    pub(crate) use super::recovery_codes::{GeneratedCodes, RecoveryCodes};
    pub(crate) use super::removal::Removal;
    pub(crate) use super::totp::{TotpCode, TotpIntro, TotpKey};
}

use challenges_core::account::AccountStatus;
use serde::Serialize;

use crate::incoming::Incoming;
use crate::pages::Pages;
use crate::problem::Problem;
use crate::reply::{Content, Reply};
use crate::route::{Route, Verb, Work};

/// The routes of this domain. Every change has a page with its form at the same path.
pub(crate) const ROUTES: &[Route] = &[
    get("account", "Read the factors, devices and locks of the user", |p, i| Box::pin(overview::show(p, i))),
    get("account/activity", "Read the newest challenges of the user", |p, i| Box::pin(activity::show(p, i))),
    get("account/totp", "Read about authenticator apps", |p, i| Box::pin(totp::intro(p, i))),
    post("account/totp", "Create a key for an authenticator app", |p, i| Box::pin(totp::create(p, i))),
    get("account/totp/{id}/confirm", "Read a pending authenticator app", |p, i| Box::pin(totp::code_page(p, i))),
    post("account/totp/{id}/confirm", "Complete an authenticator app with a code", |p, i| {
        Box::pin(totp::confirm(p, i))
    }),
    get("account/totp/{id}/remove", "Read an authenticator app to remove", |p, i| Box::pin(totp::removal(p, i))),
    post("account/totp/{id}/remove", "Remove an authenticator app", |p, i| Box::pin(totp::remove(p, i))),
    get("account/passkeys", "Read about passkeys", |p, i| Box::pin(passkeys::intro(p, i))),
    post("account/passkeys", "Begin to add a passkey", |p, i| Box::pin(passkeys::create(p, i))),
    get("account/passkeys/{id}/confirm", "Read the creation options of a passkey", |p, i| {
        Box::pin(passkeys::options_page(p, i))
    }),
    post("account/passkeys/{id}/confirm", "Complete a passkey", |p, i| Box::pin(passkeys::confirm(p, i))),
    get("account/passkeys/{id}/rename", "Read a passkey to rename", |p, i| Box::pin(passkeys::rename_page(p, i))),
    post("account/passkeys/{id}/rename", "Rename a passkey", |p, i| Box::pin(passkeys::rename(p, i))),
    get("account/passkeys/{id}/remove", "Read a passkey to remove", |p, i| Box::pin(passkeys::removal(p, i))),
    post("account/passkeys/{id}/remove", "Remove a passkey", |p, i| Box::pin(passkeys::remove(p, i))),
    get("account/recovery-codes", "Read the number of recovery codes left", |p, i| {
        Box::pin(recovery_codes::left(p, i))
    }),
    post("account/recovery-codes", "Replace the recovery codes", |p, i| Box::pin(recovery_codes::generate(p, i))),
    get("account/devices/{id}/revoke", "Read a trusted device to revoke", |p, i| Box::pin(devices::removal(p, i))),
    post("account/devices/{id}/revoke", "End the trust in a device", |p, i| Box::pin(devices::revoke(p, i))),
    get("account/devices/revoke-all", "Read the number of trusted devices", |p, i| {
        Box::pin(devices::removal_of_all(p, i))
    }),
    post("account/devices/revoke-all", "End the trust in every device", |p, i| Box::pin(devices::revoke_all(p, i))),
    get("account/phones", "Read about phone numbers", |p, i| Box::pin(addresses::phone_form(p, i))),
    post("account/phones", "Add a phone number", |p, i| Box::pin(addresses::add_phone(p, i))),
    get("account/phones/{id}/confirm", "Read a phone number to confirm", |p, i| {
        Box::pin(addresses::code_page(p, i, addresses::PHONE))
    }),
    post("account/phones/{id}/confirm", "Confirm a phone number with the code sent there", |p, i| {
        Box::pin(addresses::confirm(p, i, addresses::PHONE))
    }),
    post("account/phones/{id}/resend", "Send another code to a phone number", |p, i| {
        Box::pin(addresses::resend(p, i, addresses::PHONE))
    }),
    get("account/phones/{id}/remove", "Read a phone number to remove", |p, i| {
        Box::pin(addresses::removal(p, i, addresses::PHONE))
    }),
    post("account/phones/{id}/remove", "Remove a phone number", |p, i| {
        Box::pin(addresses::remove(p, i, addresses::PHONE))
    }),
    get("account/emails", "Read about e-mail addresses", |p, i| Box::pin(addresses::email_form(p, i))),
    post("account/emails", "Add an e-mail address", |p, i| Box::pin(addresses::add_email(p, i))),
    get("account/emails/{id}/confirm", "Read an e-mail address to confirm", |p, i| {
        Box::pin(addresses::code_page(p, i, addresses::EMAIL))
    }),
    post("account/emails/{id}/confirm", "Confirm an e-mail address with the code sent there", |p, i| {
        Box::pin(addresses::confirm(p, i, addresses::EMAIL))
    }),
    post("account/emails/{id}/resend", "Send another code to an e-mail address", |p, i| {
        Box::pin(addresses::resend(p, i, addresses::EMAIL))
    }),
    get("account/emails/{id}/remove", "Read an e-mail address to remove", |p, i| {
        Box::pin(addresses::removal(p, i, addresses::EMAIL))
    }),
    post("account/emails/{id}/remove", "Remove an e-mail address", |p, i| {
        Box::pin(addresses::remove(p, i, addresses::EMAIL))
    }),
    get("account/browsers", "Read the key for push subscriptions", |p, i| Box::pin(browsers::form(p, i))),
    post("account/browsers", "Add the push subscription of a browser", |p, i| Box::pin(browsers::add(p, i))),
    get("account/browsers/{id}/remove", "Read a browser to remove", |p, i| {
        Box::pin(addresses::removal(p, i, addresses::BROWSER))
    }),
    post("account/browsers/{id}/remove", "Remove a browser", |p, i| {
        Box::pin(addresses::remove(p, i, addresses::BROWSER))
    }),
];

type Handler = for<'a> fn(&'a Pages, &'a Incoming) -> Work<'a>;

const fn get(path: &'static str, summary: &'static str, handler: Handler) -> Route {
    Route { method: Verb::Get, path, summary, consumes: false, handler }
}

const fn post(path: &'static str, summary: &'static str, handler: Handler) -> Route {
    Route { method: Verb::Post, path, summary, consumes: false, handler }
}

/// Loads the account of the signed-in user.
async fn status(pages: &Pages, incoming: &Incoming) -> Result<AccountStatus, Problem> {
    Ok(pages.shared.challenges.account(incoming.user()?).status().await?)
}

/// Loads the account for a page with a form. A user with a factor has to step up first, so that no filled form is lost.
async fn status_for_change(pages: &Pages, incoming: &Incoming) -> Result<AccountStatus, Problem> {
    let status = status(pages, incoming).await?;
    if status.has_factor() && pages.step_up_for_changes(incoming)?.is_none() {
        return Err(Problem::StepUpNeeded);
    }
    Ok(status)
}

/// Reports a change. Browsers go to the overview, which says what was done.
fn done(change: &'static str) -> Reply {
    Reply::see(format!("account?done={change}"))
}

/// Reports a change with data for programs.
fn done_with(see: String, data: &impl Serialize) -> Reply {
    let data = serde_json::to_value(data).unwrap_or_default();
    let Reply { status, headers, .. } = Reply::see("");
    Reply { status, headers, content: Content::Done { see, data } }
}

#[cfg(test)]
mod tests;

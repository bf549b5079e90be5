use challenges_core::ChallengeType;
use challenges_core::account::AccountStatus;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::items::{AddressItem, DeviceItem, LockItem, PasskeyItem, TotpItem};
use super::markup::{item_link, link};
use super::{offers, status};
use crate::incoming::Incoming;
use crate::pages::Pages;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::view::{Page, View};

/// The changes that the overview reports.
pub(super) const CHANGES: [&str; 15] = [
    "totp-added",
    "totp-removed",
    "passkey-added",
    "passkey-renamed",
    "passkey-removed",
    "device-revoked",
    "devices-revoked",
    "phone-added",
    "phone-removed",
    "email-added",
    "email-removed",
    "browser-added",
    "browser-removed",
    "phone-known",
    "email-known",
];

/// The factors of the user, and everything beside them.
#[derive(Serialize, ToSchema)]
pub(crate) struct Overview {
    /// `true` if the user has completed a factor. Recovery codes and e-mail addresses are no factors.
    has_factor: bool,
    totp: Vec<TotpItem>,
    passkeys: Vec<PasskeyItem>,
    /// The number of recovery codes that can be used.
    recovery_codes: usize,
    /// The number of unused recovery codes that can no longer be used. Generate new ones.
    void_recovery_codes: usize,
    phones: Vec<AddressItem>,
    emails: Vec<AddressItem>,
    browsers: Vec<AddressItem>,
    devices: Vec<DeviceItem>,
    /// The factors that are delayed or disabled after too many wrong codes.
    locks: Vec<LockItem>,
    /// The types of factors that can be added here.
    offers: Vec<&'static str>,
    #[serde(skip)]
    change: Option<&'static str>,
}

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    done: String,
}

pub(super) async fn show(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let status = status(pages, incoming).await?;
    let Query { done } = incoming.query()?;
    let change = CHANGES.into_iter().find(|change| *change == done);
    Ok(Reply::page(Overview { change, ..Overview::new(pages, &status) }))
}

impl Overview {
    fn new(pages: &Pages, status: &AccountStatus) -> Self {
        let addresses = |channel: ChallengeType| {
            let endpoints = status.endpoints.iter().filter(|endpoint| endpoint.channel() == channel);
            endpoints.map(|endpoint| AddressItem::new(status, endpoint)).collect()
        };
        let offers = [
            ("totp", ChallengeType::Totp),
            ("passkeys", ChallengeType::Webauthn),
            ("phones", ChallengeType::Sms),
            ("emails", ChallengeType::Email),
            ("browsers", ChallengeType::WebPush),
        ];
        let offered = |(name, kind)| offers::offers(pages, kind).then_some(name);
        Self {
            has_factor: status.has_factor(),
            totp: status.totp.iter().map(TotpItem::new).collect(),
            passkeys: status.webauthn.iter().map(PasskeyItem::new).collect(),
            recovery_codes: status.recovery_codes,
            void_recovery_codes: status.void_recovery_codes,
            phones: addresses(ChallengeType::Sms),
            emails: addresses(ChallengeType::Email),
            browsers: addresses(ChallengeType::WebPush),
            devices: status.devices().iter().map(DeviceItem::new).collect(),
            locks: status.locks().map(LockItem::new).collect(),
            offers: offers.into_iter().filter_map(offered).collect(),
            change: None,
        }
    }
}

impl Page for Overview {
    const TITLE: &'static str = "account-title";

    fn main(&self, view: View<'_>) -> Markup {
        let words = view.words;
        html! {
            @if let Some(change) = self.change {
                p.notice role="status" { (words.text(&format!("account-done-{change}"))) }
            }
            @if !self.has_factor { p.hint { (words.text("account-no-factor")) } }
            @for lock in &self.locks {
                p.error {
                    (words.text(&format!("account-lock-{}", lock.factor.replace('_', "-")))) " "
                    @match lock.until {
                        Some(until) => { (words.text("account-lock-until")) " " (until.next_minute()) }
                        None => (words.text("account-lock-disabled")),
                    }
                }
            }
            (self.section(view, "passkeys", !self.passkeys.is_empty(), &self.passkeys(view)))
            (self.section(view, "totp", !self.totp.is_empty(), &self.totp(view)))
            (self.section(view, "phones", !self.phones.is_empty(), &addresses(view, "phones", &self.phones)))
            (self.section(view, "browsers", !self.browsers.is_empty(), &addresses(view, "browsers", &self.browsers)))
            (self.section(view, "emails", !self.emails.is_empty(), &addresses(view, "emails", &self.emails)))
            (self.recovery_codes(view))
            (self.devices(view))
            p { (link(view, "account/activity", "quiet", "account-activity-link")) }
        }
    }
}

impl Overview {
    /// Returns the section of a type of factors, unless there is none and none can be added.
    fn section(&self, view: View<'_>, name: &str, has_items: bool, items: &Markup) -> Markup {
        let is_offered = self.offers.contains(&name);
        html! {
            @if has_items || is_offered {
                section.card aria-labelledby=(name) {
                    h2 id=(name) { (view.words.text(&format!("account-{name}"))) }
                    p.hint { (view.words.text(&format!("account-{name}-hint"))) }
                    @if has_items { ul.list { (items) } }
                    @if is_offered {
                        p.buttons {
                            (link(view, &format!("account/{name}"), "primary", &format!("account-{name}-add")))
                        }
                    }
                }
            }
        }
    }

    fn totp(&self, view: View<'_>) -> Markup {
        let words = view.words;
        html! {
            @for (index, item) in self.totp.iter().enumerate() {
                @let path = format!("account/totp/{}", item.id);
                @let name = words.count("account-totp-name", index.saturating_add(1));
                li.row {
                    div {
                        (name)
                        p.hint { (words.text("account-created")) " " (item.created) }
                        @if let Some(used) = item.used.filter(|_| item.completed) {
                            p.hint { (words.text("account-used")) " " (used) }
                        }
                        @if !item.completed { p.hint { (words.text("account-pending")) } }
                    }
                    div.buttons {
                        @if !item.completed {
                            (item_link(view, &format!("{path}/confirm"), "quiet", "account-continue", &name))
                        }
                        (item_link(view, &format!("{path}/remove"), "quiet", remove_text(item.completed), &name))
                    }
                }
            }
        }
    }

    fn passkeys(&self, view: View<'_>) -> Markup {
        let words = view.words;
        html! {
            @for item in &self.passkeys {
                @let path = format!("account/passkeys/{}", item.id);
                @let name = item.name.clone().unwrap_or_else(|| words.text("account-passkey-unnamed"));
                li.row {
                    div {
                        bdi { (name) }
                        p.hint { (words.text("account-created")) " " (item.created) }
                        @if !item.completed {
                            p.hint { (words.text("account-pending")) }
                        } @else {
                            @let kind = if item.verifies_user { "account-passkey-verifies" } else { "account-passkey-touch" };
                            p.hint { (words.text(kind)) }
                            @if item.synced { p.hint { (words.text("account-passkey-synced")) } }
                        }
                    }
                    div.buttons {
                        @if item.completed {
                            (item_link(view, &format!("{path}/rename"), "quiet", "account-rename", &name))
                        } @else {
                            (item_link(view, &format!("{path}/confirm"), "quiet", "account-continue", &name))
                        }
                        (item_link(view, &format!("{path}/remove"), "quiet", remove_text(item.completed), &name))
                    }
                }
            }
        }
    }

    fn recovery_codes(&self, view: View<'_>) -> Markup {
        let words = view.words;
        let is_needed = self.has_factor && self.recovery_codes == 0;
        html! {
            section.card aria-labelledby="recovery-codes" {
                h2 id="recovery-codes" { (words.text("account-recovery-codes")) }
                p.hint { (words.text("account-recovery-codes-hint")) }
                @if is_needed {
                    p.warning { (words.text("account-recovery-codes-missing")) }
                } @else {
                    p { (words.count("account-recovery-codes-left", self.recovery_codes)) }
                }
                @if self.void_recovery_codes > 0 {
                    p.error { (words.count("account-recovery-codes-void", self.void_recovery_codes)) }
                }
                @if self.has_factor {
                    p.buttons {
                        (link(
                            view,
                            "account/recovery-codes",
                            if is_needed { "primary" } else { "quiet" },
                            "account-recovery-codes-generate",
                        ))
                    }
                }
            }
        }
    }

    fn devices(&self, view: View<'_>) -> Markup {
        let words = view.words;
        html! {
            @if !self.devices.is_empty() {
                section.card aria-labelledby="devices" {
                    h2 id="devices" { (words.text("account-devices")) }
                    p.hint { (words.text("account-devices-hint")) }
                    ul.list {
                        @for item in &self.devices {
                            li.row {
                                div {
                                    bdi { (item.label) }
                                    p.hint { (words.text("account-used")) " " (item.used) }
                                    p.hint { (words.text("account-expires")) " " (item.expires) }
                                }
                                div.buttons {
                                    @let path = format!("account/devices/{}/revoke", item.id);
                                    (item_link(view, &path, "quiet", "account-device-revoke", &item.label))
                                }
                            }
                        }
                    }
                    p.buttons { (link(view, "account/devices/revoke-all", "quiet", "account-devices-revoke-all")) }
                }
            }
        }
    }
}

fn addresses(view: View<'_>, section: &str, items: &[AddressItem]) -> Markup {
    let words = view.words;
    html! {
        @for item in items {
            @let path = format!("account/{section}/{}", item.id);
            @let name = item.address.clone().unwrap_or_else(|| words.text("account-address-unknown"));
            li.row {
                div {
                    bdi dir="ltr" { (name) }
                    p.hint { (words.text("account-created")) " " (item.created) }
                    @if !item.confirmed { p.hint { (words.text("account-pending")) } }
                    @if !item.enabled { p.hint { (words.text("account-address-disabled")) } }
                }
                div.buttons {
                    @if !item.confirmed {
                        (item_link(view, &format!("{path}/confirm"), "quiet", "account-continue", &name))
                    }
                    (item_link(view, &format!("{path}/remove"), "quiet", remove_text(item.confirmed), &name))
                }
            }
        }
    }
}

const fn remove_text(completed: bool) -> &'static str {
    if completed { "account-remove" } else { "account-drop" }
}

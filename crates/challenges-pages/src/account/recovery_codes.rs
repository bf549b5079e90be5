use challenges_core::account::AccountStatus;
use maud::{Markup, html};
use serde::Serialize;
use utoipa::ToSchema;

use super::markup::{back, link, post_form, submit};
use super::{FormError, refused, status, status_for_change};
use crate::incoming::Incoming;
use crate::pages::Pages;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::view::{Page, View};

/// The recovery codes of the user, without the codes.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    /// `true` if the user has completed a factor. Only then codes can be generated.
    has_factor: bool,
    /// The number of codes that can be used.
    left: usize,
}

/// New recovery codes. No other response contains the codes.
#[derive(Serialize, ToSchema)]
pub(crate) struct GeneratedCodes {
    codes: Vec<String>,
}

pub(super) async fn left(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let status = status_for_change(pages, incoming).await?;
    Ok(Reply::page(RecoveryCodes::new(&status)))
}

pub(super) async fn generate(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let (user, grant) = (incoming.user()?, pages.grant(incoming)?);
    let now = RecoveryCodes::new(&status(pages, incoming).await?);
    // The codes of a user without a factor would end with the first factor.
    if !now.has_factor {
        return Ok(refused(now, FormError::NoFactorYet));
    }
    match pages.shared.challenges.recovery_codes().generate(user, &grant).await {
        Ok(codes) => {
            let codes = codes.iter().map(|code| code.expose().to_owned()).collect();
            Ok(Reply::page(GeneratedCodes { codes }))
        }
        Err(error) => Ok(refused(now, FormError::of(pages, error)?)),
    }
}

impl RecoveryCodes {
    fn new(status: &AccountStatus) -> Self {
        Self { has_factor: status.has_factor(), left: status.recovery_codes }
    }
}

impl Page for RecoveryCodes {
    const TITLE: &'static str = "account-recovery-codes";

    fn main(&self, view: View<'_>) -> Markup {
        let words = view.words;
        html! {
            p { (words.text("account-recovery-codes-hint")) }
            p { (words.count("account-recovery-codes-left", self.left)) }
            @if self.has_factor {
                @if self.left > 0 { p { strong { (words.text("account-recovery-codes-replaced")) } } }
                (post_form(view, "account/recovery-codes", &html! {
                    div.buttons { (submit(view, "primary", "account-recovery-codes-generate")) (back(view)) }
                }))
            } @else {
                p { (words.text("account-recovery-codes-no-factor")) }
                p.buttons { (back(view)) }
            }
        }
    }
}

impl Page for GeneratedCodes {
    const TITLE: &'static str = "account-recovery-codes-new";

    fn main(&self, view: View<'_>) -> Markup {
        let words = view.words;
        // Letters, digits and dashes need no escape in a URL.
        let file = format!("data:text/plain;charset=utf-8,{}%0A", self.codes.join("%0A"));
        html! {
            p { strong { (words.text("account-recovery-codes-once")) } }
            ul.codes id="codes" dir="ltr" { @for code in &self.codes { li { code { (code) } } } }
            div.buttons {
                button.quiet type="button" data-copy="codes" data-needs-script hidden { (words.text("account-copy")) }
                button.quiet type="button" data-print data-needs-script hidden { (words.text("account-print")) }
                a.quiet href=(file) download="recovery-codes.txt" data-download { (words.text("account-download")) }
                (link(view, "account", "primary", "account-recovery-codes-kept"))
            }
        }
    }
}

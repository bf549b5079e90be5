use challenges_core::totp::TotpEnrollment;
use challenges_core::{ChallengeType, EnrollmentId, Factor, Secret};
use maud::{Markup, PreEscaped, html};
use serde::Serialize;
use utoipa::ToSchema;

use super::addresses::TypedCode;
use super::markup::{back, code_field, link, post_form, submit};
use super::removal::Removal;
use super::{FormError, done, offers, refused, status, status_for_change};
use crate::incoming::Incoming;
use crate::pages::Pages;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::view::{Page, View};

/// The page before the setup of an authenticator app.
#[derive(Serialize, ToSchema)]
pub(crate) struct TotpIntro {
    /// The number of completed authenticator apps.
    completed: usize,
}

/// The key of a new authenticator app. No other response contains the key.
#[derive(Serialize, ToSchema)]
pub(crate) struct TotpKey {
    id: String,
    /// The key to type, in base32.
    key: String,
    /// The `otpauth://` link.
    uri: String,
    /// The QR code of the link, as an SVG image.
    qr: String,
}

/// A pending authenticator app, which waits for the first code.
#[derive(Serialize, ToSchema)]
pub(crate) struct TotpCode {
    id: String,
}

pub(super) async fn intro(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    offers::check_offered(pages, ChallengeType::Totp)?;
    let status = status_for_change(pages, incoming).await?;
    Ok(Reply::page(TotpIntro::new(&status.totp)))
}

pub(super) async fn create(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    offers::check_offered(pages, ChallengeType::Totp)?;
    let (user, grant) = (incoming.user()?, pages.grant(incoming)?);
    let (enrollment, key) = match pages.shared.challenges.totp().create(user.clone(), &grant).await {
        Ok(created) => created,
        Err(error) => {
            let reason = FormError::of(pages, error)?;
            return Ok(refused(TotpIntro::new(&status(pages, incoming).await?.totp), reason));
        }
    };
    let (issuer, account) = (&pages.shared.name, user.user_id());
    Ok(Reply::page(TotpKey {
        id: enrollment.id().to_string(),
        key: key.to_base32().expose().to_owned(),
        uri: key.otpauth_uri(issuer, account)?.expose().to_owned(),
        qr: key.qr_svg(issuer, account)?.expose().to_owned(),
    }))
}

pub(super) async fn code_page(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let (status, id) = (status_for_change(pages, incoming).await?, incoming.id::<EnrollmentId>()?);
    let is_pending = status.totp.iter().any(|enrollment| enrollment.id() == id && !enrollment.is_completed());
    if is_pending { Ok(Reply::page(TotpCode { id: id.to_string() })) } else { Err(Problem::NoSuchPage) }
}

pub(super) async fn confirm(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let (user, grant, id) = (incoming.user()?, pages.grant(incoming)?, incoming.id::<EnrollmentId>()?);
    let TypedCode { code } = incoming.form()?;
    let code = Secret::from_typed(code.expose());
    match pages.shared.challenges.totp().confirm(user, &grant, id, &code).await {
        Ok(_) => Ok(done("totp-added")),
        Err(error) => {
            let reason = FormError::of_code(pages, incoming, Factor::TotpEnrollment, error).await?;
            Ok(refused(TotpCode { id: id.to_string() }, reason))
        }
    }
}

pub(super) async fn removal(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let (status, id) = (status_for_change(pages, incoming).await?, incoming.id::<EnrollmentId>()?);
    let is_known = status.totp.iter().any(|enrollment| enrollment.id() == id);
    if is_known { Ok(Reply::page(question(id))) } else { Err(Problem::NoSuchPage) }
}

pub(super) async fn remove(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let (user, grant, id) = (incoming.user()?, pages.grant(incoming)?, incoming.id()?);
    let removed = pages.shared.challenges.totp().delete(user, &grant, id).await;
    question(id).reply(pages, removed, "totp-removed")
}

fn question(id: EnrollmentId) -> Removal {
    Removal::new("totp", None, format!("account/totp/{id}/remove"))
}

impl TotpIntro {
    fn new(enrollments: &[TotpEnrollment]) -> Self {
        Self { completed: enrollments.iter().filter(|enrollment| enrollment.is_completed()).count() }
    }
}

impl Page for TotpIntro {
    const TITLE: &'static str = "account-totp-add";

    fn main(&self, view: View<'_>) -> Markup {
        html! {
            p { (view.words.text("account-totp-intro")) }
            (post_form(view, "account/totp", &html! {
                div.buttons { (submit(view, "primary", "account-totp-start")) (back(view)) }
            }))
        }
    }
}

impl Page for TotpKey {
    const TITLE: &'static str = "account-totp-add";

    fn main(&self, view: View<'_>) -> Markup {
        let words = view.words;
        html! {
            ol {
                li {
                    p { (words.text("account-totp-scan")) }
                    div.qr role="img" aria-label=(words.text("account-totp-qr")) { (PreEscaped(svg(&self.qr))) }
                    p { a href=(self.uri) { (words.text("account-totp-open")) } }
                    p { (words.text("account-totp-type")) }
                    p { code id="key" dir="ltr" { (grouped(&self.key)) } }
                    div.buttons {
                        button.quiet type="button" data-copy="key" data-needs-script hidden {
                            (words.text("account-copy"))
                        }
                    }
                }
                li { p { (words.text("account-totp-enter")) } }
            }
            (code_form(view, &self.id))
        }
    }
}

impl Page for TotpCode {
    const TITLE: &'static str = "account-totp-add";

    fn main(&self, view: View<'_>) -> Markup {
        html! {
            p { (view.words.text("account-totp-enter")) }
            (code_form(view, &self.id))
            p.hint { (view.words.text("account-totp-lost-key")) }
            p { (link(view, "account/totp", "quiet", "account-totp-restart")) }
        }
    }
}

fn code_form(view: View<'_>, id: &str) -> Markup {
    post_form(
        view,
        &format!("account/totp/{id}/confirm"),
        &html! {
            (code_field(view))
            div.buttons { (submit(view, "primary", "account-confirm")) (back(view)) }
        },
    )
}

/// Returns the key in groups of four characters, for typing.
fn grouped(key: &str) -> String {
    let mut grouped = String::with_capacity(key.len() / 4 * 5);
    for (index, character) in key.chars().enumerate() {
        if index > 0 && index % 4 == 0 {
            grouped.push(' ');
        }
        grouped.push(character);
    }
    grouped
}

/// Returns the image without the XML declaration, which HTML has no place for.
fn svg(image: &str) -> &str {
    image.find("<svg").and_then(|start| image.get(start..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn key_is_grouped_by_four() {
        assert_eq!(grouped("ABCDEFGHIJ"), "ABCD EFGH IJ");
    }
}

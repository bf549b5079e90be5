//! TOTP enrollments and approvals, as in any application that uses the library.

use std::collections::VecDeque;

use challenges_core::{
    Challenge, ChallengeSpec, ChallengeType, Challenges, Description, EnrollmentId, Grant, Invalid, Owner, Secret,
};
use http::StatusCode;
use serde::Serialize;
use url::Url;
use url::form_urlencoded::parse as parse_query;

use super::Site;
use super::reply::Reply;
use super::view::{ChallengeView, EnrollmentView, PasskeyView, StateView};
use crate::page;
use crate::problem::Problem;

/// The name of the demo in authenticator apps.
const ISSUER: &str = "Challenges demo";

/// The number of challenges on the home page.
const SHOWN: usize = 20;
/// The page size of lists: the maximum of the library.
pub(super) const AT_ONCE: usize = 500;

#[derive(Serialize)]
struct NewEnrollment<'a> {
    id: String,
    key: &'a str,
    uri: &'a str,
    qr: &'a str,
}

#[derive(Serialize)]
struct NewApproval {
    link: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    qr: Option<String>,
    message: &'static str,
}

impl Site {
    pub(super) async fn state(&self, user: &Owner) -> Result<Reply, Problem> {
        let enrollments = self.challenges.totp().list(user, None, AT_ONCE).await?;
        let passkeys = self.passkeys(user).await?;
        let endpoints = self.endpoint_views(user).await?;
        let newest = newest_challenges(&self.challenges, user).await?;
        let now = self.challenges.now();
        let state = StateView {
            now: now.as_millis(),
            enrollments: enrollments.iter().map(EnrollmentView::new).collect(),
            passkeys: passkeys.iter().map(PasskeyView::new).collect(),
            endpoints,
            challenges: newest.iter().rev().map(|challenge| ChallengeView::new(challenge, now)).collect(),
        };
        Ok(Reply::json(StatusCode::OK, &state))
    }

    pub(super) async fn enroll(&self, user: Owner, grant: &Grant) -> Result<Reply, Problem> {
        let account = user.user_id().to_owned();
        let (enrollment, key) = self.challenges.totp().create(user, grant).await?;
        let (uri, qr) = (key.otpauth_uri(ISSUER, &account)?, key.qr_svg(ISSUER, &account)?);
        let key = key.to_base32();
        let id = enrollment.id().to_string();
        let enrollment = NewEnrollment { id, key: key.expose(), uri: uri.expose(), qr: qr.expose() };
        Ok(Reply::json(StatusCode::CREATED, &enrollment))
    }

    pub(super) async fn confirm_enrollment(
        &self,
        user: &Owner,
        grant: &Grant,
        id: EnrollmentId,
        code: &Secret,
    ) -> Result<Reply, Problem> {
        self.challenges.totp().confirm(user, grant, id, code).await?;
        Ok(Reply::done("Your authenticator app is set up. Try a step-up with its next code."))
    }

    pub(super) async fn remove_enrollment(
        &self,
        user: &Owner,
        grant: &Grant,
        id: EnrollmentId,
    ) -> Result<Reply, Problem> {
        self.challenges.totp().delete(user, grant, id).await?;
        Ok(Reply::done("Removed. Codes of this app are no longer accepted."))
    }

    pub(super) async fn start_approval(&self, user: Owner, about: Option<Description>) -> Result<Reply, Problem> {
        let name = user.user_id().to_owned();
        let Ok(mut spec) = ChallengeSpec::new(ChallengeType::Code);
        spec.response_uri = Some(self.answer_page.clone());
        spec.description = about;
        let created = self.challenges.create(user, spec).await?;
        let id = created.challenge.id().to_string();
        let code = created.code.as_ref().map_or("", Secret::expose);
        let mut link = Url::parse(self.answer_page.as_str()).map_err(|_| Invalid::ResponseUri)?;
        link.query_pairs_mut()
            .append_pair("challenge_answer", code)
            .append_pair("challenge_uid", &name)
            .append_pair("challenge_id", &id);
        let link = String::from(link);
        // A phone cannot open a loopback address.
        let (qr, message) = match self.public_url.is_loopback() {
            true => (None, "Open the link to approve or decline. The list of challenges shows the result."),
            false => (qr_svg(&link), "Scan the code with your phone, or open the link, to approve or decline."),
        };
        Ok(Reply::json(StatusCode::CREATED, &NewApproval { link, qr, message }))
    }

    /// Returns the page of an approval link. The page itself decides nothing, so link scanners do no harm.
    pub(super) async fn answer_page(&self, query: &str) -> Result<Reply, Problem> {
        let value = |name: &str| {
            let pair = parse_query(query.as_bytes()).find(|(known, _)| known == name);
            pair.map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
        };
        // The secret of an e-mail is in the fragment, for the script of the page.
        let by_email = value("challenge_type").is_some_and(|kind| kind == ChallengeType::Email.as_str());
        let has_secret = by_email || value("challenge_answer").is_some();
        let Some(id) = value("challenge_id").filter(|_| has_secret) else { return Ok(page::incomplete_link()) };
        let Ok(id) = id.parse() else { return Err(Problem::Gone) };
        let challenge = self.challenges.get(id).await?;
        let allowed = value("allowed").and_then(|allowed| allowed.parse().ok());
        let link = page::Link { user: value("challenge_uid"), by_email, allowed };
        Ok(page::answer(&challenge, &link, self.challenges.now()))
    }
}

/// Returns the newest challenges of a user, oldest first.
async fn newest_challenges(challenges: &Challenges, user: &Owner) -> Result<VecDeque<Challenge>, Problem> {
    let mut newest = VecDeque::new();
    loop {
        let after = newest.back().map(Challenge::id);
        let page = challenges.list(user, after, AT_ONCE).await?;
        let last = page.len() < AT_ONCE;
        newest.extend(page);
        newest.drain(..newest.len().saturating_sub(SHOWN));
        if last {
            return Ok(newest);
        }
    }
}

fn qr_svg(text: &str) -> Option<String> {
    let code = qrcode::QrCode::new(text).ok()?;
    Some(code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(240, 240).build())
}

use challenges_core::step_up::{Evidence, Requirement, StepUpRefused};
use challenges_core::{ChallengeType, Owner, Purpose, StepUp, Timestamp};
use challenges_http::StepUpGate;
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use crate::incoming::Incoming;
use crate::login_cookies::{Credentials, PendingLogin};
use crate::pages::Pages;
use crate::problem::Problem;
use crate::return_to;

/// The parameters of every route of the factor page.
#[derive(Debug, Deserialize)]
struct Parameters {
    purpose: Option<Purpose>,
    return_to: Option<String>,
    #[serde(default)]
    sent: String,
}

/// The reason for asking for a factor.
pub(super) struct Case<'a> {
    pub(super) owner: Owner,
    pub(super) purpose: Purpose,
    pub(super) return_to: String,
    pub(super) kind: Kind<'a>,
    /// The factors proven earlier, if the gate needs another.
    pub(super) proven: Vec<ChallengeType>,
    /// `true` if the visitor just asked for another message.
    pub(super) is_resent: bool,
}

pub(super) enum Kind<'a> {
    /// A login that waits, with the time of the password and the credentials.
    Login(Option<Timestamp>, Option<Credentials>),
    StepUp(&'a StepUpGate),
}

impl<'a> Case<'a> {
    /// Returns the user to ask and the purpose, or `None` if no login waits and the user is signed in already.
    pub(super) fn of(pages: &'a Pages, incoming: &Incoming) -> Result<Option<Self>, Problem> {
        let Parameters { purpose, return_to, sent } = incoming.query()?;
        let is_resent = sent == "1";
        if let Some(purpose) = purpose {
            let owner = incoming.user()?.clone();
            let gate = pages.gate(&purpose).ok_or_else(|| {
                tracing::warn!(%purpose, "no gate for the purpose of a step-up; add the gate with PagesBuilder::step_up");
                Problem::NoSuchPage
            })?;
            let return_to = return_to::checked(return_to.as_deref()).to_owned();
            let earlier = gate.carried(&owner, &incoming.headers);
            let earlier = earlier.as_ref().map_or(&[][..], StepUp::evidence);
            let met = gate.requirement().met_by(earlier, pages.shared.challenges.now());
            let needs_another = matches!(met, Err(StepUpRefused::SecondFactorMissing | StepUpRefused::NotDeviceBound));
            let proven = earlier.iter().filter(|_| needs_another).filter_map(Evidence::factor).collect();
            return Ok(Some(Self { owner, purpose, return_to, kind: Kind::StepUp(gate), proven, is_resent }));
        }
        let Some(pending) = pages.pending_login(&incoming.headers) else {
            return if incoming.user.is_some() { Ok(None) } else { Err(Problem::LoginExpired) };
        };
        let PendingLogin { owner, password, credentials, return_to, browser: _ } = pending;
        let kind = Kind::Login(password, credentials);
        let purpose = Pages::login_purpose()?;
        Ok(Some(Self { owner, purpose, return_to, kind, proven: Vec::new(), is_resent }))
    }

    pub(super) fn requirement(&self) -> Requirement {
        match &self.kind {
            Kind::Login(..) => Requirement::any(),
            Kind::StepUp(gate) => gate.requirement().clone(),
        }
    }

    pub(super) const fn is_login(&self) -> bool {
        match &self.kind {
            Kind::Login(..) => true,
            Kind::StepUp(_) => false,
        }
    }

    /// Returns the query of the routes of this page, with the question mark.
    pub(super) fn query(&self) -> String {
        match &self.kind {
            Kind::Login(..) => String::new(),
            Kind::StepUp(_) => {
                let mut query = Serializer::for_suffix("?".to_owned(), 1);
                query.append_pair("purpose", self.purpose.as_str()).append_pair("return_to", &self.return_to);
                query.finish()
            }
        }
    }
}

//! The state of the pages: settings, gates and grants.

use std::sync::Arc;

use challenges_core::{Challenges, Grant, Origin, Purpose, StepUp};
use challenges_http::StepUpGate;
use http::HeaderValue;

use crate::account_settings::AccountSettings;
use crate::incoming::Incoming;
use crate::layout::Layout;
use crate::problem::Problem;
use crate::words::Catalogue;

/// The pages for multi-factor authentication, for any framework. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pages {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) challenges: Challenges,
    pub(crate) prefix: String,
    pub(crate) origin: Origin,
    /// The name of the application, for titles and authenticator apps.
    pub(crate) name: String,
    pub(crate) sign_in: String,
    /// The query parameter of `sign_in` with the page to come back to.
    pub(crate) sign_in_parameter: String,
    pub(crate) after_login: String,
    /// The gates of the application, and the gate of the account pages.
    pub(crate) gates: Vec<StepUpGate>,
    pub(crate) catalogue: Catalogue,
    pub(crate) layout: Layout,
    pub(crate) account: AccountSettings,
    /// The content security policy of HTML pages.
    pub(crate) content_policy: HeaderValue,
}

impl Pages {
    /// Returns the path below which the pages are mounted, without a slash at the end.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.shared.prefix
    }

    /// Returns the path of the second-factor page, for `or_redirect` of the step-up layer or middleware.
    #[must_use]
    pub fn factor_path(&self) -> String {
        format!("{}/factor", self.shared.prefix)
    }

    /// Returns the grant of the signed-in user to change factors: a recent step-up, or else the grant for a first
    /// factor.
    pub(crate) fn grant(&self, incoming: &Incoming) -> Result<Grant, Problem> {
        let step_up = self.step_up_for_changes(incoming)?;
        Ok(step_up.as_ref().map_or_else(Grant::first_factor, Grant::step_up))
    }

    /// Returns the signed-in user's step-up for changes of factors, if the gate's requirement is met.
    pub(crate) fn step_up_for_changes(&self, incoming: &Incoming) -> Result<Option<StepUp>, Problem> {
        let user = incoming.user()?;
        let Some(gate) = self.gate(&Purpose::manage_factors()) else { return Ok(None) };
        let now = self.shared.challenges.now();
        let carried = gate.carried(user, &incoming.headers);
        Ok(carried.filter(|step_up| gate.requirement().met_by(step_up.evidence(), now).is_ok()))
    }

    pub(crate) fn gate(&self, purpose: &Purpose) -> Option<&StepUpGate> {
        self.shared.gates.iter().find(|gate| gate.purpose() == purpose)
    }
}

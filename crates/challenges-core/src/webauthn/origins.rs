use std::collections::BTreeMap;

use super::WebauthnEnrollment;
use crate::ceremony::{Ceremonies, RelyingPartyId};
use crate::engine::{Engine, Versioned};
use crate::uri::Origin;

/// The origins at which the credentials of a user may answer, by relying party. Relying parties that the service does
/// not serve have no origins.
#[derive(Default)]
pub(crate) struct ServedOrigins(BTreeMap<RelyingPartyId, Vec<Origin>>);

impl ServedOrigins {
    pub(crate) fn new(engine: &Engine, enrollments: &[Versioned<WebauthnEnrollment>]) -> Self {
        let Ok(ceremonies) = engine.ceremonies() else { return Self::default() };
        let relying_parties = enrollments.iter().map(|found| found.value.relying_party_id());
        Self(relying_parties.map(|id| (id.clone(), ceremonies.origins(id))).collect())
    }

    /// Returns whether the credential of an enrollment can answer a challenge at `origin`, or at any origin if `None`.
    pub(crate) fn admit(&self, enrollment: &WebauthnEnrollment, origin: Option<&Origin>) -> bool {
        let origins = self.0.get(enrollment.relying_party_id()).map_or(&[][..], Vec::as_slice);
        origin.map_or(!origins.is_empty(), |only| origins.contains(only))
    }
}

/// Returns the origins of a relying party, restricted to the origin of the challenge if there is one.
pub(super) fn accepted_origins(
    ceremonies: &dyn Ceremonies,
    origin: Option<&Origin>,
    relying_party: &RelyingPartyId,
) -> Vec<Origin> {
    let mut origins = ceremonies.origins(relying_party);
    if let Some(only) = origin {
        origins.retain(|origin| origin == only);
    }
    origins
}

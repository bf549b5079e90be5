use std::time::Duration;

use super::registration::open_challenge;
use super::{Webauthn, WebauthnEnrollment};
use crate::ceremony::{AttestationConveyance, Creation, Credential, Preference, PublicChallenge, Request};
use crate::engine::{Engine, Versioned, find_owned, load};
use crate::error::{Error, Invalid};
use crate::id::EnrollmentId;
use crate::owner::Owner;
use crate::store::Kind;
use crate::uri::Origin;

impl Webauthn<'_> {
    /// Returns the options for the browser to create the credential of a pending enrollment. Pass the options to
    /// `PublicKeyCredential.parseCreationOptionsFromJSON` (Web Authentication Level 3, section 5.1.9).
    ///
    /// `account` is the account name of the user. Authenticators show the name.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if the user has no such enrollment.
    /// - [`Error::Invalid`] if the enrollment is completed or expired, or the service was built without WebAuthn.
    /// - [`Error::Store`] if the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "webauthn.creation_options", level = "debug", skip_all))]
    pub async fn creation_options(
        &self,
        owner: &Owner,
        id: EnrollmentId,
        account: &str,
    ) -> Result<serde_json::Value, Error> {
        let engine = self.engine;
        let ceremonies = engine.ceremonies()?;
        let load = load::<WebauthnEnrollment>(id.0).with_owned(&[Kind::WebauthnEnrollment]);
        let loaded = engine.store.load(&load).await?;
        let now = engine.now();
        let enrollment = find_owned::<WebauthnEnrollment>(&loaded, owner, id.0)?.value;
        let challenge = open_challenge(&engine.policy, &enrollment, now.latest)?;
        let relying_party = enrollment.relying_party_id();
        let owned = engine.owned::<WebauthnEnrollment>(&loaded, owner, now)?;
        let same_party = owned.iter().filter(|other| other.value.relying_party_id() == relying_party);
        let default_attestation = match ceremonies.requires_attestation() {
            true => AttestationConveyance::Direct,
            false => AttestationConveyance::None,
        };
        Ok(ceremonies.creation_options(&Creation {
            relying_party,
            challenge,
            user_handle: &engine.owner_tags.user_handle(owner),
            account,
            user_verification: enrollment.user_verification(),
            resident_key: enrollment.resident_key(),
            authenticator_attachment: enrollment.authenticator_attachment(),
            hints: enrollment.hints(),
            attestation: enrollment.attestation_conveyance().unwrap_or(default_attestation),
            exclude: same_party.filter_map(|other| other.value.credential()).collect(),
            timeout: now.latest.until(enrollment.created().after(engine.policy.pending_enrollment)),
        }))
    }
}

/// Returns the options for the browser to answer a challenge with a credential of these enrollments.
pub(crate) fn request_options(
    engine: &Engine,
    enrollments: &[&Versioned<WebauthnEnrollment>],
    challenge: &PublicChallenge,
    timeout: Duration,
) -> Result<serde_json::Value, Error> {
    let ceremonies = engine.ceremonies()?;
    let usable = usable(enrollments);
    let (first, _) = usable.first().ok_or(Invalid::NoAssertionExpected)?;
    let relying_party = first.relying_party_id();
    if usable.iter().any(|(other, _)| other.relying_party_id() != relying_party) {
        return Err(Invalid::SeveralRelyingParties.into());
    }
    Ok(ceremonies.request_options(&Request {
        relying_party,
        challenge,
        allow: usable.iter().map(|(_, credential)| *credential).collect(),
        user_verification: common_user_verification(&usable),
        timeout,
    }))
}

/// An enrollment and the completed credential.
pub(super) type Usable<'a> = (&'a WebauthnEnrollment, &'a Credential);

pub(super) fn usable<'a>(enrollments: &[&'a Versioned<WebauthnEnrollment>]) -> Vec<Usable<'a>> {
    enrollments.iter().filter_map(|found| Some((&found.value, found.value.credential()?))).collect()
}

/// Checks that the service has WebAuthn, and that `origin` belongs to the relying party of each named enrollment.
/// Relying parties that are no longer served are not checked: credentials of others may still answer.
pub(crate) fn check_named(
    engine: &Engine,
    named: &[&WebauthnEnrollment],
    origin: Option<&Origin>,
) -> Result<(), Invalid> {
    let ceremonies = engine.ceremonies()?;
    let Some(origin) = origin else { return Ok(()) };
    let mut served = named.iter().map(|enrollment| ceremonies.origins(enrollment.relying_party_id()));
    if served.all(|origins| origins.is_empty() || origins.contains(origin)) {
        Ok(())
    } else {
        Err(Invalid::RelyingPartyOrigin)
    }
}

/// Returns the requirement to request when any of several credentials may answer. A requirement of only some would shut
/// out the others, so verification is required if all enrollments need verification, and preferred if any enrollment
/// asks for verification.
fn common_user_verification(usable: &[Usable<'_>]) -> Preference {
    if usable.iter().all(|(enrollment, credential)| credential.needs_verification(enrollment.user_verification())) {
        return Preference::Required;
    }
    let any_asks = usable.iter().any(|(enrollment, _)| match enrollment.user_verification() {
        Preference::Required | Preference::Preferred => true,
        Preference::Discouraged => false,
    });
    if any_asks { Preference::Preferred } else { Preference::Discouraged }
}

/// Returns the requirement on an answer with the credential of an enrollment. Unless the options
/// [required](common_user_verification) verification of all credentials, an answer without verification is refused only
/// for enrollments that require verification.
pub(super) fn answer_user_verification(usable: &[Usable<'_>], enrollment: &WebauthnEnrollment) -> Preference {
    // Options name the credentials of a single relying party.
    let is_requested = |(other, _): &Usable<'_>| other.relying_party_id() == enrollment.relying_party_id();
    let requested: Vec<_> = usable.iter().copied().filter(is_requested).collect();
    match (enrollment.user_verification(), common_user_verification(&requested)) {
        (Preference::Preferred, Preference::Preferred | Preference::Discouraged) => Preference::Discouraged,
        (own, _) => own,
    }
}

/// Returns an enrollment because of which [an answer](answer_user_verification) of another enrollment of the relying
/// party may come without user verification. The answer relies on this enrollment, so the commit of the answer asserts
/// the version of this enrollment.
pub(super) fn relaxing<'a>(
    enrollments: &[&'a Versioned<WebauthnEnrollment>],
    answering: &WebauthnEnrollment,
) -> Option<&'a Versioned<WebauthnEnrollment>> {
    enrollments.iter().copied().find(|found| {
        let other = &found.value;
        let relaxes = |credential: &Credential| !credential.needs_verification(other.user_verification());
        other.relying_party_id() == answering.relying_party_id() && other.credential().is_some_and(relaxes)
    })
}

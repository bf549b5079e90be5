use super::answers::Judged;
use super::challenges::{find, load};
use super::siblings::Siblings;
use super::{Challenges, Now};
use crate::address::Origin;
use crate::answered::UsedCredential;
use crate::challenge::{Challenge, ChallengeType, EndpointRef, State};
use crate::enrollment::{EnrollmentRecord as _, WebauthnEnrollment};
use crate::error::{Error, Invalid};
use crate::factor::Claim;
use crate::id::ChallengeId;
use crate::policy::SignCountPolicy;
use crate::store::{Expect, Kind, Write};
use crate::webauthn::{
    Asserted, Authentication, AuthenticationResponse, Ceremonies, Credential, Rejected, Request, UserVerification,
};

impl Challenges {
    /// The options with which a browser answers a challenge, in the form that
    /// `PublicKeyCredential.parseRequestOptionsFromJSON` reads (WebAuthn section 5.1.10). What it makes of them,
    /// `JSON.stringify(credential)`, is the answer.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such challenge; [`Error::Invalid`] when it expects no assertion, or names
    /// credentials of several relying parties; [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn request_options(&self, id: ChallengeId) -> Result<serde_json::Value, Error> {
        let ceremonies = self.ceremonies()?;
        let loaded = self.inner.store.load(&load(id).with_siblings(&[Kind::WebauthnEnrollment])).await?;
        let now = self.time();
        let (challenge, _) = find(&loaded, id)?;
        let expected = challenge.public_challenge().filter(|_| challenge.state_at(now.latest) == State::Issued);
        let public_challenge = expected.ok_or(Invalid::NoAssertionExpected)?;
        let siblings = self.siblings(&loaded, challenge.owner(), now)?;
        let usable: Vec<_> = siblings.webauthn_for(&challenge).collect();
        let (first, ..) = usable.first().ok_or(Invalid::NoAssertionExpected)?;
        let relying_party = first.relying_party_id();
        if usable.iter().any(|(other, ..)| other.relying_party_id() != relying_party) {
            return Err(Invalid::SeveralRelyingParties.into());
        }
        let required = |(enrollment, credential, _): &(&WebauthnEnrollment, &Credential, _)| {
            enrollment.user_verification().is_needed(credential)
        };
        let preferred = |(enrollment, ..): &(&WebauthnEnrollment, _, _)| {
            enrollment.user_verification() != UserVerification::Discouraged
        };
        let user_verification = match (usable.iter().all(required), usable.iter().any(preferred)) {
            (true, _) => UserVerification::Required,
            (false, true) => UserVerification::Preferred,
            (false, false) => UserVerification::Discouraged,
        };
        Ok(ceremonies.request_options(&Request {
            relying_party,
            challenge: public_challenge,
            allow: usable.iter().map(|(_, credential, _)| *credential).collect(),
            user_verification,
            timeout: now.latest.until(challenge.expires()),
        }))
    }

    /// Whether a challenge can ask for assertions: that it names a credential, be it gone by now, and an origin of all
    /// that it names if any.
    pub(super) fn check_webauthn(
        &self,
        siblings: &Siblings,
        endpoints: &[EndpointRef],
        origin: Option<&Origin>,
    ) -> Result<(), Invalid> {
        let ceremonies = self.ceremonies()?;
        let named = endpoints.iter().filter(|named| named.kind == Some(ChallengeType::Webauthn));
        let named: Vec<_> = named.filter_map(|named| named.endpoint.as_deref()).collect();
        if named.is_empty() {
            return Err(Invalid::WebauthnEndpoint);
        }
        let enrollments = siblings.webauthn.iter().map(|(enrollment, _)| enrollment);
        let mut enrollments = enrollments.filter(|enrollment| named.contains(&enrollment.id().to_string().as_str()));
        match origin {
            Some(origin) if !enrollments.all(|it| ceremonies.origins(it.relying_party_id()).contains(origin)) => {
                Err(Invalid::RelyingPartyOrigin)
            }
            _ => Ok(()),
        }
    }

    /// Compares an answer with the credentials that may answer; `None` when it is no assertion of any of them.
    pub(super) fn compare_assertion(
        &self,
        claim: &Claim<'_>,
        siblings: &Siblings,
        now: Now,
    ) -> Result<Option<Judged>, Error> {
        let challenge = claim.challenge;
        let (Some(ceremonies), Some(public_challenge), Ok(response)) = (
            self.inner.ceremonies.as_deref(),
            challenge.public_challenge(),
            claim.answer.parse::<AuthenticationResponse>(),
        ) else {
            return Ok(None);
        };
        let mut usable = siblings.webauthn_for(challenge);
        let Some((enrollment, credential, version)) = usable.find(|(_, it, _)| it.id == response.credential_id) else {
            return Ok(None);
        };
        let user_handle = match enrollment.user_handle() {
            Some(chosen) => chosen.clone(),
            None => self.inner.tagger.user_handle(challenge.owner()),
        };
        let verdict = ceremonies.authenticate(&Authentication {
            relying_party: enrollment.relying_party_id(),
            origins: &accepted_origins(ceremonies, challenge, enrollment),
            challenge: public_challenge,
            user_handle: &user_handle,
            user_verification: enrollment.user_verification(),
            credential,
            response: &response,
        });
        let fault = match &verdict {
            Ok(asserted) if asserted.counter_grew(credential.sign_count) => None,
            Ok(_) => Some(Rejected::SignCount),
            Err(rejected) => Some(*rejected),
        };
        let accepted = match (verdict, fault) {
            (Ok(asserted), None) => Some(asserted),
            (Ok(asserted), Some(_)) if self.inner.policy.sign_count == SignCountPolicy::Report => Some(asserted),
            _ => None,
        };
        let used = match accepted.map(|asserted| enrollment.used(&asserted, now.latest)) {
            Some(Some(next)) => Some(self.put_webauthn(&next, Some(version))?),
            // That it is deleted meanwhile must not go unnoticed.
            Some(None) => Some(Write::keep(WebauthnEnrollment::key(enrollment.id()), Expect::At(version))),
            None => None,
        };
        Ok(Some(Judged {
            judgement: claim.judge_assertion(accepted.is_some()),
            used,
            credential: accepted.map(|asserted| used_credential(enrollment, credential, asserted)),
            fault: fault.map(|fault| (enrollment.id(), fault)),
        }))
    }
}

/// The origins that the relying party has, or the challenge's own one if it is among them.
fn accepted_origins(
    ceremonies: &dyn Ceremonies,
    challenge: &Challenge,
    enrollment: &WebauthnEnrollment,
) -> Vec<Origin> {
    let mut origins = ceremonies.origins(enrollment.relying_party_id());
    if let Some(only) = challenge.origin() {
        origins.retain(|origin| origin == only);
    }
    origins
}

fn used_credential(enrollment: &WebauthnEnrollment, credential: &Credential, asserted: Asserted) -> UsedCredential {
    UsedCredential {
        enrollment: enrollment.id(),
        user_verified: asserted.user_verified,
        backup_eligible: credential.backup_eligible,
        backed_up: asserted.backed_up,
    }
}

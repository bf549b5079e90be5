use challenges_core::Origin;
use challenges_core::webauthn::{Credential, Preference, Registration, Rejected};
use uuid::Uuid;

use crate::attestation::AttestationPolicy;
use crate::attestation_object::AttestationObject;
use crate::authenticator_data::AuthenticatorData;
use crate::client_data::{ClientData, Expected};
use crate::cose_key::CoseKey;

/// Verifies a new credential (section 7.1, steps 5 to 25).
///
/// Attestation (steps 21 to 24) comes last, because the other checks need little or no cryptography.
pub(crate) fn verify(
    registration: &Registration<'_>,
    top_origins: &[Origin],
    policy: &AttestationPolicy,
) -> Result<Credential, Rejected> {
    verify_answer(registration, &registration.challenge.to_string(), top_origins, policy)
}

/// Verifies the answer to `challenge`, in base64url, instead of the challenge of the registration. Tests need this
/// function, because recorded registrations answer challenges of other lengths.
fn verify_answer(
    registration: &Registration<'_>,
    challenge: &str,
    top_origins: &[Origin],
    policy: &AttestationPolicy,
) -> Result<Credential, Rejected> {
    let Registration { relying_party, origins, user_verification, response, .. } = registration;

    // Steps 5 to 11.
    let expected = Expected { kind: "webauthn.create", challenge, origins, top_origins };
    let client_data = ClientData::read(&response.client_data)?;
    client_data.verify(&expected)?;

    // Steps 13 to 17.
    let object = AttestationObject::read(&response.attestation_object)?;
    let data = AuthenticatorData::read(object.authenticator_data)?;
    let attested = data.attested.as_ref().ok_or(Rejected::AuthenticatorData)?;
    data.verify(relying_party, *user_verification == Preference::Required)?;

    // Step 20.
    CoseKey::read(attested.public_key)?.validate()?;

    // Step 25.
    if attested.id != response.credential_id.as_bytes() {
        return Err(Rejected::CredentialId);
    }

    // Steps 21 to 24.
    let aaguid = match object.format {
        // The statement does not cover the AAGUID (section 8.6), and U2F authenticators have none.
        "fido-u2f" => Uuid::from_bytes([0; 16]),
        _ => attested.aaguid,
    };
    policy.verify(registration, &object, &aaguid, &client_data)?;

    Ok(Credential {
        id: response.credential_id.clone(),
        public_key: attested.public_key.to_vec().into(),
        sign_count: data.sign_count,
        aaguid,
        user_verified: data.user_verified(),
        backup_eligible: data.backup_eligible(),
        backed_up: data.backed_up(),
        transports: response.transports.clone(),
        attestation_format: object.format.to_owned(),
        attestation_trusted: policy.trust_anchors.is_some(),
    })
}

/// Checks a credential of another system like a new one without attestation (section 7.1, steps 20 to 25).
pub(crate) fn admit(credential: &Credential, policy: &AttestationPolicy) -> Result<(), Rejected> {
    CoseKey::read(credential.public_key.as_bytes())?.validate()?;
    policy.admit_unattested(&credential.aaguid)
}

#[cfg(test)]
mod tests;

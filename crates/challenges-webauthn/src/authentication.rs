use aws_lc_rs::digest::{SHA256, digest};
use challenges_core::Origin;
use challenges_core::webauthn::{Asserted, Authentication, Rejected};

use crate::authenticator_data::AuthenticatorData;
use crate::client_data::{ClientData, Expected};
use crate::cose_key::CoseKey;

/// Verifies an assertion (section 7.2, steps 5 to 21). The caller compares the counter.
pub(crate) fn verify(authentication: &Authentication<'_>, top_origins: &[Origin]) -> Result<Asserted, Rejected> {
    let Authentication { relying_party, origins, challenge, user_handle, user_verification, credential, response } =
        authentication;

    // Steps 5 and 6.
    if response.credential_id != credential.id {
        return Err(Rejected::CredentialId);
    }
    if response.user_handle.as_ref().is_some_and(|handle| handle.as_slice() != user_handle.as_bytes()) {
        return Err(Rejected::UserHandle);
    }

    // Steps 8 to 14.
    let expected = Expected { kind: "webauthn.get", challenge: &challenge.to_string(), origins, top_origins };
    ClientData::read(&response.client_data)?.verify(&expected)?;

    // Steps 15 to 19.
    let data = AuthenticatorData::read(&response.authenticator_data)?;
    if data.attested.is_some() {
        return Err(Rejected::AuthenticatorData);
    }
    data.verify(relying_party, credential.needs_verification(*user_verification))?;
    if data.backup_eligible() != credential.backup_eligible {
        return Err(Rejected::BackupEligibility);
    }

    // Steps 20 and 21.
    let hash = digest(&SHA256, &response.client_data);
    let message = [&response.authenticator_data, hash.as_ref()].concat();
    CoseKey::read(credential.public_key.as_bytes())?.verify(&message, &response.signature)?;

    Ok(Asserted { sign_count: data.sign_count, user_verified: data.user_verified(), backed_up: data.backed_up() })
}

use strum::IntoStaticStr;

/// The failed step of a WebAuthn ceremony (Web Authentication Level 3, sections 7.1 and 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr, thiserror::Error)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum Rejected {
    /// The client data is not a JSON object of the expected form (7.1 steps 5 and 6, 7.2 steps 8 and 9).
    #[error("the client data is malformed")]
    ClientData,
    /// The client data belongs to the other ceremony (7.1 step 7, 7.2 step 10).
    #[error("the client data belongs to another ceremony")]
    Type,
    /// The client data answers another challenge (7.1 step 8, 7.2 step 11).
    #[error("the client data answers another challenge")]
    Challenge,
    /// The origin does not belong to the relying party (7.1 step 9, 7.2 step 12).
    #[error("the origin in the client data is not configured for the relying party")]
    Origin,
    /// The response comes from a cross-origin frame (7.1 step 10, 7.2 step 13).
    #[error("the response comes from a cross-origin frame, and these are not allowed")]
    CrossOrigin,
    /// The page around the frame is not allowed (7.1 step 11, 7.2 step 14).
    #[error("the top origin in the client data is not allowed")]
    TopOrigin,
    /// The attestation object is malformed (7.1 step 13).
    #[error("the attestation object is malformed")]
    AttestationObject,
    /// The authenticator data is malformed, or has unexpected parts.
    #[error("the authenticator data is malformed")]
    AuthenticatorData,
    /// The authenticator data is for another relying party (7.1 step 14, 7.2 step 15).
    #[error("the authenticator data is for another relying party")]
    RelyingParty,
    /// The user was not present (7.1 step 15, 7.2 step 16).
    #[error("the authenticator detected no user")]
    UserPresence,
    /// User verification is required and did not take place (7.1 step 16, 7.2 step 17).
    #[error("the authenticator did not verify the user, and verification is required")]
    UserVerification,
    /// The credential is backed up but not eligible for backup (7.1 step 17, 7.2 step 18).
    #[error("the authenticator data says backed up but not eligible for backup")]
    BackupState,
    /// The backup eligibility differs from the registration (7.2 step 19).
    #[error("the backup eligibility differs from the registered one")]
    BackupEligibility,
    /// The algorithm of the key was not offered (7.1 step 20).
    #[error("the algorithm of the credential was not offered; use ES256, ES384 or RS256")]
    Algorithm,
    /// The public key is malformed.
    #[error("the public key of the credential is malformed")]
    PublicKey,
    /// The attestation statement does not verify (7.1 step 22).
    #[error("the attestation statement does not verify")]
    Attestation,
    /// The attestation leads to no trust anchor of the host (7.1 step 24).
    #[error("the attestation leads to no trust anchor of this service")]
    UntrustedAttestation,
    /// The model of the authenticator is not allowed.
    #[error("authenticators of this model are not allowed")]
    Aaguid,
    /// The credential id was not signed or not requested, or has an invalid length (7.1 step 25, 7.2 step 5).
    #[error("the credential id is not the one the authenticator signed")]
    CredentialId,
    /// The user handle belongs to another user (7.2 step 6).
    #[error("the user handle belongs to another user")]
    UserHandle,
    /// The signature is wrong (7.2 step 21).
    #[error("the signature is wrong")]
    Signature,
    /// The signature counter did not grow: the credential may have been copied (7.2 step 22).
    #[error("the signature counter did not grow; the credential may have been copied")]
    SignCount,
}

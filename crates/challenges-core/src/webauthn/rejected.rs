/// Which step of a ceremony an answer did not pass (WebAuthn sections 7.1 and 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Rejected {
    /// The client data is no JSON object of the expected form (7.1 steps 5 and 6, 7.2 steps 8 and 9).
    #[error("the client data is malformed")]
    ClientData,
    /// The client data is of the other ceremony (7.1 step 7, 7.2 step 10).
    #[error("the client data is of another ceremony")]
    Type,
    /// It answers another challenge (7.1 step 8, 7.2 step 11).
    #[error("the challenge in the client data is another one")]
    Challenge,
    /// It was made at an origin that is not the relying party's (7.1 step 9, 7.2 step 12).
    #[error("the origin in the client data is not one that is configured for the relying party")]
    Origin,
    /// It was made in a frame of another site (7.1 step 10, 7.2 step 13).
    #[error("it was made in a cross-origin frame, which is not allowed")]
    CrossOrigin,
    /// The frame was in a page that is not expected (7.1 step 11, 7.2 step 14).
    #[error("the top origin in the client data is not allowed")]
    TopOrigin,
    /// The attestation object is malformed (7.1 step 13).
    #[error("the attestation object is malformed")]
    AttestationObject,
    /// The authenticator data is malformed, or has parts that do not belong there.
    #[error("the authenticator data is malformed")]
    AuthenticatorData,
    /// It was made for another relying party (7.1 step 14, 7.2 step 15).
    #[error("the authenticator data is for another relying party")]
    RelyingParty,
    /// Nobody was present (7.1 step 15, 7.2 step 16).
    #[error("the authenticator saw nobody present")]
    UserPresence,
    /// The user was not verified, but had to be (7.1 step 16, 7.2 step 17).
    #[error("the authenticator did not verify its user, which is required")]
    UserVerification,
    /// It is backed up but may not be (7.1 step 17, 7.2 step 18).
    #[error("the authenticator data says backed up but not eligible for backup")]
    BackupState,
    /// Whether it may be backed up differs from what was registered (7.2 step 19).
    #[error("the backup eligibility is not what it was at registration")]
    BackupEligibility,
    /// The key is for an algorithm that was not offered (7.1 step 20).
    #[error("the algorithm of the credential is not one that was offered (ES256, ES384, RS256)")]
    Algorithm,
    /// The public key is malformed.
    #[error("the public key of the credential is malformed")]
    PublicKey,
    /// The attestation statement does not verify (7.1 step 22).
    #[error("the attestation statement does not verify")]
    Attestation,
    /// The attestation does not lead to a trust anchor (7.1 step 24).
    #[error("the attestation does not lead to a trust anchor that this service accepts")]
    UntrustedAttestation,
    /// The make of the authenticator is not allowed.
    #[error("authenticators of this make are not allowed here")]
    Aaguid,
    /// The credential id is not the one that was signed or asked for, or has an impossible length (7.1 step 25, 7.2 step 5).
    #[error("the credential id is not the one that the authenticator signed")]
    CredentialId,
    /// The user handle is another user's (7.2 step 6).
    #[error("the user handle is another user's")]
    UserHandle,
    /// The signature is wrong (7.2 step 21).
    #[error("the signature is wrong")]
    Signature,
    /// The signature counter did not grow: the credential may have been copied (7.2 step 22).
    #[error("the signature counter did not grow; the credential may have been copied")]
    SignCount,
}

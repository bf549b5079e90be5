use std::time::Duration;

use challenges_core::webauthn::{
    AttestationConveyance, AuthenticatorAttachment, AuthenticatorHint, Creation, Credential, Preference, Request,
    Transport,
};
use serde_json::Value;
use webauthn_rs_core::proto::{
    AllowCredentials, AttestationConveyancePreference, AuthenticatorAttachment as Attachment,
    AuthenticatorSelectionCriteria, AuthenticatorTransport, PubKeyCredParams, PublicKeyCredentialCreationOptions,
    PublicKeyCredentialDescriptor, PublicKeyCredentialHints, PublicKeyCredentialRequestOptions, RelyingParty,
    ResidentKeyRequirement, User, UserVerificationPolicy,
};

use crate::cose_key::ALGORITHMS;

const PUBLIC_KEY: &str = "public-key";

/// Returns PublicKeyCredentialCreationOptionsJSON (section 5.1.9).
pub(crate) fn creation(creation: &Creation<'_>, relying_party_name: &str, direct_attestation: bool) -> Value {
    let attestation = match creation.attestation {
        _ if direct_attestation => AttestationConveyancePreference::Direct,
        AttestationConveyance::None => AttestationConveyancePreference::None,
        AttestationConveyance::Indirect => AttestationConveyancePreference::Indirect,
        AttestationConveyance::Direct => AttestationConveyancePreference::Direct,
    };
    let exclude = creation.exclude.iter().map(|credential| PublicKeyCredentialDescriptor {
        type_: PUBLIC_KEY.to_owned(),
        id: credential.id.as_bytes().to_vec(),
        transports: transports(credential),
    });
    let options = PublicKeyCredentialCreationOptions {
        rp: RelyingParty { name: relying_party_name.to_owned(), id: creation.relying_party.to_string() },
        user: User {
            id: creation.user_handle.as_bytes().to_vec(),
            name: creation.account.to_owned(),
            display_name: creation.account.to_owned(),
        },
        challenge: creation.challenge.as_bytes().to_vec(),
        pub_key_cred_params: ALGORITHMS.map(|alg| PubKeyCredParams { type_: PUBLIC_KEY.to_owned(), alg }).to_vec(),
        timeout: Some(milliseconds(creation.timeout)),
        exclude_credentials: Some(exclude.collect()),
        authenticator_selection: Some(AuthenticatorSelectionCriteria {
            authenticator_attachment: creation.authenticator_attachment.map(|attachment| match attachment {
                AuthenticatorAttachment::Platform => Attachment::Platform,
                AuthenticatorAttachment::CrossPlatform => Attachment::CrossPlatform,
            }),
            resident_key: Some(match creation.resident_key {
                Preference::Required => ResidentKeyRequirement::Required,
                Preference::Preferred => ResidentKeyRequirement::Preferred,
                Preference::Discouraged => ResidentKeyRequirement::Discouraged,
            }),
            require_resident_key: creation.resident_key == Preference::Required,
            user_verification: user_verification(creation.user_verification),
        }),
        hints: hints(creation.hints),
        attestation: Some(attestation),
        attestation_formats: None,
        extensions: None,
    };
    to_json(&options)
}

/// Returns PublicKeyCredentialRequestOptionsJSON (section 5.1.10).
pub(crate) fn request(request: &Request<'_>) -> Value {
    let allow = request.allow.iter().map(|credential| AllowCredentials {
        type_: PUBLIC_KEY.to_owned(),
        id: credential.id.as_bytes().to_vec(),
        transports: transports(credential),
    });
    let options = PublicKeyCredentialRequestOptions {
        challenge: request.challenge.as_bytes().to_vec(),
        timeout: Some(milliseconds(request.timeout)),
        rp_id: request.relying_party.to_string(),
        allow_credentials: allow.collect(),
        user_verification: user_verification(request.user_verification),
        hints: None,
        extensions: None,
    };
    to_json(&options)
}

pub(crate) fn user_verification(user_verification: Preference) -> UserVerificationPolicy {
    match user_verification {
        Preference::Required => UserVerificationPolicy::Required,
        Preference::Preferred => UserVerificationPolicy::Preferred,
        Preference::Discouraged => UserVerificationPolicy::Discouraged_DO_NOT_USE,
    }
}

fn hints(hints: &[AuthenticatorHint]) -> Option<Vec<PublicKeyCredentialHints>> {
    let hints = hints.iter().map(|hint| match hint {
        AuthenticatorHint::SecurityKey => PublicKeyCredentialHints::SecurityKey,
        AuthenticatorHint::ClientDevice => PublicKeyCredentialHints::ClientDevice,
        AuthenticatorHint::Hybrid => PublicKeyCredentialHints::Hybrid,
    });
    (hints.len() > 0).then(|| hints.collect())
}

/// Returns the transports of an authenticator, or `None` if unknown.
fn transports(credential: &Credential) -> Option<Vec<AuthenticatorTransport>> {
    let mut transports = Vec::new();
    for transport in &credential.transports {
        let transport = match transport {
            Transport::Internal => AuthenticatorTransport::Internal,
            Transport::Ble => AuthenticatorTransport::Ble,
            Transport::Nfc => AuthenticatorTransport::Nfc,
            Transport::Usb => AuthenticatorTransport::Usb,
            Transport::Cable | Transport::Hybrid => AuthenticatorTransport::Hybrid,
        };
        if !transports.contains(&transport) {
            transports.push(transport);
        }
    }
    (!transports.is_empty()).then_some(transports)
}

fn milliseconds(timeout: Duration) -> u32 {
    timeout.as_millis().try_into().unwrap_or(u32::MAX)
}

fn to_json(options: &impl serde::Serialize) -> Value {
    // Serialization of these types cannot fail. If it did, browsers would reject null as options.
    serde_json::to_value(options).unwrap_or_default()
}

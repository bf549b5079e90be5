//! A software authenticator with its browser, for tests of WebAuthn ceremonies (Level 3, sections 7.1 and 7.2).
//!
//! A [`SecurityKey`] creates a valid draft. A test can change every field of the draft before signing, and every
//! unsigned field afterwards, so the result differs from a valid ceremony in a single point. All output depends on the
//! seed of the key only.
//!
//! Unlike a browser, the key does not compare the given origin with the relying party.
//!
//! # Examples
//!
//! ```
//! use challenges_testkit::webauthn::{SecurityKey, flags};
//! use serde_json::json;
//!
//! let creation = json!({
//!     "rp": {"id": "example.org", "name": "Example"},
//!     "user": {"id": "dXNlcg", "name": "ada", "displayName": "Ada"},
//!     "challenge": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
//!     "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
//! });
//! let mut key = SecurityKey::new(1);
//! let registered = key.create(&creation, "https://example.org")?.sign();
//! assert_eq!(registered.json()["type"], "public-key");
//!
//! let request = json!({
//!     "rpId": "example.org",
//!     "challenge": "HwABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4",
//!     "allowCredentials": [{"type": "public-key", "id": registered.json()["id"]}],
//! });
//! let mut draft = key.get(&request, "https://example.org")?;
//! draft.client_data.set("crossOrigin", true);
//! draft.authenticator_data.flags &= !flags::UP;
//! let mut signed = draft.sign(); // A valid signature over invalid data.
//! signed.signature.reverse(); // An invalid signature.
//! let answer = signed.answer();
//! assert!(answer.contains("authenticator_data"));
//! # Ok::<(), challenges_testkit::webauthn::Refused>(())
//! ```

mod assertion;
mod attestation;
mod authenticator_data;
mod cbor;
mod certificate;
mod client_data;
mod options;
mod private_key;
mod registration;
mod rsa;
mod security_key;

pub use assertion::{Assertion, SignedAssertion};
pub use attestation::Attestation;
pub use authenticator_data::{AttestedCredential, AuthenticatorData, flags};
pub use cbor::Cbor;
pub use certificate::{AttestationCa, AttestationCertificate};
pub use client_data::ClientData;
pub use options::Refused;
pub use private_key::{Algorithm, PrivateKey};
pub use registration::{NewCredential, SignedCredential};
pub use security_key::SecurityKey;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};

fn base64url(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

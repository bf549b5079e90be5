use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use challenges_core::outbox::{Failure, Retry};
use challenges_core::time::{Clock as _, SystemClock};
use challenges_core::{KeyRing, Secret};
use challenges_delivery::{TokenIssuer, TokenRequest};
use hkdf::Hkdf;
use serde_json::{Value, json};
use sha2::Sha256;

/// The lifetime of a token. Longer than the timeout of an attempt at an action.
const LIFE: Duration = Duration::from_secs(60);

/// Signs the access tokens of actions: JWTs (RFC 7519, RFC 9068) with the actor as subject, for one audience.
#[derive(Debug)]
pub(crate) struct ActionTokens {
    issuer: String,
    pair: Ed25519KeyPair,
}

impl ActionTokens {
    /// Derives the signing key from the key ring, so that all demos with one key file sign with the same key.
    pub(crate) fn new(keys: &KeyRing, issuer: &str) -> Self {
        let mut seed = zeroize::Zeroizing::new([0; 32]);
        let derived =
            Hkdf::<Sha256>::new(None, keys.to_text().as_bytes()).expand(b"challenges-demo/v1/action-token", &mut *seed);
        match (derived, Ed25519KeyPair::from_seed_unchecked(&*seed)) {
            (Ok(()), Ok(pair)) => Self { issuer: issuer.to_owned(), pair },
            _ => unreachable!("32 bytes are one block of HKDF, and any of them are a seed of Ed25519"),
        }
    }

    /// Returns the public key as a JWK set (RFC 7517, RFC 8037).
    pub(crate) fn key_set(&self) -> Value {
        let x = BASE64_URL_SAFE_NO_PAD.encode(self.pair.public_key());
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "x": x }] })
    }
}

#[async_trait]
impl TokenIssuer for ActionTokens {
    async fn issue(&self, request: &TokenRequest<'_>) -> Result<Secret, Failure> {
        let now = SystemClock.now();
        let scopes: Vec<&str> = request.scopes.iter().map(String::as_str).collect();
        let header = json!({ "alg": "EdDSA", "typ": "at+jwt" });
        let claims = json!({
            "iss": self.issuer,
            "sub": request.actor.user_id(),
            "org": request.actor.tenant(),
            "aud": request.audience.as_str(),
            "scope": scopes.join(" "),
            "iat": now.as_seconds(),
            "exp": now.after(LIFE).as_seconds(),
        });
        let [header, claims] = [header, claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = format!("{header}.{claims}");
        let signature = self
            .pair
            .try_sign(signed.as_bytes())
            .map_err(|_| Failure::new(Retry::Later(None), "cannot sign the access token"))?;
        Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)).into())
    }
}

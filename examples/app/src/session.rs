//! Stateless sessions: the cookie has the user and expiry, authenticated by a MAC.

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use challenges_core::{KeyRing, Owner, Timestamp};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The lifetime of a session.
pub(crate) const LIFE: Duration = Duration::from_secs(7 * 86_400);

/// Issues and verifies session cookies.
#[derive(Clone)]
pub(crate) struct Sessions {
    mac: Hmac<Sha256>,
}

impl Sessions {
    /// Derives the MAC key from the key ring. Sessions survive a restart and end when the keys change.
    pub(crate) fn new(keys: &KeyRing) -> Self {
        let mut key = [0; 32];
        let derived =
            Hkdf::<Sha256>::new(None, keys.to_text().as_bytes()).expand(b"challenges-demo/v1/session", &mut key);
        let mac = Hmac::new_from_slice(&key);
        match (derived, mac) {
            (Ok(()), Ok(mac)) => Self { mac },
            _ => unreachable!("32 bytes are one block of HKDF, and HMAC takes keys of every length"),
        }
    }

    /// Returns the cookie value of a new session.
    pub(crate) fn issue(&self, user: &Owner, now: Timestamp) -> String {
        let user = BASE64_URL_SAFE_NO_PAD.encode(user.user_id());
        let claim = format!("{}.{user}", now.after(LIFE).as_seconds());
        let mac = BASE64_URL_SAFE_NO_PAD.encode(self.mac.clone().chain_update(&claim).finalize().into_bytes());
        format!("{claim}.{mac}")
    }

    /// Returns the user of a cookie value, unless the value is forged or expired.
    pub(crate) fn open(&self, value: &str, now: Timestamp) -> Option<Owner> {
        let (claim, mac) = value.rsplit_once('.')?;
        let mac = BASE64_URL_SAFE_NO_PAD.decode(mac).ok()?;
        self.mac.clone().chain_update(claim).verify_slice(&mac).ok()?;
        let (ends, user) = claim.split_once('.')?;
        if now.as_seconds() >= ends.parse().ok()? {
            return None;
        }
        let user = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(user).ok()?).ok()?;
        Owner::user(user).ok()
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

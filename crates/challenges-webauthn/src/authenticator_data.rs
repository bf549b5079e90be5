use aws_lc_rs::digest::{SHA256, digest};
use challenges_core::webauthn::{Rejected, RelyingPartyId};
use uuid::Uuid;

use crate::cbor::{Malformed, split_item, split_text_map};

/// Authenticator data (section 6.1), with exactly the parts announced by the flags.
#[derive(Debug)]
pub(crate) struct AuthenticatorData<'a> {
    rp_id_hash: &'a [u8; 32],
    flags: u8,
    pub(crate) sign_count: u32,
    pub(crate) attested: Option<AttestedCredential<'a>>,
}

/// Attested credential data (section 6.5.1).
#[derive(Debug)]
pub(crate) struct AttestedCredential<'a> {
    pub(crate) aaguid: Uuid,
    pub(crate) id: &'a [u8],
    /// The public key as a COSE_Key.
    pub(crate) public_key: &'a [u8],
}

const UP: u8 = 1;
const UV: u8 = 1 << 2;
const BE: u8 = 1 << 3;
const BS: u8 = 1 << 4;
const AT: u8 = 1 << 6;
const ED: u8 = 1 << 7;

impl<'a> AuthenticatorData<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Rejected> {
        Self::split(bytes).map_err(|_| Rejected::AuthenticatorData)
    }

    fn split(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (rp_id_hash, rest) = bytes.split_first_chunk().ok_or(Malformed)?;
        let ([flags], rest) = rest.split_first_chunk().ok_or(Malformed)?;
        let (sign_count, mut rest) = rest.split_first_chunk().ok_or(Malformed)?;
        let mut attested = None;
        if flags & AT != 0 {
            let (credential, after) = AttestedCredential::split(rest)?;
            attested = Some(credential);
            rest = after;
        }
        if flags & ED != 0 {
            (_, rest) = split_text_map(rest)?;
        }
        if !rest.is_empty() {
            return Err(Malformed);
        }
        Ok(Self { rp_id_hash, flags: *flags, sign_count: u32::from_be_bytes(*sign_count), attested })
    }

    /// Verifies the relying party and the flags: steps 14 to 17 of section 7.1, or steps 15 to 18 of section 7.2.
    pub(crate) fn verify(&self, relying_party: &RelyingPartyId, requires_verification: bool) -> Result<(), Rejected> {
        if self.rp_id_hash != digest(&SHA256, relying_party.as_str().as_bytes()).as_ref() {
            return Err(Rejected::RelyingParty);
        }
        if self.flags & UP == 0 {
            return Err(Rejected::UserPresence);
        }
        if requires_verification && !self.user_verified() {
            return Err(Rejected::UserVerification);
        }
        if self.backed_up() && !self.backup_eligible() {
            return Err(Rejected::BackupState);
        }
        Ok(())
    }

    pub(crate) fn user_verified(&self) -> bool {
        self.flags & UV != 0
    }

    pub(crate) fn backup_eligible(&self) -> bool {
        self.flags & BE != 0
    }

    pub(crate) fn backed_up(&self) -> bool {
        self.flags & BS != 0
    }
}

impl<'a> AttestedCredential<'a> {
    fn split(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Malformed> {
        let (aaguid, rest) = bytes.split_first_chunk::<16>().ok_or(Malformed)?;
        let (length, rest) = rest.split_first_chunk().ok_or(Malformed)?;
        let (id, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into()).ok_or(Malformed)?;
        let (public_key, rest) = split_item(rest)?;
        Ok((Self { aaguid: Uuid::from_bytes(*aaguid), id, public_key }, rest))
    }
}

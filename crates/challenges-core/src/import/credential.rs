use serde_json::Value;
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::fields::{Fields, bytes, refuse};
use super::parts::{Parts, id, sign_count, transports};
use super::passkey;
use crate::ceremony::{Credential, Preference, UserHandle};
use crate::error::{Invalid, Rejected};
use crate::owner;
use crate::webauthn::OldCredential;

const RELYING_PARTY: &str = "present: the domain of the credential, such as example.org";
const USER_HANDLE: &str = "present: 1 to 64 bytes, a UUID, or null if the other system kept none";
const USER_VERIFICATION: &str = "required, preferred or discouraged";
const DEVICE_TYPE: &str = "single_device or multi_device, unless backup_eligible is present";
const NAME: &str = "at most 255 bytes without control characters";

/// Reads the member `webauthn` of a row, and the members of `row` about the credential.
pub(super) fn read(webauthn: Value, row: &mut Fields) -> Result<OldCredential, Invalid> {
    let mut columns = Fields::read("webauthn", webauthn)?;
    let relying_party = row.text(&["relying_party_id", "rp_id"], "relying_party_id", RELYING_PARTY)?;
    let relying_party = relying_party.ok_or(refuse("relying_party_id", RELYING_PARTY))?.parse()?;
    let user_handle = row.take_nullable(&["user_handle"]).ok_or(refuse("user_handle", USER_HANDLE))?;
    let (credential, name, registered) = match columns.take(&["cred"]) {
        Some(passkey) => passkey::read(passkey)?,
        None => from_columns(columns)?,
    };
    if credential.id.as_bytes().len() < 16 {
        return Err(refuse("credential_id", "16 to 1023 bytes"));
    }
    if credential.backed_up && !credential.backup_eligible {
        return Err(Rejected::BackupState.into());
    }
    let user_verification = match row.text(&["user_verification"], "user_verification", USER_VERIFICATION)? {
        Some(text) => text.parse()?,
        None => registered.unwrap_or(Preference::Preferred),
    };
    Ok(OldCredential {
        relying_party,
        user_handle: handle(&user_handle)?,
        user_verification,
        name: name.filter(|name| !name.is_empty()),
        credential,
    })
}

/// Reads the columns of py_webauthn, SimpleWebAuthn, better-auth and similar libraries.
fn from_columns(mut columns: Fields) -> Result<Parts, Invalid> {
    let name = columns.text(&["name"], "name", NAME)?;
    if name.as_deref().is_some_and(|name| !owner::is_printable(name)) {
        return Err(refuse("name", NAME));
    }
    let aaguid = columns.text(&["aaguid"], "aaguid", "a UUID")?.filter(|text| !text.is_empty());
    let credential = Credential {
        id: id(columns.bytes(&["credential_id", "credentialID", "credentialId", "id"], "credential_id")?)?,
        public_key: columns
            .bytes(&["public_key", "publicKey", "credential_public_key", "credentialPublicKey"], "public_key")?
            .into(),
        sign_count: sign_count(columns.number(&["sign_count", "signCount", "counter"], "sign_count")?)?,
        aaguid: aaguid.map_or(Ok(Uuid::nil()), |text| hyphenated(&text).ok_or(Invalid::Aaguid))?,
        user_verified: columns.flag(&["user_verified", "userVerified"], "user_verified")?.unwrap_or(false),
        backup_eligible: is_backup_eligible(&mut columns)?,
        backed_up: columns
            .flag(
                &["backed_up", "backedUp", "credential_backed_up", "credentialBackedUp", "backup_state", "backupState"],
                "backed_up",
            )?
            .unwrap_or(false),
        transports: transports(columns.take(&["transports"]))?,
        attestation_format: "none".to_owned(),
        attestation_trusted: false,
    };
    Ok((credential, name, None))
}

fn is_backup_eligible(columns: &mut Fields) -> Result<bool, Invalid> {
    if let Some(flag) = columns.flag(&["backup_eligible", "backupEligible"], "backup_eligible")? {
        return Ok(flag);
    }
    let names = ["device_type", "deviceType", "credential_device_type", "credentialDeviceType"];
    match columns.text(&names, "device_type", DEVICE_TYPE)?.as_deref() {
        Some("single_device" | "singleDevice") => Ok(false),
        Some("multi_device" | "multiDevice") => Ok(true),
        // Guessing would lock the user out: an assertion with another flag is refused.
        Some(_) | None => Err(refuse("device_type", DEVICE_TYPE)),
    }
}

fn handle(value: &Value) -> Result<Option<UserHandle>, Invalid> {
    if value.is_null() {
        return Ok(None);
    }
    // The text of a UUID is also valid base64url, of other bytes.
    let uuid = value.as_str().and_then(hyphenated);
    let bytes = uuid.map(|uuid| uuid.as_bytes().to_vec()).or_else(|| bytes(value));
    bytes.and_then(UserHandle::from_bytes).map(Some).ok_or(refuse("user_handle", USER_HANDLE))
}

/// Reads a UUID of 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12, with hyphens between the groups.
fn hyphenated(text: &str) -> Option<Uuid> {
    text.parse::<Hyphenated>().ok().map(Uuid::from)
}

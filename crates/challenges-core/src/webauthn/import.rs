use super::WebauthnEnrollment;
use super::factor::{RegistrationState, WebauthnFactor};
use super::old_credential::OldCredential;
use super::reservation::{is_held, reserve};
use crate::ceremony::Credential;
use crate::challenge_type::ChallengeType;
use crate::engine::{Change, Engine, Entity as _, Versioned, find_owned, load};
use crate::enrollment::{self, observe_completed};
use crate::error::{Error, Invalid};
use crate::grant::{self, Grant};
use crate::id::EnrollmentId;
use crate::notices;
use crate::outbox::Notice;
use crate::owner::Owner;
use crate::recovery;

impl OldCredential {
    /// Returns whether an enrollment has this credential, or is about to get the credential from an earlier import.
    fn is_of(&self, enrollment: &WebauthnEnrollment) -> Result<bool, Error> {
        if enrollment.credential_id() != Some(&self.credential.id) {
            return Ok(false);
        }
        let is_other = |other: &Credential| other.public_key != self.credential.public_key;
        if enrollment.relying_party_id() != &self.relying_party || enrollment.credential().is_some_and(is_other) {
            return Err(Invalid::CredentialTaken.into());
        }
        Ok(true)
    }
}

/// Stores a completed enrollment with the credential of another system, unless the user has the credential. Returns the
/// enrollment, and whether the enrollment is new. A dry run stores nothing.
///
/// The record of the enrollment is written before the reservation of the credential id, which would be void without the
/// record. After a crash in between, the next import of the credential continues with this record.
pub(crate) async fn import(
    engine: &Engine,
    owner: &Owner,
    old: &OldCredential,
    dry_run: bool,
) -> Result<(WebauthnEnrollment, bool), Error> {
    let ceremonies = engine.ceremonies()?;
    if ceremonies.origins(&old.relying_party).is_empty() {
        return Err(Invalid::RelyingParty.into());
    }
    ceremonies.admit(&old.credential).map_err(Invalid::Registration)?;
    let (seen, is_new) = begin(engine, owner, old, true).await?;
    if seen.is_completed() {
        return Ok((seen, false));
    }
    let earlier = (!is_new).then(|| seen.id());
    if is_held(engine, &old.credential.id, earlier).await? {
        return Err(Invalid::CredentialTaken.into());
    }
    if dry_run {
        return Ok((seen, true));
    }
    let (begun, _) = begin(engine, owner, old, false).await?;
    if begun.is_completed() {
        return Ok((begun, false));
    }
    if !reserve(engine, &old.credential.id, begun.id()).await? {
        return Err(Invalid::CredentialTaken.into());
    }
    complete(engine, owner, old, begun.id()).await
}

async fn begin(
    engine: &Engine,
    owner: &Owner,
    old: &OldCredential,
    dry_run: bool,
) -> Result<(WebauthnEnrollment, bool), Error> {
    let is_same = |enrolled: &WebauthnEnrollment| old.is_of(enrolled);
    enrollment::import(engine, owner, dry_run, is_same, |_| {
        let importing = RegistrationState::Importing { credential: old.credential.id.clone() };
        Ok(WebauthnFactor::imported(old, importing))
    })
    .await
}

async fn complete(
    engine: &Engine,
    owner: &Owner,
    old: &OldCredential,
    id: EnrollmentId,
) -> Result<(WebauthnEnrollment, bool), Error> {
    let load = load::<WebauthnEnrollment>(id.0).with_owned(&Grant::kinds());
    let (imported, is_new, ends_codes) = engine
        .transact(Some(&load), |loaded, now| {
            let Versioned { value, version } = match find_owned::<WebauthnEnrollment>(loaded, owner, id.0) {
                // The record gave way to another pending enrollment.
                Err(Error::NotFound) => return Err(Error::Contended),
                found => found?,
            };
            if value.is_completed() {
                return Ok(Change::none((value, false, false)));
            }
            if !value.is_alive(&engine.policy, now.latest) {
                return Err(Error::Contended);
            }
            let completed = value.imported(old, now.latest);
            let mut writes = vec![engine.put(&completed, Some(version))?];
            let notice = Notice::Imported(ChallengeType::Webauthn);
            writes.extend(notices::changed(engine, loaded, owner, notice, now)?);
            let ended = grant::end_codes(engine, loaded, owner, ChallengeType::Webauthn, now.clock, now)?;
            let ends_codes = !ended.is_empty();
            writes.extend(ended);
            Ok(Change::new(writes, (completed, true, ends_codes)))
        })
        .await?;
    if is_new {
        observe_completed(engine, &imported);
    }
    recovery::observe_ended(engine, owner, ends_codes);
    Ok((imported, is_new))
}

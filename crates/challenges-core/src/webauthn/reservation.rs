use serde::{Deserialize, Serialize};

use super::WebauthnEnrollment;
use crate::ceremony::CredentialId;
use crate::codec::{self, Form};
use crate::engine::{Change, Engine, Entity as _, load};
use crate::error::Error;
use crate::id::EnrollmentId;
use crate::store::{Key, Kind, Load, Record, Write};

/// The reservation of a credential id, unique over all owners.
///
/// The shard of a reservation is not the shard of the enrollment, so the reservation is written first. A crash before
/// the completion of the enrollment leaves a reservation without a credential. A reservation whose enrollment is gone,
/// or has another credential, is void.
#[derive(Serialize, Deserialize)]
struct Reservation {
    v: Form,
    enrollment: EnrollmentId,
}

/// The holder of a credential id after an attempt to reserve.
enum Holder {
    Caller,
    Other(EnrollmentId),
}

/// Reserves a credential id for an enrollment. Returns `false` if another enrollment holds the id; reserving twice for
/// the same enrollment succeeds.
pub(super) async fn reserve(
    engine: &Engine,
    credential: &CredentialId,
    enrollment: EnrollmentId,
) -> Result<bool, Error> {
    let mut void = None;
    loop {
        match reserve_over(engine, credential, enrollment, void).await? {
            Holder::Caller => return Ok(true),
            Holder::Other(other) if is_unused(engine, credential, other).await? => void = Some(other),
            Holder::Other(_) => return Ok(false),
        }
    }
}

/// Releases a reservation if the enrollment can no longer get the credential. A failure is harmless: the next
/// registration of the credential finds the reservation void.
pub(super) async fn release_if_unused(engine: &Engine, credential: &CredentialId, enrollment: EnrollmentId) {
    if is_unused(engine, credential, enrollment).await.unwrap_or(false) {
        let _ = release(engine, credential, enrollment).await;
    }
}

/// Releases the reservation of an enrollment, unless another enrollment has taken the reservation over.
pub(crate) async fn release_of(engine: &Engine, enrollment: &WebauthnEnrollment) -> Result<(), Error> {
    match enrollment.credential_id() {
        Some(credential) => release(engine, credential, enrollment.id()).await,
        None => Ok(()),
    }
}

/// Returns whether another enrollment than `except` holds a credential id. Changes nothing.
pub(super) async fn is_held(
    engine: &Engine,
    credential: &CredentialId,
    except: Option<EnrollmentId>,
) -> Result<bool, Error> {
    let key = key_of(engine, credential);
    let loaded = engine.store.load(&Load::key(key)).await?;
    let Some(stored) = loaded.find(key) else { return Ok(false) };
    let holder = codec::decode::<Reservation>(&stored.record.body)?.enrollment;
    if except == Some(holder) {
        return Ok(false);
    }
    let loaded = engine.store.load(&load::<WebauthnEnrollment>(holder.0)).await?;
    let Some(stored) = loaded.find(Key::new(Kind::WebauthnEnrollment, holder.0)) else { return Ok(false) };
    let enrollment = WebauthnEnrollment::decode(stored)?;
    Ok(match enrollment.credential() {
        Some(other) => other.id == *credential,
        None => enrollment.is_alive(&engine.policy, engine.now().latest),
    })
}

/// Reserves a credential id, also over the reservation of the enrollment `void`.
async fn reserve_over(
    engine: &Engine,
    credential: &CredentialId,
    enrollment: EnrollmentId,
    void: Option<EnrollmentId>,
) -> Result<Holder, Error> {
    let key = key_of(engine, credential);
    engine
        .transact(Some(&Load::key(key)), |loaded, _| {
            let expect = match loaded.find(key) {
                None => None,
                Some(stored) => {
                    let holder = codec::decode::<Reservation>(&stored.record.body)?.enrollment;
                    if holder == enrollment {
                        return Ok(Change::none(Holder::Caller));
                    }
                    if void != Some(holder) {
                        return Ok(Change::none(Holder::Other(holder)));
                    }
                    Some(stored.version)
                }
            };
            let body = codec::encode(&Reservation { v: Form, enrollment })?;
            let put = Write::put(expect, Record { key, due: None, expires: None, body });
            Ok(Change::new(vec![put], Holder::Caller))
        })
        .await
}

async fn release(engine: &Engine, credential: &CredentialId, enrollment: EnrollmentId) -> Result<(), Error> {
    let key = key_of(engine, credential);
    engine
        .transact(Some(&Load::key(key)), |loaded, _| {
            let Some(stored) = loaded.find(key) else { return Ok(Change::none(())) };
            let holder = codec::decode::<Reservation>(&stored.record.body)?.enrollment;
            if holder != enrollment {
                return Ok(Change::none(()));
            }
            Ok(Change::new(vec![Write::delete(key, stored.version)], ()))
        })
        .await
}

/// Returns whether an enrollment neither has the credential nor can get it. An expired enrollment is deleted first, so
/// that a concurrent completion meets a conflict.
async fn is_unused(engine: &Engine, credential: &CredentialId, id: EnrollmentId) -> Result<bool, Error> {
    let key = Key::new(Kind::WebauthnEnrollment, id.0);
    engine
        .transact(Some(&load::<WebauthnEnrollment>(id.0)), |loaded, now| {
            let Some(stored) = loaded.find(key) else { return Ok(Change::none(true)) };
            let enrollment = WebauthnEnrollment::decode(stored)?;
            if let Some(other) = enrollment.credential() {
                return Ok(Change::none(other.id != *credential));
            }
            if enrollment.is_alive(&engine.policy, now.latest) {
                return Ok(Change::none(false));
            }
            Ok(Change::new(vec![Write::delete(key, stored.version)], true))
        })
        .await
}

fn key_of(engine: &Engine, credential: &CredentialId) -> Key {
    Key::new(Kind::Reservation, engine.owner_tags.reservation_id(credential))
}

use serde::{Deserialize, Serialize};

use super::Challenges;
use super::enrollments::load;
use super::transaction::Decision;
use crate::codec::{self, Form};
use crate::enrollment::{EnrollmentRecord as _, WebauthnEnrollment};
use crate::error::Error;
use crate::id::EnrollmentId;
use crate::store::{Expect, Key, Kind, Load, Record, Write};
use crate::webauthn::CredentialId;

/// Who holds a credential id. It is in a shard of its own, so it is taken before the enrollment is completed, and a crash
/// may leave it behind without one: an enrollment that is gone, or has another credential, holds nothing.
#[derive(Serialize, Deserialize)]
struct Reservation {
    v: Form,
    enrollment: EnrollmentId,
}

/// What to do about a reservation.
enum Found {
    Held,
    HeldBy(EnrollmentId),
}

impl Challenges {
    /// Takes a credential id for an enrollment, which may have it already; false, when another one has it.
    pub(super) async fn reserve(&self, credential: &CredentialId, enrollment: EnrollmentId) -> Result<bool, Error> {
        let key = self.reservation_key(credential);
        let mut gone = None;
        loop {
            let found = self
                .transact(Some(&Load::key(key)), |loaded, _| {
                    let expect = match loaded.find(key) {
                        None => Expect::Absent,
                        Some(stored) => {
                            let held: Reservation = codec::decode(&stored.record.body)?;
                            if held.enrollment == enrollment {
                                return Ok(Decision::Done(Found::Held));
                            }
                            if gone != Some(held.enrollment) {
                                return Ok(Decision::Done(Found::HeldBy(held.enrollment)));
                            }
                            Expect::At(stored.version)
                        }
                    };
                    let body = codec::encode(&Reservation { v: Form, enrollment })?;
                    let put = Write::put(expect, Record { key, due: None, expires: None, body });
                    Ok(Decision::Commit(vec![put], Found::Held))
                })
                .await?;
            match found {
                Found::Held => return Ok(true),
                Found::HeldBy(other) if self.is_gone(other, credential).await? => gone = Some(other),
                Found::HeldBy(_) => return Ok(false),
            }
        }
    }

    /// Gives up a credential id that an enrollment reserved and can no longer come to have. Where this fails, whoever
    /// registers the credential next finds that out.
    pub(super) async fn give_back(&self, credential: &CredentialId, enrollment: EnrollmentId) {
        if self.is_gone(enrollment, credential).await.unwrap_or(false) {
            let _ = self.release(credential, enrollment).await;
        }
    }

    async fn release(&self, credential: &CredentialId, enrollment: EnrollmentId) -> Result<(), Error> {
        let key = self.reservation_key(credential);
        self.transact(Some(&Load::key(key)), |loaded, _| {
            let Some(stored) = loaded.find(key) else { return Ok(Decision::Done(())) };
            let held: Reservation = codec::decode(&stored.record.body)?;
            if held.enrollment != enrollment {
                return Ok(Decision::Done(()));
            }
            Ok(Decision::Commit(vec![Write::delete(key, stored.version)], ()))
        })
        .await
    }

    /// Whether an enrollment can never come to have that credential any more. One that waits in vain is deleted first, so
    /// that whoever is just completing it meets a conflict.
    async fn is_gone(&self, id: EnrollmentId, credential: &CredentialId) -> Result<bool, Error> {
        self.transact(Some(&load::<WebauthnEnrollment>(id)), |loaded, now| {
            let Some(stored) = loaded.find(WebauthnEnrollment::key(id)) else { return Ok(Decision::Done(true)) };
            let enrollment = WebauthnEnrollment::decode_stored(stored)?;
            if let Some(other) = enrollment.credential() {
                return Ok(Decision::Done(other.id != *credential));
            }
            if enrollment.is_alive(&self.inner.policy, now.latest) {
                return Ok(Decision::Done(false));
            }
            Ok(Decision::Commit(vec![Write::delete(stored.record.key, stored.version)], true))
        })
        .await
    }

    fn reservation_key(&self, credential: &CredentialId) -> Key {
        Key::new(Kind::Reservation, self.inner.tagger.reservation_id(credential))
    }
}

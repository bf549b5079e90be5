use super::factor::WebauthnFactor;
use super::reservation::{release_if_unused, reserve};
use super::{Webauthn, WebauthnEnrollment};
use crate::ceremony::{Ceremonies, Credential, PublicChallenge, Registration, RegistrationResponse};
use crate::challenge_type::ChallengeType;
use crate::engine::{Change, Engine, Entity as _, Now, Versioned, find_owned, load};
use crate::enrollment::{observe_completed, observe_refused, observe_undecided, observe_wrong};
use crate::error::{Error, Invalid, Refused};
use crate::grant::Grant;
use crate::id::EnrollmentId;
use crate::notices;
use crate::outbox::Notice;
use crate::owner::Owner;
use crate::policy::Policy;
use crate::recovery;
use crate::store::Loaded;
use crate::time::Timestamp;

impl Webauthn<'_> {
    /// Completes a pending enrollment with the browser's response to the
    /// [creation options](Webauthn::creation_options).
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if the user has no such enrollment.
    /// - [`Error::Grant`] if the grant does not admit the change.
    /// - [`Error::Invalid`] if the response fails the ceremony, the credential is registered already, or the enrollment
    ///   is completed, expired, or has reached [`Policy::secrets_per_challenge`] wrong responses.
    /// - [`Error::Store`] if the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "webauthn.confirm", level = "debug", skip_all))]
    pub async fn confirm(
        &self,
        owner: &Owner,
        grant: &Grant,
        id: EnrollmentId,
        response: &RegistrationResponse,
    ) -> Result<WebauthnEnrollment, Error> {
        let ceremonies = self.engine.ceremonies()?;
        let confirmed = confirm(self.engine, ceremonies, owner, grant, id, response).await;
        observe_confirmation(self.engine, owner, grant, id, &confirmed);
        confirmed
    }
}

/// Returns the challenge of an enrollment that still accepts a response.
pub(super) fn open_challenge<'a>(
    policy: &Policy,
    enrollment: &'a WebauthnEnrollment,
    now: Timestamp,
) -> Result<&'a PublicChallenge, Invalid> {
    let is_open = enrollment.is_alive(policy, now) && enrollment.rejected() < policy.secrets_per_challenge;
    enrollment.challenge().filter(|_| is_open).ok_or(Invalid::EnrollmentClosed)
}

async fn confirm(
    engine: &Engine,
    ceremonies: &dyn Ceremonies,
    owner: &Owner,
    grant: &Grant,
    id: EnrollmentId,
    response: &RegistrationResponse,
) -> Result<WebauthnEnrollment, Error> {
    let load = load::<WebauthnEnrollment>(id.0).with_owned(&Grant::kinds());
    let credential = engine
        .transact(Some(&load), |loaded, now| {
            find_owned::<WebauthnEnrollment>(loaded, owner, id.0)?;
            grant.admit(engine, loaded, owner, None, now)?;
            register(engine, ceremonies, owner, id, response, loaded, now)
        })
        .await??;
    if !reserve(engine, &credential.id, id).await? {
        return Err(Invalid::CredentialTaken.into());
    }
    let completed = engine
        .transact(Some(&load), |loaded, now| {
            let Versioned { value: enrollment, version } = find_owned::<WebauthnEnrollment>(loaded, owner, id.0)?;
            open_challenge(&engine.policy, &enrollment, now.latest)?;
            let mut writes =
                grant.admit_completing(engine, loaded, owner, ChallengeType::Webauthn, enrollment.created(), now)?;
            let ends_codes = !writes.is_empty();
            let completed = enrollment.completed(credential.clone(), response.user_handle.clone(), now.latest);
            writes.push(engine.put(&completed, Some(version))?);
            let notice = Notice::Added(ChallengeType::Webauthn);
            writes.extend(notices::changed(engine, loaded, owner, notice, now)?);
            Ok(Change::new(writes, (completed, ends_codes)))
        })
        .await;
    if completed.is_err() {
        // Of several concurrent responses one completes the enrollment; the credentials of the others stay reserved.
        release_if_unused(engine, &credential.id, id).await;
    }
    let (completed, ends_codes) = completed?;
    recovery::observe_ended(engine, owner, ends_codes);
    Ok(completed)
}

/// Runs the registration ceremony. A rejected response is counted, an accepted response is not stored yet.
fn register(
    engine: &Engine,
    ceremonies: &dyn Ceremonies,
    owner: &Owner,
    id: EnrollmentId,
    response: &RegistrationResponse,
    loaded: &Loaded,
    now: Now,
) -> Result<Change<Result<Credential, Invalid>>, Error> {
    let Versioned { value: enrollment, version } = find_owned::<WebauthnEnrollment>(loaded, owner, id.0)?;
    let challenge = match open_challenge(&engine.policy, &enrollment, now.latest) {
        Ok(challenge) => challenge,
        Err(closed) => return Ok(Change::none(Err(closed))),
    };
    let relying_party = enrollment.relying_party_id();
    let registered = ceremonies.register(&Registration {
        relying_party,
        origins: &ceremonies.origins(relying_party),
        challenge,
        user_verification: enrollment.user_verification(),
        response,
    });
    match registered {
        Ok(credential) => Ok(Change::none(Ok(credential))),
        Err(rejected) => {
            let put = engine.put(&enrollment.after_rejection(now.latest), Some(version))?;
            Ok(Change::new(vec![put], Err(Invalid::Registration(rejected))))
        }
    }
}

fn observe_confirmation(
    engine: &Engine,
    owner: &Owner,
    grant: &Grant,
    id: EnrollmentId,
    confirmed: &Result<WebauthnEnrollment, Error>,
) {
    match confirmed {
        Ok(enrollment) => {
            grant.observe(engine, owner);
            observe_completed(engine, enrollment);
        }
        Err(Error::Invalid(Invalid::Registration(reason))) => {
            observe_wrong::<WebauthnFactor>(engine, owner, id, Some(*reason));
        }
        Err(Error::Invalid(Invalid::CredentialTaken)) => observe_refused(engine, owner, id, Refused::CredentialTaken),
        Err(Error::Invalid(Invalid::EnrollmentClosed)) => observe_refused(engine, owner, id, Refused::Final),
        Err(undecided) => observe_undecided(engine, owner, id, undecided),
    }
}

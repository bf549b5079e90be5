use super::status::{self, AccountStatus};
use crate::challenge::{self, ChallengeSpec, CreatedChallenge, EndpointRef};
use crate::challenge_type::{ChallengeType, ChallengeTypes};
use crate::endpoints::Endpoint;
use crate::engine::Engine;
use crate::error::Error;
use crate::evidence::Requirement;
use crate::owner::Owner;
use crate::purpose::Purpose;
use crate::stored_factor::StoredFactor;
use crate::totp::TotpEnrollment;

/// Challenges a user by every completed factor that the requirement admits. See
/// [`Challenges::ask`](crate::Challenges::ask).
pub(crate) async fn ask(
    engine: &Engine,
    owner: &Owner,
    purpose: &Purpose,
    required: &Requirement,
) -> Result<Option<(CreatedChallenge, AccountStatus)>, Error> {
    let load = status::load(engine, owner);
    challenge::create_chosen(engine, owner, &load, |loaded, now| {
        let account = AccountStatus::read(engine, loaded, owner, now)?;
        Ok(spec_for(engine, &account, purpose, required)?.map(|spec| (spec, account)))
    })
    .await
}

/// Returns the spec of a challenge by every admitted factor that can answer, or `None` for a user without a completed
/// factor that is admitted. If no admitted factor can answer, the spec names all of them, and the challenge fails.
fn spec_for(
    engine: &Engine,
    account: &AccountStatus,
    purpose: &Purpose,
    required: &Requirement,
) -> Result<Option<ChallengeSpec>, Error> {
    let credentials: Vec<_> = account.webauthn.iter().filter(|enrollment| enrollment.is_completed()).collect();
    let serves_webauthn = engine.ceremonies().is_ok() && engine.policy.challenge_endpoints > 0;
    let kinds = |usable: bool| {
        let mut kinds = Vec::new();
        for factor in StoredFactor::all() {
            match factor {
                StoredFactor::Totp => {
                    let is_completed = account.totp.iter().any(TotpEnrollment::is_completed);
                    kinds.extend(is_completed.then_some(ChallengeType::Totp));
                }
                StoredFactor::Webauthn => {
                    let can_answer = !credentials.is_empty() && (serves_webauthn || !usable);
                    kinds.extend(can_answer.then_some(ChallengeType::Webauthn));
                }
                StoredFactor::Endpoint => {
                    let counts = |endpoint: &&Endpoint| endpoint.is_factor() && (endpoint.is_enabled() || !usable);
                    kinds.extend(account.endpoints.iter().filter(counts).map(Endpoint::channel));
                }
                // Recovery codes stand in for a lost factor, and are never asked for.
                StoredFactor::RecoveryCodes => {}
            }
        }
        kinds
    };
    let admitted = |mut kinds: Vec<_>| {
        kinds.retain(|kind| required.admits(*kind));
        kinds
    };
    let kinds = match admitted(kinds(true)) {
        usable if usable.is_empty() => match kinds(false) {
            // An attacker who makes the last address disappear must not be able to enroll a factor in its place.
            confirmed if confirmed.is_empty() => account.lost.into_iter().collect(),
            confirmed => admitted(confirmed),
        },
        usable => usable,
    };
    if kinds.is_empty() {
        return Ok(None);
    }
    let mut spec = ChallengeSpec::new(ChallengeTypes::try_from(kinds)?)?.with_purpose(purpose.clone());
    spec.number_match = required.needs_number_match() && spec.types.send_link();
    if spec.types.contains(ChallengeType::Webauthn) {
        let named = credentials.into_iter().map(|credential| EndpointRef::webauthn(credential.id()));
        spec.endpoints = named.take(engine.policy.challenge_endpoints).collect();
    }
    Ok(Some(spec))
}

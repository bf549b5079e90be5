use super::WebauthnEnrollment;
use super::options::{Usable, answer_user_verification, relaxing, usable};
use super::origins::accepted_origins;
use crate::ceremony::{
    Asserted, Authentication, AuthenticationResponse, Ceremonies, Credential, PublicChallenge, UserHandle,
};
use crate::engine::{Engine, Now, Versioned};
use crate::error::{Error, Rejected};
use crate::evidence::Method;
use crate::id::EnrollmentId;
use crate::owner::Owner;
use crate::store::{Key, Kind, Write};
use crate::uri::Origin;

/// The expectations of a challenge on an assertion.
pub(crate) struct Expected<'a> {
    pub(crate) public_challenge: &'a PublicChallenge,
    /// The only accepted origin; any origin of the relying party if absent.
    pub(crate) origin: Option<&'a Origin>,
    pub(crate) owner: &'a Owner,
}

/// The result of comparing an answer with the credentials of a user.
pub(crate) enum AssertionMatch {
    /// The answer is not an assertion, or there is no credential to compare with.
    NothingToCompare,
    /// The assertion is of none of the credentials. The comparison costs as much as with a known credential, so the
    /// answer counts as wrong.
    UnknownCredential,
    /// The assertion failed a step of the ceremony.
    Wrong { enrollment: EnrollmentId, reason: Rejected },
    /// The assertion is accepted.
    Right {
        /// The write that stores the new signature counter, or asserts that the enrollment still exists. Where another
        /// credential relaxed user verification, a second write asserts that enrollment. Commit these writes with the
        /// answer, or a deleted credential may pass.
        consumed: Vec<Write>,
        method: Method,
        /// The failed step that the policy tolerates.
        reported: Option<Rejected>,
    },
}

/// Verifies `answer` with the enrollment of the named credential.
pub(crate) fn verify(
    engine: &Engine,
    enrollments: &[&Versioned<WebauthnEnrollment>],
    expected: &Expected<'_>,
    answer: &str,
    now: Now,
) -> Result<AssertionMatch, Error> {
    let (Ok(ceremonies), Ok(response)) = (engine.ceremonies(), answer.parse::<AuthenticationResponse>()) else {
        return Ok(AssertionMatch::NothingToCompare);
    };
    let usable = usable(enrollments);
    let ceremony = AssertionCeremony { engine, ceremonies, usable: &usable, expected, response: &response };
    let Some((found, credential)) = find_credential(enrollments, &response) else {
        return Ok(match ceremony.take_as_long() {
            true => AssertionMatch::UnknownCredential,
            false => AssertionMatch::NothingToCompare,
        });
    };
    let Versioned { value: enrollment, version } = found;
    let asserted = match ceremony.run(enrollment, credential) {
        Ok(asserted) => asserted,
        Err(reason) => return Ok(AssertionMatch::Wrong { enrollment: enrollment.id(), reason }),
    };
    let reported = (!asserted.counter_grew(credential.sign_count)).then_some(Rejected::SignCount);
    if let Some(reason) = reported
        && engine.policy.refuse_stale_sign_count
    {
        return Ok(AssertionMatch::Wrong { enrollment: enrollment.id(), reason });
    }
    let mut consumed = vec![match enrollment.after_use(&asserted, now.latest) {
        Some(next) => engine.put(&next, Some(*version))?,
        // A concurrent deletion of the enrollment must make the commit fail.
        None => keep(found),
    }];
    if !asserted.user_verified && credential.needs_verification(enrollment.user_verification()) {
        consumed.extend(relaxing(enrollments, enrollment).map(keep));
    }
    let method = method(enrollment.id(), credential, asserted);
    Ok(AssertionMatch::Right { consumed, method, reported })
}

/// The ceremony of one answer.
struct AssertionCeremony<'a> {
    engine: &'a Engine,
    ceremonies: &'a dyn Ceremonies,
    usable: &'a [Usable<'a>],
    expected: &'a Expected<'a>,
    response: &'a AuthenticationResponse,
}

impl AssertionCeremony<'_> {
    fn run(&self, enrollment: &WebauthnEnrollment, credential: &Credential) -> Result<Asserted, Rejected> {
        let derived = || self.engine.owner_tags.user_handle(self.expected.owner);
        let user_handle = match enrollment.user_handle() {
            Some(chosen) => chosen.clone(),
            // The handle of the response is not signed, and the credential is one of the challenged user already.
            None if enrollment.has_any_user_handle() => {
                let claimed = self.response.user_handle.clone().and_then(UserHandle::from_bytes);
                claimed.unwrap_or_else(derived)
            }
            None => derived(),
        };
        self.ceremonies.authenticate(&Authentication {
            relying_party: enrollment.relying_party_id(),
            origins: &accepted_origins(self.ceremonies, self.expected.origin, enrollment.relying_party_id()),
            challenge: self.expected.public_challenge,
            user_handle: &user_handle,
            user_verification: answer_user_verification(self.usable, enrollment),
            credential,
            response: self.response,
        })
    }

    /// Runs the ceremony with the key of another credential and discards the verdict, so that an unknown credential id
    /// costs as much cryptography as a known one. Returns whether there is another credential.
    fn take_as_long(&self) -> bool {
        let Some((enrollment, credential)) = self.usable.first() else { return false };
        let claimed = Credential { id: self.response.credential_id.clone(), ..(*credential).clone() };
        let _ = std::hint::black_box(self.run(enrollment, &claimed));
        true
    }
}

/// Returns the write that asserts the version read of an enrollment.
fn keep(found: &Versioned<WebauthnEnrollment>) -> Write {
    Write::keep(Key::new(Kind::WebauthnEnrollment, found.value.id().0), Some(found.version))
}

fn find_credential<'a>(
    enrollments: &[&'a Versioned<WebauthnEnrollment>],
    response: &AuthenticationResponse,
) -> Option<(&'a Versioned<WebauthnEnrollment>, &'a Credential)> {
    enrollments
        .iter()
        .filter_map(|found| Some((*found, found.value.credential()?)))
        .find(|(_, credential)| credential.id == response.credential_id)
}

fn method(enrollment: EnrollmentId, credential: &Credential, asserted: Asserted) -> Method {
    Method::Webauthn {
        enrollment,
        user_verified: asserted.user_verified,
        backup_eligible: credential.backup_eligible,
        backed_up: asserted.backed_up,
    }
}

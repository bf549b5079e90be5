use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::TimeStep;
use super::code::Generator;
use super::code::Parameters;
use crate::challenge_type::ChallengeType;
use crate::enrollment::{Enrollment, EnrollmentFactor, EnrollmentState};
use crate::error::Error;
use crate::keyring::{KeyRing, Mac, Place, Sealed, SecretField};
use crate::store::Kind;
use crate::time::Timestamp;

/// The enrollment of an authenticator app. The key cannot be read back.
pub type TotpEnrollment = Enrollment<TotpFactor>;

/// The TOTP part of an enrollment: the sealed key, and the newest step used.
#[derive(Clone, Serialize, Deserialize)]
pub struct TotpFactor {
    state: EnrollmentState,
    key: Sealed,
    #[serde(default, skip_serializing_if = "Parameters::is_default")]
    parameters: Parameters,
    /// The newest step with an accepted code, in steps of the period. No code of this or an earlier step is accepted
    /// again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mark: Option<TimeStep>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_wrong: Option<Mac>,
}

impl TotpFactor {
    pub(super) fn pending(key: Sealed) -> Self {
        let parameters = Parameters::default();
        Self { state: EnrollmentState::Pending, key, parameters, mark: None, last_wrong: None }
    }

    /// Returns the factor of another system, completed. No code was accepted yet.
    pub(super) const fn imported(key: Sealed, parameters: Parameters) -> Self {
        Self { state: EnrollmentState::Success, key, parameters, mark: None, last_wrong: None }
    }
}

impl TotpEnrollment {
    /// Returns the number of digits in a code: 6, or 6 to 8 after an [import](crate::import).
    #[must_use]
    pub const fn digits(&self) -> u8 {
        self.parameters().digits()
    }

    /// Returns the enrollment completed by the code of `step`. The code is used up.
    pub(super) fn completed(&self, step: TimeStep, now: Timestamp) -> Self {
        self.changed(now, |factor| {
            factor.state = EnrollmentState::Success;
            factor.mark = Some(step);
            factor.last_wrong = None;
        })
    }

    /// Returns the pending enrollment after a wrong code.
    pub(super) fn after_wrong_code(&self, fingerprint: Mac, now: Timestamp) -> Self {
        self.changed(now, |factor| factor.last_wrong = Some(fingerprint))
    }

    /// Returns the enrollment after the code of `step` answered a challenge. The mark never goes back.
    pub(super) fn after_use(&self, step: TimeStep, now: Timestamp) -> Self {
        self.changed(now, |factor| factor.mark = factor.mark.max(Some(step)))
    }

    pub(super) const fn mark(&self) -> Option<TimeStep> {
        self.factor().mark
    }

    pub(super) const fn last_wrong(&self) -> Option<&Mac> {
        self.factor().last_wrong.as_ref()
    }

    pub(super) const fn parameters(&self) -> Parameters {
        self.factor().parameters
    }

    /// Opens the key.
    pub(super) fn key(&self, keys: &KeyRing) -> Result<Zeroizing<Vec<u8>>, Error> {
        Ok(keys.open(key_place(self.place()), &self.factor().key)?)
    }

    /// Returns the generator of the codes.
    pub(super) fn generator(&self, keys: &KeyRing) -> Result<Generator, Error> {
        Ok(Generator::new(&self.key(keys)?, self.parameters()))
    }
}

impl EnrollmentFactor for TotpFactor {
    const KIND: Kind = Kind::TotpEnrollment;
    const CHALLENGE_TYPE: ChallengeType = ChallengeType::Totp;

    fn is_completed(&self) -> bool {
        self.state == EnrollmentState::Success
    }

    fn is_proven(&self) -> bool {
        self.mark.is_some()
    }

    fn secret_fields<'a>(&'a mut self, place: Place<'a>) -> Vec<SecretField<'a>> {
        let Self { state: _, key, parameters: _, mark: _, last_wrong } = self;
        let mut fields = vec![SecretField::Sealed(key_place(place), key)];
        fields.extend(last_wrong.as_ref().map(SecretField::Mac));
        fields
    }
}

impl fmt::Debug for TotpFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TotpFactor").field("state", &self.state).finish_non_exhaustive()
    }
}

/// Returns the place of the sealed key in the record at `place`.
pub(super) const fn key_place(place: Place<'_>) -> Place<'_> {
    place.field("key")
}

use std::time::Duration;

use super::count::{has_two_distinct, is_multi_factor};
use super::{Evidence, Method};
use crate::challenge_type::ChallengeType;
use crate::error::StepUpRefused;
use crate::time::{SKEW, Timestamp};

/// The evidence that a route or action requires. Requirements can be combined, and the strictest wins.
///
/// Two factors are two distinct authenticators or channels. Evidence of two rows of this table counts as two factors.
/// Several pieces of evidence of one row count as follows:
///
/// | source | several of the source |
/// |---|---|
/// | a password of the host | one |
/// | TOTP | one: two keys may be in one app |
/// | WebAuthn | two, if neither of two credentials is eligible for backup; otherwise one, because synchronized passkeys may be in one account. A credential that verified the user counts as two factors by itself |
/// | text and push messages | one: all messages of a challenge contain one secret, and all may reach one phone |
/// | trusted devices | one |
///
/// Recovery codes, e-mails, and codes that the host carries to the user, never count in addition to another factor.
///
/// An authenticator app and the messages of a user may be on the same phone. The library cannot see this, and counts
/// two factors.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use challenges_core::Timestamp;
/// use challenges_core::step_up::{Evidence, Requirement, StepUpRefused};
///
/// let now = Timestamp::from_seconds(1_700_000_000);
/// let payout = Requirement::aal2().and(Requirement::any().within(Duration::from_secs(300)));
///
/// // The host verified the password. The answer to a challenge comes from `Passed::evidence`.
/// let evidence = [Evidence::password(now)];
/// assert_eq!(payout.met_by(&evidence, now), Err(StepUpRefused::FactorMissing));
/// assert_eq!(StepUpRefused::SecondFactorMissing.to_string(), "confirm with a second factor");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    types: Option<Vec<ChallengeType>>,
    max_age: Option<Duration>,
    user_verified: bool,
    phishing_resistant: bool,
    level: Level,
}

/// The number and kind of factors. Each level includes the earlier levels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    #[default]
    One,
    TwoDistinct,
    Aal2,
    Aal3,
}

impl Requirement {
    /// Requires one factor of any type, or a trusted device. A password of the host alone is not enough.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// Requires one factor of these types. Several calls keep only the types named in every call. If no type is left,
    /// nothing meets the requirement.
    #[must_use]
    pub fn any_of(self, types: impl IntoIterator<Item = ChallengeType>) -> Self {
        let mut named: Vec<_> = types.into_iter().collect();
        if let Some(types) = &self.types {
            named.retain(|kind| types.contains(kind));
        }
        Self { types: Some(named), ..self }
    }

    /// Requires two distinct authenticators or channels, or one authenticator that verified the user. See the table
    /// above.
    #[must_use]
    pub fn two_distinct(self) -> Self {
        self.at_least(Level::TwoDistinct)
    }

    /// Requires evidence that resists phishing: WebAuthn.
    #[must_use]
    pub fn phishing_resistant(self) -> Self {
        Self { phishing_resistant: true, ..self }
    }

    /// Requires an authenticator that verified the user, by PIN or biometrics.
    #[must_use]
    pub fn user_verified(self) -> Self {
        Self { user_verified: true, ..self }
    }

    /// Requires that all counted evidence, a password included, is at most this old. Several calls keep the shortest
    /// age.
    #[must_use]
    pub fn within(self, max_age: Duration) -> Self {
        Self { max_age: Some(self.max_age.map_or(max_age, |age| age.min(max_age))), ..self }
    }

    /// Requires the factors of NIST SP 800-63B-4 AAL2 (section 2.2.1): WebAuthn with user verification, or a
    /// [password](Evidence::password) together with WebAuthn, TOTP, or a text or push message with number matching
    /// or a short code (section 3.1.3). Text messages are restricted (section 3.1.3.3).
    ///
    /// Recovery codes do not count, although NIST allows look-up secrets. The rest of AAL2 is not checked: passwords
    /// (section 3.1.1), the lifetime of sessions (section 2.2.3), an option that resists phishing for every user, and
    /// for federal agencies FIPS 140.
    #[must_use]
    pub fn aal2() -> Self {
        Self::any().at_least(Level::Aal2)
    }

    /// Requires the verifiable part of NIST SP 800-63B-4 AAL3 (section 2.3): a WebAuthn credential that is not eligible
    /// for backup, with user verification or with a [password](Evidence::password). A credential that can be
    /// synchronized is refused, because its key is exportable (section 2.3.2).
    ///
    /// **This is not proof of AAL3.** An assertion does not show whether the key is in validated hardware (FIPS 140):
    /// admit only authenticators with a trusted attestation at enrollment. The lifetime of sessions (section 2.3.3) is
    /// the host's task.
    #[must_use]
    pub fn aal3() -> Self {
        Self::any().at_least(Level::Aal3)
    }

    /// Requires the factors of OWASP ASVS 5.0.0 6.3.3 at level 2: [`two_distinct`](Self::two_distinct).
    #[must_use]
    pub fn asvs_l2() -> Self {
        Self::any().two_distinct()
    }

    /// Requires the verifiable part of OWASP ASVS 5.0.0 6.3.3 at level 3: two factors, of which one resists phishing.
    ///
    /// The level asks for hardware, which an assertion does not show: admit only authenticators with a trusted
    /// attestation at enrollment.
    #[must_use]
    pub fn asvs_l3() -> Self {
        Self::asvs_l2().phishing_resistant()
    }

    /// Returns a requirement that is met only when both are met.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let Self { types, max_age, user_verified, phishing_resistant, level } = other;
        let mut both = self.at_least(level);
        both.user_verified |= user_verified;
        both.phishing_resistant |= phishing_resistant;
        if let Some(types) = types {
            both = both.any_of(types);
        }
        match max_age {
            Some(max_age) => both.within(max_age),
            None => both,
        }
    }

    /// Returns the age of [`within`](Self::within).
    #[must_use]
    pub const fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    /// Returns whether an answer of this type can meet the requirement or a part of it. Offer only such types.
    #[must_use]
    pub fn admits(&self, kind: ChallengeType) -> bool {
        let named = self.types.as_ref().is_none_or(|types| types.contains(&kind));
        let needs_webauthn = self.user_verified || self.phishing_resistant || self.level == Level::Aal3;
        let counts = match kind {
            ChallengeType::Webauthn => true,
            ChallengeType::Totp | ChallengeType::Sms | ChallengeType::WebPush => !needs_webauthn,
            ChallengeType::Code | ChallengeType::RecoveryCode | ChallengeType::Email => {
                !needs_webauthn && self.level == Level::One
            }
        };
        named && counts
    }

    /// Returns whether a message counts with number matching only.
    pub(crate) fn needs_number_match(&self) -> bool {
        self.level >= Level::Aal2
    }

    /// Returns the value for `acr_values` in the response to a request without this evidence (RFC 9470 section 3), if a
    /// registered or common value fits.
    ///
    /// | requirement | value |
    /// |---|---|
    /// | AAL3, AAL2 | `http://idmanagement.gov/ns/assurance/aal/3` and `/2` |
    /// | resists phishing, or verifies the user | `phr` (OpenID Connect EAP ACR Values 1.0) |
    /// | two distinct | `http://schemas.openid.net/pape/policies/2007/06/multi-factor` |
    ///
    /// If several rows fit, the first counts.
    #[must_use]
    pub const fn acr_value(&self) -> Option<&'static str> {
        match self.level {
            Level::Aal3 => Some("http://idmanagement.gov/ns/assurance/aal/3"),
            Level::Aal2 => Some("http://idmanagement.gov/ns/assurance/aal/2"),
            Level::TwoDistinct | Level::One if self.phishing_resistant || self.user_verified => Some("phr"),
            Level::TwoDistinct => Some("http://schemas.openid.net/pape/policies/2007/06/multi-factor"),
            Level::One => None,
        }
    }

    /// Compares evidence of one user with the requirement.
    ///
    /// # Errors
    ///
    /// [`StepUpRefused`] names the first missing part, with a text for the user. Evidence from the future counts as
    /// missing.
    pub fn met_by(&self, evidence: &[Evidence], now: Timestamp) -> Result<(), StepUpRefused> {
        let past = evidence.iter().copied().filter(|proven| proven.verified_at() <= now.after(SKEW));
        let young = past.clone().filter(|proven| match self.max_age {
            Some(max_age) => now <= proven.verified_at().after(max_age),
            None => true,
        });
        self.check(&young.collect::<Vec<_>>()).map_err(|unmet| match self.check(&past.collect::<Vec<_>>()) {
            Ok(()) => StepUpRefused::TooOld,
            Err(_) => unmet,
        })
    }

    fn check(&self, evidence: &[Evidence]) -> Result<(), StepUpRefused> {
        let counts = |proven: &Evidence| match &self.types {
            Some(types) => proven.factor().is_some_and(|kind| types.contains(&kind)),
            None => !proven.is_password(),
        };
        if !evidence.iter().any(counts) {
            return Err(StepUpRefused::FactorMissing);
        }
        if self.phishing_resistant && !evidence.iter().any(Evidence::is_phishing_resistant) {
            return Err(StepUpRefused::NotPhishingResistant);
        }
        if self.user_verified && !evidence.iter().any(Evidence::is_user_verified) {
            return Err(StepUpRefused::UserNotVerified);
        }
        match self.level {
            Level::One => Ok(()),
            Level::TwoDistinct => has_two_distinct(evidence).then_some(()).ok_or(StepUpRefused::SecondFactorMissing),
            Level::Aal2 => is_multi_factor(evidence).then_some(()).ok_or(StepUpRefused::SecondFactorMissing),
            Level::Aal3 => check_aal3(evidence),
        }
    }

    fn at_least(self, level: Level) -> Self {
        Self { level: self.level.max(level), ..self }
    }
}

impl From<Duration> for Requirement {
    /// Requires one factor of any type, at most this old.
    fn from(max_age: Duration) -> Self {
        Self::any().within(max_age)
    }
}

/// Checks evidence for AAL3, where only keys that cannot be copied count beside a password.
fn check_aal3(evidence: &[Evidence]) -> Result<(), StepUpRefused> {
    let bound = |proven: &&Evidence| match proven.method() {
        Method::Webauthn { backup_eligible, .. } => !backup_eligible,
        Method::Totp { .. }
        | Method::Link { .. }
        | Method::Code
        | Method::RecoveryCode
        | Method::TrustedDevice { .. }
        | Method::Password => false,
    };
    if !evidence.iter().any(|proven| bound(&proven)) {
        return Err(StepUpRefused::NotDeviceBound);
    }
    let counted: Vec<_> = evidence.iter().filter(|proven| bound(proven) || proven.is_password()).copied().collect();
    is_multi_factor(&counted).then_some(()).ok_or(StepUpRefused::SecondFactorMissing)
}

use crate::challenge_type::ChallengeType;
use crate::endpoints::Endpoint;
use crate::engine::{Engine, Now, Versioned};
use crate::error::{Error, Invalid, StepUpRefused};
use crate::evidence::{Evidence, StepUp};
use crate::observer::Observation;
use crate::owner::{self, Owner};
use crate::policy::Policy;
use crate::purpose::Purpose;
use crate::recovery::RecoverySet;
use crate::store::{Kind, Loaded, Write};
use crate::stored_factor::StoredFactor;
use crate::throttle::Counters;
use crate::time::{SKEW, Timestamp};
use crate::totp::TotpEnrollment;
use crate::webauthn::WebauthnEnrollment;

/// The right to change the factors of a user. A session alone is not enough: whoever steals the session could add a
/// factor, or remove one of the user's.
///
/// Each call that creates, imports, confirms, disables or deletes a factor, changes recovery codes, or revokes a
/// trusted device takes a grant, and checks the grant in the commit of the change. A grant can be used for several
/// changes.
///
/// | grant | for | admits |
/// |---|---|---|
/// | [`first_factor`](Self::first_factor) | users without a factor | every change, while the user has no completed factor |
/// | [`step_up`](Self::step_up) | users who just passed a challenge | every change of this user; the last factor stays, see [`Policy::remove_last_factor`](crate::Policy::remove_last_factor) |
/// | [`administrator`](Self::administrator) | support, and the host's own programs | every change of every user; observed with name and reason |
///
/// # Errors
///
/// A call with a grant that does not admit the change fails with [`Error::Grant`] and writes nothing. The refusal is
/// observed as [`Observation::StepUpRefused`].
///
/// # Examples
///
/// ```
/// use challenges_core::{Challenges, Error, Grant, Owner, Purpose, Secret, StepUp};
///
/// // The user's own page. A user with a factor passes `Challenges::ask` with `Purpose::manage_factors` first.
/// async fn enroll(challenges: &Challenges, alice: &Owner, step_up: Option<&StepUp>) -> Result<Secret, Error> {
///     let grant = step_up.map_or_else(Grant::first_factor, Grant::step_up);
///     let (_, key) = challenges.totp().create(alice.clone(), &grant).await?;
///     Ok(key.to_base32())
/// }
///
/// // Support, after verifying the user in another way.
/// async fn unlock(challenges: &Challenges, alice: &Owner) -> Result<(), Error> {
///     let grant = Grant::administrator("eve@support.example", "lost phone, passport checked, case 4711")?;
///     challenges.account(alice).unlock(&grant).await
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Grant(By);

#[derive(Clone, Debug)]
enum By {
    FirstFactor,
    StepUp(StepUp),
    Administrator { who: String, why: String },
}

impl Grant {
    /// Returns the kinds of records that a check reads.
    pub(crate) fn kinds() -> Vec<Kind> {
        let mut kinds = StoredFactor::kinds();
        kinds.push(Kind::Counters);
        kinds
    }

    /// Admits changes of a user without a completed factor: no enrollment, confirmed phone number, push subscription or
    /// [lost address](crate::account::AccountStatus::has_factor).
    ///
    /// Enrollments and addresses left pending under this grant can no longer be confirmed with the grant once the user
    /// has a factor. Recovery codes from before the start of the enrollment end when the first factor is
    /// completed. To show codes together with the first factor, create the enrollment, generate the codes, and then
    /// confirm the enrollment.
    #[must_use]
    pub const fn first_factor() -> Self {
        Self(By::FirstFactor)
    }

    /// Admits changes of the user who passed the challenge, for [`Policy::grant_age`](crate::Policy::grant_age). The
    /// purpose of the challenge has to be [`Purpose::manage_factors`]. A challenge passed by e-mail admits nothing.
    ///
    /// A later change of factors does not end the step-up: keep the age short.
    #[must_use]
    pub fn step_up(step_up: &StepUp) -> Self {
        Self(By::StepUp(step_up.clone()))
    }

    /// Admits every change of every user. Each change is observed as [`Observation::AdministratorActed`].
    ///
    /// `who` names the person or program, and `why` the reason, such as a case number. Both are for the audit log, and
    /// have 1 to 255 bytes without control characters.
    ///
    /// # Security
    ///
    /// Never create this grant in a request that a user's session alone authorizes.
    ///
    /// # Errors
    ///
    /// [`Invalid::Administrator`] when a text is malformed.
    pub fn administrator(who: impl Into<String>, why: impl Into<String>) -> Result<Self, Invalid> {
        let (who, why) = (who.into(), why.into());
        if [&who, &why].into_iter().any(|text| text.trim().is_empty() || !owner::is_printable(text)) {
            return Err(Invalid::Administrator);
        }
        Ok(Self(By::Administrator { who, why }))
    }

    /// Checks that the grant admits a change. `replaced` is the type of the factor that the change removes, disables or
    /// replaces.
    pub(crate) fn admit(
        &self,
        engine: &Engine,
        loaded: &Loaded,
        owner: &Owner,
        replaced: Option<ChallengeType>,
        now: Now,
    ) -> Result<(), Error> {
        let purpose = Purpose::manage_factors();
        let checked = match &self.0 {
            By::Administrator { .. } => Ok(()),
            By::FirstFactor => {
                if has_factor(engine, loaded, owner, now)? {
                    Err(StepUpRefused::FactorExists)
                } else {
                    Ok(())
                }
            }
            By::StepUp(step_up) => check(step_up, owner, &purpose, replaced, &engine.policy, now.latest),
        };
        checked.map_err(|reason| {
            engine.observe(&Observation::StepUpRefused { owner, purpose: &purpose, reason });
            Error::Grant(reason)
        })
    }

    /// Checks that the grant admits removing a completed factor of this type.
    pub(crate) fn admit_removing(
        &self,
        engine: &Engine,
        loaded: &Loaded,
        owner: &Owner,
        removed: ChallengeType,
        now: Now,
    ) -> Result<(), Error> {
        self.admit(engine, loaded, owner, Some(removed), now)?;
        let keeps_last = match self.0 {
            By::FirstFactor | By::StepUp(_) => !engine.policy.remove_last_factor,
            By::Administrator { .. } => false,
        };
        if keeps_last && completed_factors(engine, loaded, owner, now)? <= 1 {
            return Err(Invalid::LastFactor.into());
        }
        Ok(())
    }

    /// Checks that the grant admits completing an enrollment or address of this type, begun at `began`. Returns the
    /// deletions to commit with the first factor: the earlier recovery codes, which a thief of the session could have
    /// generated.
    pub(crate) fn admit_completing(
        &self,
        engine: &Engine,
        loaded: &Loaded,
        owner: &Owner,
        completed: ChallengeType,
        began: Timestamp,
        now: Now,
    ) -> Result<Vec<Write>, Error> {
        self.admit(engine, loaded, owner, None, now)?;
        match self.0 {
            By::StepUp(_) => Ok(Vec::new()),
            By::FirstFactor | By::Administrator { .. } => end_codes(engine, loaded, owner, completed, began, now),
        }
    }

    /// Checks that the grant is an administrator's.
    pub(crate) const fn admit_administrator(&self) -> Result<(), Invalid> {
        match self.0 {
            By::Administrator { .. } => Ok(()),
            By::FirstFactor | By::StepUp(_) => Err(Invalid::AdministratorOnly),
        }
    }

    /// Observes the act of an administrator. Called after the commit.
    pub(crate) fn observe(&self, engine: &Engine, owner: &Owner) {
        match &self.0 {
            By::Administrator { who, why } => engine.observe(&Observation::AdministratorActed { owner, who, why }),
            By::FirstFactor | By::StepUp(_) => {}
        }
    }
}

/// Checks that the user passed a challenge for the purpose by a factor, within the time of the policy.
fn check(
    step_up: &StepUp,
    owner: &Owner,
    purpose: &Purpose,
    replaced: Option<ChallengeType>,
    policy: &Policy,
    now: Timestamp,
) -> Result<(), StepUpRefused> {
    if step_up.owner() != owner {
        return Err(StepUpRefused::OtherOwner);
    }
    if step_up.purpose() != purpose {
        return Err(StepUpRefused::OtherPurpose);
    }
    // The first evidence is of the challenge. An e-mail, a trusted device or a password proves no factor.
    let proves = |proven: &&Evidence| proven.factor().and_then(channel).is_some();
    let answered = step_up.evidence().first().filter(proves);
    let answered_at = answered.ok_or(StepUpRefused::FactorExists)?.verified_at();
    if answered_at > now.after(SKEW) {
        return Err(StepUpRefused::FromTheFuture);
    }
    let is_fresh = |proven: &&Evidence| now <= proven.verified_at().after(policy.grant_age);
    if !answered.is_some_and(|proven| is_fresh(&proven)) {
        return Err(StepUpRefused::TooOld);
    }
    let mut factors = step_up.evidence().iter().filter(is_fresh).filter_map(Evidence::factor).filter_map(channel);
    if policy.replace_by_other_factor && factors.all(|factor| Some(factor) == replaced.and_then(channel)) {
        return Err(StepUpRefused::SameFactor);
    }
    Ok(())
}

/// Returns the number of completed factors of a user. E-mail addresses do not count.
fn completed_factors(engine: &Engine, loaded: &Loaded, owner: &Owner, now: Now) -> Result<usize, Error> {
    let mut completed = 0_usize;
    for factor in StoredFactor::all() {
        completed = completed.saturating_add(match factor {
            StoredFactor::Totp => count(&engine.owned(loaded, owner, now)?, TotpEnrollment::is_completed),
            StoredFactor::Webauthn => count(&engine.owned(loaded, owner, now)?, WebauthnEnrollment::is_completed),
            StoredFactor::Endpoint => count(&engine.owned(loaded, owner, now)?, Endpoint::is_factor),
            // Recovery codes stand in for a lost factor.
            StoredFactor::RecoveryCodes => 0,
        });
    }
    Ok(completed)
}

fn count<T>(found: &[Versioned<T>], is_completed: fn(&T) -> bool) -> usize {
    found.iter().filter(|found| is_completed(&found.value)).count()
}

/// Returns the type to compare, or `None` when an answer of the type proves no factor. A link sent by text and push
/// message at once is recorded as a text message, so the two types count as the same.
const fn channel(factor: ChallengeType) -> Option<ChallengeType> {
    match factor {
        ChallengeType::Sms | ChallengeType::WebPush => Some(ChallengeType::Sms),
        ChallengeType::Totp | ChallengeType::Webauthn | ChallengeType::Code | ChallengeType::RecoveryCode => {
            Some(factor)
        }
        ChallengeType::Email => None,
    }
}

/// Returns the deletions to commit with a factor of the type `completed`, begun at `began`. With the first factor of a
/// user, recovery codes from before `began` end: a thief of the session may know codes from when the user had no factor.
pub(crate) fn end_codes(
    engine: &Engine,
    loaded: &Loaded,
    owner: &Owner,
    completed: ChallengeType,
    began: Timestamp,
    now: Now,
) -> Result<Vec<Write>, Error> {
    if !completed.is_factor() || has_factor(engine, loaded, owner, now)? {
        return Ok(Vec::new());
    }
    let mut sets = engine.owned::<RecoverySet>(loaded, owner, now)?;
    sets.retain(|set| set.value.created() < began);
    Ok(sets.iter().map(Versioned::delete).collect())
}

/// Returns whether a user has a completed factor, or had an address that is [lost](crate::account::AccountStatus::has_factor).
fn has_factor(engine: &Engine, loaded: &Loaded, owner: &Owner, now: Now) -> Result<bool, Error> {
    Ok(completed_factors(engine, loaded, owner, now)? > 0
        || Counters::read(engine, loaded, owner)?.lost_factor().is_some())
}

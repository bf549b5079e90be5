use std::time::Duration;

use super::StepUps;
use crate::challenge::{Challenge, Passed, collected};
use crate::engine::{self, Change};
use crate::error::Error;
use crate::id::ChallengeId;
use crate::owner::Owner;
use crate::purpose::Purpose;

/// The time after the answer for collecting the proof.
const COLLECTED_WITHIN: Duration = Duration::from_secs(300);

impl StepUps<'_> {
    /// Returns the proof of a challenge to the browser that started it, after the user passed elsewhere by the link or
    /// code of a message.
    ///
    /// The proof is returned once, within 5 minutes of the answer: of concurrent calls, one gets the proof and all others
    /// get `None`. A call before the challenge is passed, or more than 5 minutes later, gets `None` too. Then create
    /// another challenge.
    ///
    /// # Security
    ///
    /// Call this for the browser that started the challenge only: keep the id in that browser's session or in a sealed
    /// cookie, and take the user from the session. Without number matching, a user who approves carelessly lets in
    /// the person who started the challenge.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when the user has no such challenge for the purpose.
    /// - [`Error::Store`] or [`Error::Contended`] when the proof could not be collected.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "step_up.collect", level = "debug", skip_all))]
    pub async fn collect(self, id: ChallengeId, owner: &Owner, purpose: &Purpose) -> Result<Option<Passed>, Error> {
        let engine = self.engine;
        let load = engine::load::<Challenge>(id.0);
        let found = engine.transact(Some(&load), |loaded, now| {
            let found = engine::find_owned::<Challenge>(loaded, owner, id.0)?;
            if found.value.purpose() != Some(purpose) {
                return Err(Error::NotFound);
            }
            let is_late = found.value.answered_at().is_none_or(|at| now.latest > at.after(COLLECTED_WITHIN));
            let Some(proven) = found.value.uncollected().filter(|_| !is_late) else { return Ok(Change::none(None)) };
            let next = found.value.with_collected();
            Ok(Change::new(vec![engine.put(&next, Some(found.version))?], Some((next, proven))))
        });
        Ok(found.await?.map(|(challenge, proven)| collected(challenge, proven)))
    }
}

use serde::{Deserialize, Serialize};

use super::settle::{Fate, Held};
use super::{Challenges, Now};
use crate::challenge::{ActionResult, Challenge, Effect, HttpAction, Transition};
use crate::codec::{self, Form};
use crate::concurrent::try_join_all;
use crate::courier::{Failure, Receipt};
use crate::error::Error;
use crate::id::{ChallengeId, OutboxId};
use crate::outbox::{self, Body, Dead, OutboxOutcome, TaskBody};
use crate::store::{Commit, Expect, Key, Kind, Load, Record, Write};
use crate::time::Timestamp;

/// What is stored of a result. It is a record of its own, so that the actions of one approval, which are often performed at
/// once, do not meet in one.
#[derive(Serialize, Deserialize)]
struct Kept {
    v: Form,
    #[serde(flatten)]
    result: ActionResult,
}

impl Challenges {
    /// What became of the HTTP actions of a challenge's outcome, as far as they have ended, in the order of the actions. It
    /// can be read for as long as the challenge. One that is tried again after it was given up has not ended.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such challenge, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn action_results(&self, id: ChallengeId) -> Result<Vec<ActionResult>, Error> {
        let challenge = self.challenge(id).await?;
        let results = try_join_all(challenge.actions().iter().map(|entry| self.action_result(*entry))).await?;
        Ok(results.into_iter().flatten().collect())
    }

    async fn action_result(&self, entry: OutboxId) -> Result<Option<ActionResult>, Error> {
        let key = key(entry);
        if let Some(stored) = self.inner.store.load(&Load::key(key)).await?.find(key) {
            return Ok(Some(codec::decode::<Kept>(&stored.record.body)?.result));
        }
        let key = Key::new(Kind::DeadLetter, entry.0);
        let loaded = self.inner.store.load(&Load::key(key)).await?;
        let Some(stored) = loaded.find(key) else { return Ok(None) };
        Ok(given_up(&codec::decode(&stored.record.body)?).map(|(result, _)| result))
    }

    /// The outbox entries of a decided action, one for each HTTP action of the outcome. The decided challenge names them.
    pub(super) fn enqueue_actions(
        &self,
        decided: &Challenge,
        transition: &mut Transition,
        now: Now,
    ) -> Result<Vec<Write>, Error> {
        // An action that was decided must run, however late.
        let life = (now.clock.after(self.inner.policy.dispatch.action_age), None);
        let kept_until = self.kept_until(decided);
        let mut writes = Vec::new();
        for effect in &transition.effects {
            let (Effect::Act { actor, approved }, Some(kept)) = (effect, decided.action()) else { continue };
            let (field, sealed) = if *approved { ("approved", &kept.approved) } else { ("declined", &kept.declined) };
            let plain = self.inner.ring.open(decided.place().field(field), sealed)?;
            for (index, action) in codec::decode::<Vec<HttpAction>>(&plain)?.into_iter().enumerate() {
                let plain = zeroize::Zeroizing::new(serde_json::to_vec(&action).map_err(Error::Body)?);
                writes.push(self.enqueue_for(decided.owner(), Some(decided.id()), life, now, |id, owner| {
                    let action = self.inner.ring.seal(self.entropy(), outbox::place(id, owner), &plain)?;
                    Ok(TaskBody::Act { actor: actor.clone(), index, action, kept_until })
                })?);
            }
        }
        transition.next.set_actions(writes.iter().map(|write| OutboxId(write.key.id)).collect());
        Ok(writes)
    }

    /// Ends the entry of an action that was performed, and keeps its result.
    pub(super) async fn perform_action(&self, held: &Held, receipt: Receipt) -> Result<Fate, Error> {
        let now = self.time();
        let mut writes = vec![held.delete()];
        let result = held.body().result(now.latest, receipt.status, true);
        writes.extend(keep(result, now)?);
        if self.commit(writes).await? == Commit::Conflict {
            return Ok(Fate::Lost);
        }
        self.observe_outbox(held, &OutboxOutcome::Performed(receipt));
        Ok(Fate::Performed)
    }

    /// Ends the entry of an action that failed for good, as a dead letter, which is its result as well.
    pub(super) async fn bury_action(&self, held: &Held, failure: Option<&Failure>) -> Result<Fate, Error> {
        let dead = Dead { at: self.time().latest, status: failure.and_then(|failure| failure.status) };
        if self.commit(vec![held.delete(), held.bury(dead)?]).await? == Commit::Conflict {
            return Ok(Fate::Lost);
        }
        self.observe_outbox(held, &OutboxOutcome::DeadLettered(failure));
        Ok(Fate::Dead)
    }
}

/// The result of an action, as a record beside which there is no earlier one: what is performed or discarded has ended. It is
/// kept for as long as its challenge, which may be over by now.
pub(super) fn keep(result: Option<(ActionResult, Timestamp)>, now: Now) -> Result<Option<Write>, Error> {
    let Some((result, kept_until)) = result.filter(|(_, kept_until)| now.latest < *kept_until) else { return Ok(None) };
    let body = codec::encode(&Kept { v: Form, result })?;
    let record = Record { key: key(result.entry), due: None, expires: Some(kept_until), body };
    Ok(Some(Write::put(Expect::Absent, record)))
}

/// The result of an action that is a dead letter.
pub(super) fn given_up(letter: &Body) -> Option<(ActionResult, Timestamp)> {
    letter.dead.and_then(|dead| letter.result(dead.at, dead.status, false))
}

const fn key(entry: OutboxId) -> Key {
    Key::new(Kind::ActionResult, entry.0)
}

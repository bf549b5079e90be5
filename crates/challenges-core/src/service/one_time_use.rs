use super::Challenges;
use super::issue::Issued;
use super::siblings::Siblings;
use super::transaction::Decision;
use crate::challenge::{Actor, ActorSecrets, Challenge, Draft, HttpAction, OneTimeAction, Types};
use crate::entropy;
use crate::error::{Capped, Error, Invalid};
use crate::factor::actor_field;
use crate::id::ChallengeId;
use crate::keyring::Sealed;
use crate::observer::Observation;
use crate::owner::Owner;
use crate::request::{ActorLinks, CreatedOneTimeUseAction, OneTimeUseAction};
use crate::secret::Secret;

impl Challenges {
    /// Creates a one-time-use action, issued at once: any one of its actors decides it, with the secrets that are told
    /// here and nowhere else. `owner` is whose challenge it is; that gives no right to decide.
    ///
    /// Check before that the creator may act for every actor, since whoever has these secrets can decide as any of them, and
    /// may grant every scope that the actions ask for. The actions of the outcome are stored with the decision; a dispatcher
    /// runs them, see [`Challenges::dispatch`].
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with what is wrong with it, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn create_one_time_use_action(
        &self,
        owner: Owner,
        action: OneTimeUseAction,
    ) -> Result<CreatedOneTimeUseAction, Error> {
        self.check_action(&action)?;
        let created = self
            .transact(None, |_, now| {
                let id = ChallengeId(self.mint(&owner, now)?);
                let draft = Draft {
                    types: Types::one_time_use_action(),
                    send_now: true,
                    timeout: action.timeout,
                    response_uri: None,
                    origin: None,
                    endpoints: Vec::new(),
                    answer_data: None,
                };
                let pending = Challenge::pending(id, owner.clone(), now.clock, draft);
                let pending = pending.with_description(action.description.clone());
                let (links, kept): (Vec<_>, Vec<_>) = self.actor_secrets(&pending, &action.actors)?.into_iter().unzip();
                let pending = pending.clone().with_action(OneTimeAction {
                    actors: kept,
                    approved: self.seal_actions(&pending, "approved", &action.approved_actions)?,
                    declined: self.seal_actions(&pending, "declined", &action.declined_actions)?,
                });
                let nobody = Siblings::default();
                let Issued { transition, mut writes, .. } = self.issue(pending, &nobody, None, now)?;
                writes.push(self.put_challenge(&transition.next, None)?);
                Ok(Decision::Commit(writes, CreatedOneTimeUseAction { challenge: transition.next, secrets: links }))
            })
            .await?;
        self.observe(&Observation::ChallengeCreated(&created.challenge));
        Ok(created)
    }

    fn check_action(&self, action: &OneTimeUseAction) -> Result<(), Invalid> {
        let policy = &self.inner.policy;
        if action.actors.is_empty() {
            return Err(Invalid::NoActors);
        }
        if action.actors.len() > policy.actors {
            return Err(Invalid::TooMany { what: Capped::Actors, max: policy.actors });
        }
        for (index, actor) in action.actors.iter().enumerate() {
            Owner::in_tenant(actor.org_id.as_str(), actor.user_id.as_str())?;
            if action.actors.iter().take(index).any(|earlier| earlier == actor) {
                return Err(Invalid::RepeatedActor);
            }
        }
        if action.approved_actions.len().max(action.declined_actions.len()) > policy.actions {
            return Err(Invalid::TooMany { what: Capped::Actions, max: policy.actions });
        }
        self.timeout(Some(action.timeout)).map(|_| ())
    }

    fn actor_secrets(&self, challenge: &Challenge, actors: &[Actor]) -> Result<Vec<(ActorLinks, ActorSecrets)>, Error> {
        let mut all = Vec::with_capacity(actors.len());
        for (index, actor) in actors.iter().enumerate() {
            let secrets: [Secret; 2] =
                [entropy::secret(self.entropy())?.into(), entropy::secret(self.entropy())?.into()];
            let [approve, decline] = secrets;
            let mac = |approved, secret: &Secret| {
                self.inner.ring.mac(challenge.place().field(&actor_field(index, approved)), secret.expose())
            };
            let kept =
                ActorSecrets { actor: actor.clone(), approve: mac(true, &approve), decline: mac(false, &decline) };
            all.push((ActorLinks { actor: actor.clone(), approve, decline }, kept));
        }
        Ok(all)
    }

    fn seal_actions(&self, challenge: &Challenge, field: &str, actions: &[HttpAction]) -> Result<Sealed, Error> {
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(actions).map_err(Error::Body)?);
        Ok(self.inner.ring.seal(self.entropy(), challenge.place().field(field), &plain)?)
    }
}

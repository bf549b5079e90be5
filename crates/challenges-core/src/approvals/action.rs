use super::HttpAction;
use crate::description::Description;
use crate::engine::Engine;
use crate::owner::Owner;
use crate::secret::Secret;
use crate::timeout::Timeout;

/// The calls for one-time-use actions, from [`Challenges::actions`](crate::Challenges::actions).
#[derive(Clone, Copy, Debug)]
pub struct Actions<'a> {
    pub(crate) engine: &'a Engine,
}

/// A one-time-use action to create.
#[derive(Debug)]
#[non_exhaustive]
pub struct OneTimeUseAction {
    /// The actors: users who can decide, each alone. The tenant is the organization that the user acts for.
    pub actors: Vec<Owner>,
    /// The HTTP actions to run on approval.
    pub approved_actions: Vec<HttpAction>,
    /// The HTTP actions to run on decline.
    pub declined_actions: Vec<HttpAction>,
    /// The time to decide, from creation.
    pub timeout: Timeout,
    /// The text for the answer page.
    pub description: Option<Description>,
}

impl OneTimeUseAction {
    /// Creates an action without HTTP actions.
    #[must_use]
    pub const fn new(actors: Vec<Owner>, timeout: Timeout) -> Self {
        Self { actors, approved_actions: Vec::new(), declined_actions: Vec::new(), timeout, description: None }
    }
}

/// The secrets of an actor, shown once.
#[derive(Debug)]
#[non_exhaustive]
pub struct ActorLinks {
    /// The actor.
    pub actor: Owner,
    /// The answer to approve.
    pub approve: Secret,
    /// The answer to decline.
    pub decline: Secret,
}

impl<'a> Actions<'a> {
    pub(crate) const fn new(engine: &'a Engine) -> Self {
        Self { engine }
    }
}

impl ActorLinks {
    pub(crate) const fn new(actor: Owner, approve: Secret, decline: Secret) -> Self {
        Self { actor, approve, decline }
    }
}

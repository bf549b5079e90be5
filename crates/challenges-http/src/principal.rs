use std::collections::BTreeSet;

use challenges_core::{Challenges, Error, Grant, Invalid, Owner, Purpose, Secret};

use crate::fault::Fault;
use crate::route::Operation;

/// An authenticated caller: the users to act for, and the scopes to grant.
///
/// # Examples
///
/// ```
/// use challenges_core::Owner;
/// use challenges_http::Principal;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // The host's own back end acts for every user.
/// let backend = Principal::any_user().named("backend")?.with_every_scope();
/// // A signed-in user of an organisation acts for herself only.
/// let alice = Principal::user(Owner::in_tenant("acme", "alice")?);
/// // A service of the organisation may open doors once somebody approves.
/// let doors = Principal::any_user_of("acme")?.with_scopes(["doors:open"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Principal {
    tenant: String,
    user_id: Option<String>,
    reach: Reach,
    scopes: Scopes,
    name: String,
    creates_actions: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    AnyUser,
    OwnUser,
}

#[derive(Clone, Debug)]
enum Scopes {
    Every,
    Only(BTreeSet<String>),
}

impl Principal {
    /// Creates a principal that may act for every user of a host without tenants. Every change of a user's factors by
    /// this principal is the act of an administrator; see [`Grant::administrator`].
    #[must_use]
    pub fn any_user() -> Self {
        Self {
            tenant: String::new(),
            user_id: None,
            reach: Reach::AnyUser,
            scopes: Scopes::Only(BTreeSet::new()),
            name: "service".to_owned(),
            creates_actions: true,
        }
    }

    /// Creates a principal that may act for every user of one tenant.
    ///
    /// # Errors
    ///
    /// Returns [`Invalid::Name`] if the tenant's name is malformed or empty, so that a missing claim is an error.
    pub fn any_user_of(tenant: impl Into<String>) -> Result<Self, Invalid> {
        let owner = Owner::in_tenant(tenant, "anyone")?;
        if owner.tenant().is_empty() {
            return Err(Invalid::Name);
        }
        Ok(Self { tenant: owner.tenant().to_owned(), ..Self::any_user() })
    }

    /// Creates a principal that may act for one user only: create and read challenges, and read enrollments.
    ///
    /// A stolen session token must not change the user's factors or send requests:
    ///
    /// - Once the user has a factor, requests that change factors need a step-up token for [`Purpose::manage_factors`]
    ///   in the header `Challenges-Step-Up`. The host's own code grants the token after a challenge; see
    ///   [`StepUps::grant`](challenges_core::step_up::StepUps::grant).
    /// - Creating actions is a separate right; see [`Principal::with_actions`].
    #[must_use]
    pub fn user(owner: Owner) -> Self {
        Self {
            tenant: owner.tenant().to_owned(),
            user_id: Some(owner.user_id().to_owned()),
            reach: Reach::OwnUser,
            scopes: Scopes::Only(BTreeSet::new()),
            name: String::new(),
            creates_actions: false,
        }
    }

    /// Sets the name in [`Observation::AdministratorActed`](challenges_core::Observation::AdministratorActed), for
    /// principals that act for every user. Default `service`.
    ///
    /// # Errors
    ///
    /// Returns [`Invalid::Administrator`] unless the name has 1 to 255 bytes without control characters.
    pub fn named(self, name: impl Into<String>) -> Result<Self, Invalid> {
        let name = name.into();
        Grant::administrator(name.as_str(), "HTTP API")?;
        Ok(Self { name, ..self })
    }

    /// Allows creating one-time-use actions.
    ///
    /// # Security
    ///
    /// The creator receives the links of an action, and so can make this service send the HTTP requests of the action.
    #[must_use]
    pub fn with_actions(self) -> Self {
        Self { creates_actions: true, ..self }
    }

    /// Sets the default user of requests without `user_id`.
    ///
    /// A principal for one user always has that user as the default. Without a default user:
    ///
    /// - creating requires `user_id`;
    /// - listing returns the enrollments of all users of the tenant.
    ///
    /// With an enrollment's id, a principal for every user reads and changes the enrollment without `user_id`,
    /// regardless of the default user.
    ///
    /// # Errors
    ///
    /// Returns [`Invalid::Name`] if the name is malformed, or if the principal may not act for this user.
    pub fn with_user_id(self, user_id: impl Into<String>) -> Result<Self, Invalid> {
        let owner = Owner::in_tenant(self.tenant.as_str(), user_id)?;
        if !self.may_act_for(owner.user_id()) {
            return Err(Invalid::Name);
        }
        Ok(Self { user_id: Some(owner.user_id().to_owned()), ..self })
    }

    /// Sets the scopes that the principal may grant to one-time-use actions. Default: none.
    #[must_use]
    pub fn with_scopes(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { scopes: Scopes::Only(scopes.into_iter().map(Into::into).collect()), ..self }
    }

    /// Allows granting every scope to one-time-use actions.
    #[must_use]
    pub fn with_every_scope(self) -> Self {
        Self { scopes: Scopes::Every, ..self }
    }

    /// Returns the tenant, which is empty for a host without tenants.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// Returns the user for requests without `user_id`.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// Returns `true` if the principal may act for this user of its tenant.
    #[must_use]
    pub fn may_act_for(&self, user_id: &str) -> bool {
        self.reach == Reach::AnyUser || self.user_id.as_deref() == Some(user_id)
    }

    /// Returns `true` if the principal may grant this scope to one-time-use actions.
    #[must_use]
    pub fn may_grant(&self, scope: &str) -> bool {
        match &self.scopes {
            Scopes::Every => true,
            Scopes::Only(scopes) => scopes.contains(scope),
        }
    }

    /// Checks the right to call an operation, regardless of the user.
    pub(crate) fn check(&self, operation: Operation) -> Result<(), Fault> {
        match operation {
            Operation::CreateOneTimeUseAction if !self.creates_actions => Err(Fault::ActionsOutOfReach),
            _ => Ok(()),
        }
    }

    /// Returns the grant of a call that changes the factors of a user. The user's own principal needs a step-up token
    /// once the user has a factor; the service checks that.
    pub(crate) fn grant(
        &self,
        challenges: &Challenges,
        owner: &Owner,
        step_up: Option<&Secret>,
        operation_id: &str,
    ) -> Result<Grant, Fault> {
        match self.reach {
            Reach::AnyUser => Ok(Grant::administrator(self.name.as_str(), format!("HTTP API: {operation_id}"))?),
            Reach::OwnUser => {
                let max_age = challenges.policy().grant_age;
                let verify =
                    |token| challenges.step_up().verify(token, owner, &Purpose::manage_factors(), max_age).ok();
                let step_up = step_up.and_then(verify);
                Ok(step_up.map_or_else(Grant::first_factor, |step_up| Grant::step_up(&step_up)))
            }
        }
    }

    /// Returns the owner of a new record: the named user, or else the default user.
    ///
    /// A user out of reach is reported as such: the check does not look at records, so this reveals no user's
    /// existence.
    pub(crate) fn creates_for(&self, named: Option<&str>) -> Result<Owner, Fault> {
        let user_id = named.or(self.user_id()).ok_or(Fault::UserUnnamed)?;
        let owner = Owner::in_tenant(self.tenant(), user_id).map_err(Fault::from)?;
        if self.may_act_for(user_id) { Ok(owner) } else { Err(Fault::UserOutOfReach) }
    }

    /// Returns `true` if the principal may create challenges for this owner.
    pub(crate) fn may_create_for(&self, owner: &Owner) -> bool {
        owner.tenant() == self.tenant && self.may_act_for(owner.user_id())
    }

    /// Returns `true` if the principal may act for every user of its tenant, as the host's own services do.
    pub(crate) fn acts_for_any_user(&self) -> bool {
        self.reach == Reach::AnyUser
    }

    /// Returns the owner of records to read or change. Unlike [`Principal::creates_for`], a user out of reach is not
    /// found.
    pub(crate) fn reads_of(&self, named: Option<&str>) -> Result<Owner, Fault> {
        self.creates_for(named).map_err(|fault| match fault {
            // A malformed name cannot own a record.
            Fault::UserOutOfReach | Fault::Core(Error::Invalid(Invalid::Name)) => Error::NotFound.into(),
            other => other,
        })
    }

    /// Returns the owner of a record with a known id. `None` means any user of the tenant: the principal may act for
    /// every user and no user is named.
    pub(crate) fn reads_one_of(&self, named: Option<&str>) -> Result<Option<Owner>, Fault> {
        if named.is_none() && self.reach == Reach::AnyUser {
            return Ok(None);
        }
        self.reads_of(named).map(Some)
    }

    /// Returns the owner of records to list. `None` means all users of the tenant: the principal may act for every
    /// user, has no default user, and no user is named.
    pub(crate) fn lists_of(&self, named: Option<&str>) -> Result<Option<Owner>, Fault> {
        match named {
            None if self.user_id.is_none() && self.reach == Reach::AnyUser => return Ok(None),
            Some(user_id) => drop(Owner::in_tenant(self.tenant(), user_id)?),
            None => {}
        }
        self.reads_of(named).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::Principal;

    #[test]
    fn empty_tenant_name_is_refused() {
        assert!(Principal::any_user_of("").is_err());
        assert!(Principal::any_user_of("acme").is_ok());
    }
}

use std::collections::BTreeSet;

use challenges_core::{Error, Invalid, Owner, Scope};

use crate::fault::Fault;
use crate::route::Operation;

/// Who calls, for whom they may act, and which scopes they may grant.
///
/// # Examples
///
/// ```
/// use challenges_core::{Owner, Scope};
/// use challenges_http::Principal;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // The host's own back end: acts for every user.
/// let backend = Principal::any_user().with_every_scope();
/// // A signed-in user of an organisation: acts for herself only.
/// let alice = Principal::user(Owner::in_tenant("acme", "alice")?);
/// // The same, just after she confirmed that it is her: she may add and remove her keys.
/// let alice = alice.with_enrolling();
/// // A service of that organisation, which may have doors opened once somebody approves.
/// let doors = Principal::any_user_of("acme")?.with_scopes([Scope::new("doors:open")?]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Principal {
    tenant: String,
    user_id: Option<String>,
    reach: Reach,
    scopes: Scopes,
    enrolls: bool,
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
    Only(BTreeSet<Scope>),
}

impl Principal {
    /// May act for every user of a host that has no tenants.
    #[must_use]
    pub fn any_user() -> Self {
        Self {
            tenant: String::new(),
            user_id: None,
            reach: Reach::AnyUser,
            scopes: Scopes::Only(BTreeSet::new()),
            enrolls: true,
            creates_actions: true,
        }
    }

    /// May act for every user of a tenant, and for nobody of another one.
    ///
    /// # Errors
    ///
    /// [`Invalid::Name`] when the tenant's name is malformed or empty: a claim that is missing must not open every door.
    pub fn any_user_of(tenant: impl Into<String>) -> Result<Self, Invalid> {
        let owner = Owner::in_tenant(tenant, "anyone")?;
        if owner.tenant().is_empty() {
            return Err(Invalid::Name);
        }
        Ok(Self { tenant: owner.tenant().to_owned(), ..Self::any_user() })
    }

    /// May act for that user only: create and read challenges, and read enrollments. Whoever has such a token may not be
    /// the user, so the token alone neither adds nor removes what the user passes challenges with, and has no actions done:
    /// see [`Principal::with_enrolling`] and [`Principal::with_actions`].
    #[must_use]
    pub fn user(owner: Owner) -> Self {
        Self {
            tenant: owner.tenant().to_owned(),
            user_id: Some(owner.user_id().to_owned()),
            reach: Reach::OwnUser,
            scopes: Scopes::Only(BTreeSet::new()),
            enrolls: false,
            creates_actions: false,
        }
    }

    /// The same, who may create, complete and delete enrollments. Whoever enrolls a key for a user passes the challenges of
    /// that user: grant it to a user who has just passed a challenge, or has signed in with all that there is.
    #[must_use]
    pub fn with_enrolling(self) -> Self {
        Self { enrolls: true, ..self }
    }

    /// The same, who may create one-time-use actions. Whoever creates one is given its links, and so can have this service
    /// send its requests.
    #[must_use]
    pub fn with_actions(self) -> Self {
        Self { creates_actions: true, ..self }
    }

    /// The same, for requests that name no user: this user is meant then. Without one, what creates something
    /// has to name a user, and listing gives what is of any user of the tenant.
    ///
    /// # Errors
    ///
    /// [`Invalid::Name`] when the name is malformed, or is another user's than the only one that it may act for.
    pub fn with_user_id(self, user_id: impl Into<String>) -> Result<Self, Invalid> {
        let owner = Owner::in_tenant(self.tenant.as_str(), user_id)?;
        if !self.may_act_for(owner.user_id()) {
            return Err(Invalid::Name);
        }
        Ok(Self { user_id: Some(owner.user_id().to_owned()), ..self })
    }

    /// The same, who may have one-time-use actions done with these scopes; without, none.
    #[must_use]
    pub fn with_scopes(self, scopes: impl IntoIterator<Item = Scope>) -> Self {
        Self { scopes: Scopes::Only(scopes.into_iter().collect()), ..self }
    }

    /// The same, who may have one-time-use actions done with any scope.
    #[must_use]
    pub fn with_every_scope(self) -> Self {
        Self { scopes: Scopes::Every, ..self }
    }

    /// The tenant; empty for a host that has none.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The user who is meant where none is named.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// Whether it may act for that user of its tenant.
    #[must_use]
    pub fn may_act_for(&self, user_id: &str) -> bool {
        self.reach == Reach::AnyUser || self.user_id.as_deref() == Some(user_id)
    }

    /// Whether it may have an action done with that scope.
    #[must_use]
    pub fn may_grant(&self, scope: &Scope) -> bool {
        match &self.scopes {
            Scopes::Every => true,
            Scopes::Only(scopes) => scopes.contains(scope),
        }
    }

    /// Whether it may ask for that operation at all, be it for itself.
    pub(crate) fn check(&self, operation: Operation) -> Result<(), Fault> {
        match operation {
            Operation::CreateOneTimeUseAction if !self.creates_actions => Err(Fault::ActionsOutOfReach),
            Operation::CreateTotpEnrollment
            | Operation::UpdateTotpEnrollment
            | Operation::DeleteTotpEnrollment
            | Operation::CreateWebauthnEnrollment
            | Operation::UpdateWebauthnEnrollment
            | Operation::DeleteWebauthnEnrollment
                if !self.enrolls =>
            {
                Err(Fault::EnrollingOutOfReach)
            }
            _ => Ok(()),
        }
    }

    /// For whom it creates something: the user named, or itself. Nobody else's existence can be found out by it, so a
    /// user out of reach is said to be so.
    pub(crate) fn creates_for(&self, named: Option<&str>) -> Result<Owner, Fault> {
        let user_id = named.or(self.user_id()).ok_or(Fault::UserUnnamed)?;
        let owner = Owner::in_tenant(self.tenant(), user_id).map_err(Fault::from)?;
        if self.may_act_for(user_id) { Ok(owner) } else { Err(Fault::UserOutOfReach) }
    }

    /// Of whom it reads or changes something: as for creation, but a user out of reach has nothing.
    pub(crate) fn reads_of(&self, named: Option<&str>) -> Result<Owner, Fault> {
        self.creates_for(named).map_err(|fault| match fault {
            // Nobody has such a name, and so nobody has anything by it.
            Fault::UserOutOfReach | Fault::Core(Error::Invalid(Invalid::Name)) => Error::NotFound.into(),
            other => other,
        })
    }

    /// Of whom it reads or changes something with an id: as for reading, but of whoever in the tenant has it (`None`) where
    /// it may act for any user and names none.
    pub(crate) fn reads_one_of(&self, named: Option<&str>) -> Result<Option<Owner>, Fault> {
        if named.is_none() && self.reach == Reach::AnyUser {
            return Ok(None);
        }
        self.reads_of(named).map(Some)
    }

    /// Of whom it lists something: as for reading, but of every user of the tenant (`None`) where it may act for any, and
    /// neither names nor is one.
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
    fn a_tenant_without_a_name_opens_nothing() {
        assert!(Principal::any_user_of("").is_err());
        assert!(Principal::any_user_of("acme").is_ok());
    }
}

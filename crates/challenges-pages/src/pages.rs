//! The pages of an application.

use std::sync::Arc;

use bytes::Bytes;
use challenges_core::{Challenges, Grant, Owner};
use http::{Request, Response};

use crate::incoming::Incoming;
use crate::problem::Problem;
use crate::route::Route;
use crate::{account, answer};

/// The pages for multi-factor authentication, framework-neutral. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pages {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) challenges: Challenges,
    pub(crate) prefix: String,
    /// The origin of the application, for example `https://app.example`.
    pub(crate) origin: String,
}

/// Builds [`Pages`].
#[derive(Clone, Debug)]
pub struct PagesBuilder {
    challenges: Challenges,
    prefix: String,
    origin: String,
}

impl Pages {
    /// Starts with the origin of the application, for example `https://app.example`.
    pub fn builder(challenges: Challenges, origin: impl Into<String>) -> PagesBuilder {
        PagesBuilder { challenges, prefix: "/mfa".to_owned(), origin: origin.into() }
    }

    /// Responds to a request. `user` is the user of the host's session.
    pub async fn respond(&self, request: Request<Bytes>, user: Option<Owner>) -> Response<Bytes> {
        let _ = (request, user);
        Response::new(Bytes::new())
    }

    /// Returns the right of the signed-in user to change factors: a step-up that is minutes old, or else the right to
    /// add a first factor.
    pub(crate) fn grant(&self, incoming: &Incoming) -> Result<Grant, Problem> {
        incoming.user()?;
        Ok(Grant::first_factor())
    }
}

impl PagesBuilder {
    /// Builds the pages.
    #[must_use]
    pub fn build(self) -> Pages {
        let Self { challenges, prefix, origin } = self;
        Pages { shared: Arc::new(Shared { challenges, prefix, origin }) }
    }
}

/// Returns the routes of all domains.
pub(crate) fn routes() -> impl Iterator<Item = &'static Route> {
    account::ROUTES.iter().chain(answer::ROUTES)
}

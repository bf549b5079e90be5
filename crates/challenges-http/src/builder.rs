use std::collections::BTreeSet;

use challenges_core::{Challenges, Invalid, Origin};

use crate::answer_link::{AnswerLinks, Base};
use crate::api::{Api, Inner};
use crate::authorizer::Authorizer;
use crate::cors::Cors;

/// Puts an [`Api`] together. Only [`ApiBuilder::public_base`] has no default.
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct ApiBuilder {
    challenges: Challenges,
    authorizer: Box<dyn Authorizer>,
    public_base: Option<String>,
    confirm_page: Option<String>,
    cors_origins: Vec<String>,
    protect_replace_and_delete: bool,
}

impl ApiBuilder {
    pub(crate) const fn new(challenges: Challenges, authorizer: Box<dyn Authorizer>) -> Self {
        Self {
            challenges,
            authorizer,
            public_base: None,
            confirm_page: None,
            cors_origins: Vec::new(),
            protect_replace_and_delete: false,
        }
    }

    /// Where the API is reached from outside: what stands before `/v1`, such as `https://example.org/mfa`. The links of
    /// one-time-use actions start with it. It is never taken from a request, whose `Host` anybody can set.
    pub fn public_base(self, base: impl Into<String>) -> Self {
        Self { public_base: Some(base.into()), ..self }
    }

    /// A page that the links of one-time-use actions lead to, instead of deciding when they are opened: an absolute URL
    /// without a query. It is given the same parameters and `challenge_id`, shows what is decided, and posts the answer to
    /// `/v1/challenges/{id}/answers` when its user says so; a GET decides no such action any more. Default none, as the
    /// API has it.
    ///
    /// Set it wherever the links travel by mail or chat: scanners there open every link that they see.
    pub fn confirm_page(self, page: impl Into<String>) -> Self {
        Self { confirm_page: Some(page.into()), ..self }
    }

    /// The origins whose pages may read a challenge and answer it from a browser, each exactly `https://host` or
    /// `https://host:port`. Default none.
    pub fn cors_origins<T: Into<String>>(self, origins: impl IntoIterator<Item = T>) -> Self {
        Self { cors_origins: origins.into_iter().map(Into::into).collect(), ..self }
    }

    /// Whether replacing and deleting a challenge needs a bearer token as well, of somebody who may act for the
    /// challenged user. Default no: the challenge's id is enough.
    pub fn protect_replace_and_delete(self, protect: bool) -> Self {
        Self { protect_replace_and_delete: protect, ..self }
    }

    /// The API.
    ///
    /// # Errors
    ///
    /// [`ApiError`] with what is missing or malformed.
    pub fn build(self) -> Result<Api, ApiError> {
        let base = self.public_base.ok_or(ApiError::NoPublicBase)?;
        let base = Base::parse(&base).ok_or(ApiError::PublicBase)?;
        let links = match self.confirm_page {
            Some(page) => AnswerLinks::Page(Base::parse(&page).ok_or(ApiError::ConfirmPage)?),
            None => AnswerLinks::Api(base),
        };
        let origins = self.cors_origins.iter().map(|origin| origin.parse());
        let origins: BTreeSet<Origin> = origins.collect::<Result<_, _>>().map_err(ApiError::CorsOrigin)?;
        Ok(Api::new(Inner {
            challenges: self.challenges,
            authorizer: self.authorizer,
            links,
            cors: Cors::new(origins),
            protect_replace_and_delete: self.protect_replace_and_delete,
        }))
    }
}

/// Why an [`Api`] could not be put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// [`ApiBuilder::public_base`] was not called.
    #[error("name the public base of the API, such as https://example.org, with public_base(..)")]
    NoPublicBase,
    /// The public base is malformed.
    #[error(
        "the public base must be an http:// or https:// URL of at most 512 characters without user name, query and fragment, such as https://example.org/mfa"
    )]
    PublicBase,
    /// The page given to [`ApiBuilder::confirm_page`] is malformed.
    #[error(
        "the confirmation page must be an http:// or https:// URL of at most 512 characters without user name, query and fragment, such as https://example.org/confirm"
    )]
    ConfirmPage,
    /// An origin given to [`ApiBuilder::cors_origins`] is malformed.
    #[error("a CORS origin is malformed: {0}")]
    CorsOrigin(#[source] Invalid),
}

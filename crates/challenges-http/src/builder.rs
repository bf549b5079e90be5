use std::collections::BTreeSet;

use challenges_core::{ChallengeType, Challenges, Invalid, Origin};

use crate::answer_link::{AnswerLinks, Base};
use crate::api::{Api, Inner};
use crate::authorizer::Authorizer;
use crate::cors::Cors;

/// Builds an [`Api`]. Only [`ApiBuilder::public_base`] is required.
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct ApiBuilder {
    challenges: Challenges,
    authorizer: Box<dyn Authorizer>,
    public_base: Option<String>,
    confirm_page: Option<String>,
    cors_origins: Vec<String>,
    protect_replace_and_delete: bool,
    further_types: Vec<ChallengeType>,
}

impl Api {
    /// Returns a builder for an API over `challenges`. `authorizer` accepts or rejects the bearer tokens of callers.
    pub fn builder(challenges: Challenges, authorizer: impl Authorizer) -> ApiBuilder {
        ApiBuilder {
            challenges,
            authorizer: Box::new(authorizer),
            public_base: None,
            confirm_page: None,
            cors_origins: Vec::new(),
            protect_replace_and_delete: false,
            further_types: Vec::new(),
        }
    }
}

impl ApiBuilder {
    /// Sets the public URL of the API, without `/v1`, such as `https://example.org/mfa`. Links of one-time-use actions
    /// start with this URL. The `Host` header of a request is never used instead, because an attacker can set it.
    pub fn public_base(self, base: impl Into<String>) -> Self {
        Self { public_base: Some(base.into()), ..self }
    }

    /// Sets a confirmation page for one-time-use actions, as an absolute URL without a query. Default: none.
    ///
    /// Without a page, opening a link decides the action. Set a page if links travel by mail or chat, where scanners
    /// open every link.
    ///
    /// - Links lead to the page, with the parameters of the answer and `challenge_id`.
    /// - The page shows the action and posts the user's answer to `/v1/challenges/{id}/answers`.
    /// - A GET no longer decides a one-time-use action.
    ///
    /// If the page is at another origin than the API, add that origin to [`ApiBuilder::cors_origins`].
    pub fn confirm_page(self, page: impl Into<String>) -> Self {
        Self { confirm_page: Some(page.into()), ..self }
    }

    /// Sets the origins of pages that may read and answer challenges from a browser, each in the form `https://host` or
    /// `https://host:port`. Default: none.
    pub fn cors_origins<T: Into<String>>(self, origins: impl IntoIterator<Item = T>) -> Self {
        Self { cors_origins: origins.into_iter().map(Into::into).collect(), ..self }
    }

    /// Sets whether replacing and deleting a challenge requires a bearer token as well. The principal must be allowed
    /// to act for the challenged user. Default: `false`, since the challenge's id is the capability.
    ///
    /// With `false`, a caller without a token may delete a challenge, and replace `send_now`, `timeout_seconds`,
    /// `origin` and `challenge_endpoints` while the challenge is pending. All other fields need a token. Every
    /// change of a challenge with a purpose needs the token of a principal that acts for every user.
    pub fn protect_replace_and_delete(self, protect: bool) -> Self {
        Self { protect_replace_and_delete: protect, ..self }
    }

    /// Adds challenge types to the API: `recovery_code` ([`ChallengeType::RecoveryCode`]) and `email`
    /// ([`ChallengeType::Email`]). Default: none. To callers, a type that was not added is unknown: no answer through
    /// the API passes by that type or uses up a recovery code. Every other type is part of the API already.
    ///
    /// A GET never answers by `email`, because scanners open the links of e-mails.
    ///
    /// # Security
    ///
    /// A passed challenge shows its state over the API, but not the type that passed. A caller that treats recovery
    /// differently, for example by asking for a new enrollment, offers `recovery_code` in a separate challenge. Reading
    /// e-mail is not a second factor by itself.
    pub fn further_types(mut self, types: impl IntoIterator<Item = ChallengeType>) -> Self {
        self.further_types.extend(types);
        self
    }

    /// Builds the API.
    ///
    /// # Errors
    ///
    /// Returns an [`ApiError`] if a setting is missing or malformed.
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
            further_types: self.further_types,
        }))
    }
}

/// The error of [`ApiBuilder::build`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// [`ApiBuilder::public_base`] was not called.
    #[error(
        "no public base is set; call ApiBuilder::public_base with the public URL of the API, such as https://example.org"
    )]
    NoPublicBase,
    /// The public base is malformed.
    #[error(
        "public_base must be an http:// or https:// URL of at most 512 characters without user name, query and fragment, such as https://example.org/mfa"
    )]
    PublicBase,
    /// The URL given to [`ApiBuilder::confirm_page`] is malformed.
    #[error(
        "confirm_page must be an http:// or https:// URL of at most 512 characters without user name, query and fragment, such as https://example.org/confirm"
    )]
    ConfirmPage,
    /// An origin given to [`ApiBuilder::cors_origins`] is malformed.
    #[error(
        "an origin of cors_origins is malformed; use https://HOST or https://HOST:PORT in lower case, without a path"
    )]
    CorsOrigin(#[source] Invalid),
}

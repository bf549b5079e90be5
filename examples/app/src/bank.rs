//! The bank of the demo: an application with users and a design of its own, the same on both frameworks.

mod design;
mod document;
mod users;

use std::time::Duration;

use challenges::http::StepUpGate;
use challenges::pages::{Catalogue, CatalogueError, Pages, Words};
use challenges::{ChallengeType, Challenges, Purpose};

use crate::error::Failed;

pub use design::{Design, Order};
pub use document::ASSETS;
pub use users::Users;

/// The state of the handlers. Cheap to clone.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Bank {
    /// The users with their passwords.
    pub users: Users,
    /// The service.
    pub challenges: Challenges,
    /// The mounted pages.
    pub pages: Pages,
    /// The step-up before transfers.
    pub transfer: StepUpGate,
    /// The step-up before the page of support.
    pub support: StepUpGate,
    /// The origin of the application, such as `https://bank.example`.
    pub origin: String,
    catalogue: Catalogue,
}

impl Bank {
    /// Sets up the pages. `push_key` is the public VAPID key.
    pub(crate) fn new(
        users: Users,
        catalogue: Catalogue,
        challenges: Challenges,
        origin: &str,
        offers: Vec<ChallengeType>,
        push_key: &str,
    ) -> Result<Self, Failed> {
        let gate = |purpose: &str| {
            let gate = StepUpGate::new(challenges.clone(), Purpose::new(purpose)?, Duration::from_secs(300));
            Ok::<_, Failed>(if origin.starts_with("https:") { gate } else { gate.danger_without_tls() })
        };
        let (transfer, support) = (gate("transfer")?, gate("support")?);
        let pages = Pages::builder(challenges.clone(), origin)
            .name(document::NAME)
            .catalogue(catalogue.clone())
            .layout(document::layout)
            .offers(offers)
            .push_key(push_key)
            .step_up(transfer.clone())
            .step_up(support.clone())
            .build()?;
        Ok(Self { users, challenges, pages, transfer, support, origin: origin.to_owned(), catalogue })
    }

    /// Returns the texts of the pages and messages.
    pub(crate) fn texts() -> Result<Catalogue, CatalogueError> {
        Catalogue::default()
            .add("en", include_str!("../locales/en.ftl"))?
            .add("de", include_str!("../locales/de.ftl"))?
            .offer(&["en", "de"])
    }

    /// Returns the design in the language of a visitor, by the header `Accept-Language`.
    #[must_use]
    pub fn design(&self, accept_language: Option<&[u8]>) -> Design {
        let header = accept_language.and_then(|header| std::str::from_utf8(header).ok());
        let words: Words = self.catalogue.negotiate(header.unwrap_or_default());
        Design::new(words)
    }

    /// Returns whether cookies are for TLS only.
    #[must_use]
    pub fn has_tls(&self) -> bool {
        self.origin.starts_with("https:")
    }
}

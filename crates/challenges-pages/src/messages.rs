//! Messages in the language of the recipient.

mod marks;
mod notice;
mod templates;

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use challenges_core::outbox::{Errand, Failure, Job};
use challenges_core::{Courier, Owner};
use challenges_delivery::{Delivery, DeliveryError};
use tokio::time::timeout;

use crate::words::{Catalogue, CatalogueError};

/// A courier that writes text messages, e-mails, push messages and notices in the user's language, with the texts of a
/// [`Catalogue`]. Give the dispatcher this courier in place of the [`Delivery`].
///
/// # Examples
///
/// ```
/// use challenges_core::Challenges;
/// use challenges_delivery::{Delivery, Dispatcher, Sms, SmsGateway};
/// use challenges_pages::{Catalogue, CatalogueError, TranslatedDelivery};
///
/// # #[derive(Clone)]
/// # struct Users;
/// # impl Users { async fn language(&self, _user: &str) -> Option<String> { None } }
/// fn start(challenges: Challenges, gateway: impl SmsGateway, users: Users) -> Result<(), CatalogueError> {
///     let delivery = Delivery::new().sms(Sms::new(gateway));
///     let delivery = TranslatedDelivery::new(delivery, &Catalogue::default(), move |user| {
///         let users = users.clone();
///         async move { users.language(user.user_id()).await.unwrap_or_default() }
///     })?;
///     Dispatcher::new(challenges, delivery).spawn();
///     Ok(())
/// }
/// ```
#[derive(Clone)]
#[must_use]
pub struct TranslatedDelivery {
    catalogue: Catalogue,
    /// The delivery in each offered language, by the tag.
    deliveries: Arc<HashMap<String, Delivery>>,
    untranslated: Delivery,
    language: Arc<Language>,
}

/// Returns the language of a user.
type Language = dyn Fn(Owner) -> Pin<Box<dyn Future<Output = String> + Send>> + Send + Sync;

impl TranslatedDelivery {
    /// Replaces the texts of a delivery. For each message, `language` returns the language of the user: a BCP 47 tag
    /// such as `pt-BR`, or a stored `Accept-Language` header. [`Catalogue::negotiate`] chooses among the offered
    /// languages.
    ///
    /// If `language` returns an empty text, or takes longer than half of [`Job::timeout`], the message is in the first
    /// offered language. A slow look-up of the language therefore stops no message. `language` must neither panic nor
    /// block the thread. Otherwise the message is not sent, and is tried again after the lease.
    ///
    /// The ids of the texts begin with `message-`. Fluent does not see the values of `$link`, `$code`, `$origin` and
    /// `$minutes`, which are filled in later, so the texts cannot depend on them. Marks of direction (U+2066 to U+2069)
    /// are removed, because they would become part of links and codes.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::Unsendable`] if a text of the host lacks a link or code, or is too long.
    pub fn new<L>(
        delivery: Delivery,
        catalogue: &Catalogue,
        language: impl Fn(Owner) -> L + Send + Sync + 'static,
    ) -> Result<Self, CatalogueError>
    where
        L: Future<Output = String> + Send + 'static,
    {
        let mut deliveries = HashMap::new();
        for words in catalogue.offered() {
            deliveries.insert(words.language().to_owned(), templates::translate(delivery.clone(), &words)?);
        }
        Ok(Self {
            catalogue: catalogue.clone(),
            deliveries: Arc::new(deliveries),
            untranslated: delivery,
            language: Arc::new(move |owner| Box::pin(language(owner))),
        })
    }

    async fn in_language_of(&self, job: &Job) -> &Delivery {
        let language = timeout(job.timeout / 2, (self.language)(job.owner.clone())).await;
        let language = language.unwrap_or_else(|_| {
            tracing::warn!(id = %job.id, "the language of the user is not known in time");
            String::new()
        });
        let words = self.catalogue.negotiate(&language);
        self.deliveries.get(words.language()).unwrap_or(&self.untranslated)
    }
}

#[async_trait]
impl Courier for TranslatedDelivery {
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure> {
        let attempt = async {
            match job.errand {
                Errand::Sms { .. } | Errand::Email { .. } | Errand::Push { .. } => {
                    self.in_language_of(job).await.perform(job).await
                }
                _ => self.untranslated.perform(job).await,
            }
        };
        timeout(job.timeout, attempt).await.map_err(|_| DeliveryError::Timeout)?
    }
}

impl fmt::Debug for TranslatedDelivery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { catalogue, untranslated, .. } = self;
        let mut debug = formatter.debug_struct("TranslatedDelivery");
        debug.field("catalogue", catalogue).field("delivery", untranslated).finish_non_exhaustive()
    }
}

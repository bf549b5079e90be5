use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use challenges_core::Owner;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task_local;

task_local! {
    static SHARE: Share;
}

/// The party that a look-up counts for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// The host application and its operators, who named the host.
    Operator,
    /// The user who named the host, or whose action names the host.
    User(Owner),
}

impl Share {
    /// Counts the look-ups of a future in this share.
    pub(crate) async fn scope<T>(self, future: impl Future<Output = T>) -> T {
        SHARE.scope(self, future).await
    }

    /// Returns the share of the current task. Without a share, the look-up counts for the host application.
    pub(crate) fn current() -> Self {
        SHARE.try_with(Self::clone).unwrap_or(Self::Operator)
    }
}

/// The limits of concurrent look-ups. Look-ups of users never delay those of operators, and hung look-ups of a user
/// delay few others.
#[derive(Debug)]
pub(super) struct Lookups {
    operators: Arc<Semaphore>,
    users: Arc<Semaphore>,
    per_user: usize,
    of_user: Mutex<HashMap<Owner, Weak<Semaphore>>>,
}

impl Lookups {
    pub(super) fn new(operators: usize, users: usize, per_user: usize) -> Self {
        Self {
            operators: Arc::new(Semaphore::new(operators)),
            users: Arc::new(Semaphore::new(users)),
            per_user,
            of_user: Mutex::default(),
        }
    }

    /// Runs a look-up in a task, which keeps the permits until the look-up ends, even when the caller is gone.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        share: &Share,
        lookup: impl Future<Output = io::Result<T>> + Send + 'static,
    ) -> io::Result<T> {
        let permits = self.acquire(share).await.map_err(io::Error::other)?;
        let task = tokio::spawn(async move {
            let found = lookup.await;
            drop(permits);
            found
        });
        task.await.map_err(io::Error::other)?
    }

    async fn acquire(
        &self,
        share: &Share,
    ) -> Result<(Option<OwnedSemaphorePermit>, OwnedSemaphorePermit), tokio::sync::AcquireError> {
        match share {
            Share::Operator => Ok((None, Arc::clone(&self.operators).acquire_owned().await?)),
            Share::User(owner) => {
                // The user's own limit comes first, so that a waiting user holds no permit of all users.
                let of_user = self.of_user(owner).acquire_owned().await?;
                Ok((Some(of_user), Arc::clone(&self.users).acquire_owned().await?))
            }
        }
    }

    fn of_user(&self, owner: &Owner) -> Arc<Semaphore> {
        let mut of_user = self.of_user.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(permits) = of_user.get(owner).and_then(Weak::upgrade) {
            return permits;
        }
        of_user.retain(|_, permits| permits.strong_count() > 0);
        let permits = Arc::new(Semaphore::new(self.per_user));
        of_user.insert(owner.clone(), Arc::downgrade(&permits));
        permits
    }
}

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, Id, Kind, Load, StoreError, Stored};
use challenges_core::{Store, Timestamp};
use tokio::time::sleep;

use crate::address::Address;
use crate::client::Client;
use crate::fault::Fault;
use crate::finding::Finding;
use crate::layout::Layout;
use crate::link::announced;
use crate::{Findings, OpenError, RedisOptions, Wait, due, health, marks, read, write};

/// The maximum length of the key prefix, in bytes.
const LONGEST_PREFIX: usize = 64;

/// Attempts to open a cluster. An unresponsive node can take the time of an attempt.
const ATTEMPTS: usize = 3;
const PAUSE: Duration = Duration::from_millis(100);

/// A store in a Redis server or cluster.
///
/// Clones share a connection. Any number of stores and processes may share a server.
///
/// The store needs a tokio runtime with I/O and time enabled. The runtime on which the store was opened must run for as
/// long as the store is in use.
#[derive(Clone)]
pub struct RedisStore(Arc<Inner>);

struct Inner {
    layout: Layout,
    reads: Client,
    /// A second connection if commits wait for replicas, so that reads do not wait with them.
    commits: Option<Client>,
    wait: Option<Wait>,
    findings: Findings,
}

impl RedisStore {
    /// Opens the store at `url` with the default [`RedisOptions`].
    ///
    /// | URL | server |
    /// |---|---|
    /// | `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]` | single server; `rediss://` for TLS |
    /// | `unix:///PATH[?db=N&user=U&pass=P]` | single server on a Unix socket |
    /// | `redis+cluster://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]...]` | cluster; `rediss+cluster://` for TLS |
    /// | `redis+sentinel://[USER:PASSWORD@]HOST[:PORT][,...]/NAME[/DATABASE]` | primary `NAME` of the sentinels; `rediss+sentinel://` for TLS |
    ///
    /// Special characters in user and password are percent-encoded. The login is also offered to the sentinels.
    ///
    /// TLS needs the cargo feature `tls`. `valkey` is accepted in place of `redis`. Name several cluster nodes, because
    /// a single named node may be unreachable when the store reconnects.
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] if the URL is invalid, the server is unreachable, or the server check refuses.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        RedisOptions::new().open(url).await
    }

    /// Returns the warnings of the server check on open.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.0.findings.as_slice()
    }

    /// Returns the clock of each primary, to compare with the clock of this machine. The store itself never reads a
    /// clock.
    ///
    /// The user needs the right `+time`.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when a server does not reply, or the user may not run `TIME`.
    pub async fn server_times(&self) -> Result<Vec<Timestamp>, OpenError> {
        health::clocks(&self.0.reads).await
    }

    pub(crate) async fn open_with(url: &str, options: &RedisOptions) -> Result<Self, OpenError> {
        let RedisOptions { prefix, connect_timeout, .. } = options;
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'{' | b'}');
        if prefix.is_empty() || prefix.len() > LONGEST_PREFIX || !prefix.bytes().all(is_plain) {
            return Err(OpenError::Prefix);
        }
        let address = Address::parse(url).map_err(OpenError::Address)?;
        #[cfg(feature = "tls")]
        provide_cryptography();
        let attempts = if matches!(address, Address::Cluster(_)) { ATTEMPTS } else { 1 };
        for _ in 1..attempts {
            match Inner::open(&address, options).await {
                Err(OpenError::Unreachable(_)) => sleep(PAUSE).await,
                opened => return Ok(Self(Arc::new(opened?))),
            }
        }
        match Inner::open(&address, options).await {
            Ok(opened) => Ok(Self(Arc::new(opened))),
            Err(error) => Err(explain(&address, *connect_timeout, error).await),
        }
    }
}

impl Inner {
    async fn open(address: &Address, options: &RedisOptions) -> Result<Self, OpenError> {
        let RedisOptions { prefix, timeout, connect_timeout, server_check, wait, create_if_missing } = options;
        let reads = Client::open(address, *connect_timeout, *timeout).await?;
        let findings = health::check(&reads, *server_check).await?;
        let layout = Layout::new(prefix.clone());
        marks::read(&reads, &layout, *create_if_missing).await?;
        let commits = match wait {
            Some(_) => {
                let commits = Client::open(address, *connect_timeout, *timeout).await?;
                // Without the right to run WAIT, every commit would be executed but reported as unknown.
                let mut none = redis::cmd("WAIT");
                none.arg(0).arg(1);
                commits.ask_primaries(none).await.map_err(OpenError::Wait)?;
                Some(commits)
            }
            None => None,
        };
        Ok(Self { layout, reads, commits, wait: *wait, findings })
    }
}

/// Replaces the error of a cluster that announces unreachable addresses.
async fn explain(address: &Address, connect_timeout: Duration, error: OpenError) -> OpenError {
    match (address, error) {
        (Address::Cluster(nodes), OpenError::Unreachable(source)) => {
            let announced = announced::unreachable(nodes, connect_timeout).await;
            if announced.is_empty() {
                OpenError::Unreachable(source)
            } else {
                OpenError::Announced { announced, source }
            }
        }
        (_, error) => error,
    }
}

/// Installs a default provider for rustls, unless the host has installed a provider.
///
/// rustls panics without a default if several providers are compiled in.
#[cfg(feature = "tls")]
fn provide_cryptography() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Fails only if another thread has installed a provider meanwhile.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { layout, reads, commits: _, wait, findings } = &*self.0;
        let mut store = f.debug_struct("RedisStore");
        store.field("layout", layout).field("link", reads.link()).field("wait", wait).field("findings", findings);
        store.finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for RedisStore {
    async fn load(&self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        read::load(&self.0.reads, &self.0.layout, request).await.map_err(Fault::into_read_error)
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        let client = self.0.commits.as_ref().unwrap_or(&self.0.reads);
        write::commit(client, &self.0.layout, self.0.wait, &batch).await.map_err(Fault::into_commit_error)
    }

    async fn list(
        &self,
        kind: Kind,
        owner: Option<u64>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        read::list(&self.0.reads, &self.0.layout, kind, owner, after, limit).await.map_err(Fault::into_read_error)
    }

    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        due::due(&self.0.reads, &self.0.layout, kind, &shards, now, limit).await.map_err(Fault::into_read_error)
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        write::purge(&self.0.reads, &self.0.layout, &shards, before, limit).await.map_err(Fault::into_read_error)
    }
}

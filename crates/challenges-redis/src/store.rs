use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use challenges_core::store::{Batch, Commit, Kind, ListQuery, Load, Loaded, Page, StoreError, Stored};
use challenges_core::{Store, Timestamp};

use crate::address::Address;
use crate::client::Client;
use crate::fault::Fault;
use crate::health::Finding;
use crate::layout::Layout;
use crate::{Findings, OpenError, RedisOptions, Wait, due, health, read, write};

/// The longest prefix of keys.
const LONGEST_PREFIX: usize = 64;

/// Keeps records in a Redis server or cluster. Clones share one connection; any number of stores and processes may share
/// the server.
///
/// It needs a tokio runtime: that in which it was opened has to run for as long as the store is used.
#[derive(Clone)]
pub struct RedisStore(Arc<Inner>);

struct Inner {
    layout: Layout,
    reads: Client,
    /// Apart from the reads where commits wait for replicas.
    commits: Option<Client>,
    wait: Option<Wait>,
    findings: Findings,
}

impl RedisStore {
    /// Opens the store of that URL with the default [`RedisOptions`].
    ///
    /// | URL | |
    /// |---|---|
    /// | `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]` | a server; `rediss://` with TLS |
    /// | `unix:///PATH[?db=N&user=U&pass=P]` | a server behind a socket |
    /// | `redis+cluster://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]...]` | a cluster; `rediss+cluster://` with TLS |
    /// | `redis+sentinel://[USER:PASSWORD@]HOST[:PORT][,...]/NAME[/DATABASE]` | the primary that sentinels know by that name |
    ///
    /// # Errors
    ///
    /// [`OpenError`] says what is wrong and what to do about it.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        RedisOptions::new().open(url).await
    }

    /// What was found when the server was checked, and let pass.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.0.findings.as_slice()
    }

    pub(crate) async fn open_with(url: &str, options: &RedisOptions) -> Result<Self, OpenError> {
        let RedisOptions { prefix, timeout, connect_timeout, server_check, wait } = options;
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'{' | b'}');
        if prefix.is_empty() || prefix.len() > LONGEST_PREFIX || !prefix.bytes().all(is_plain) {
            return Err(OpenError::Prefix);
        }
        let address = Address::parse(url).map_err(OpenError::Address)?;
        #[cfg(feature = "tls")]
        provide_cryptography();
        let reads = Client::open(&address, *connect_timeout, *timeout).await?;
        let findings = health::check(&reads, *server_check).await?;
        let commits = match wait {
            Some(_) => {
                let commits = Client::open(&address, *connect_timeout, *timeout).await?;
                // A commit that it fails behind is carried out all the same, and nobody would notice.
                let mut none = redis::cmd("WAIT");
                none.arg(0).arg(1);
                commits.ask_primaries(none).await.map_err(OpenError::Wait)?;
                Some(commits)
            }
            None => None,
        };
        let layout = Layout::new(prefix.clone());
        Ok(Self(Arc::new(Inner { layout, reads, commits, wait: *wait, findings })))
    }
}

/// rustls asks for a choice where several implementations are built in, and panics without one. The host's comes first.
#[cfg(feature = "tls")]
fn provide_cryptography() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been faster, which is as good.
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
    async fn load(&self, request: &Load) -> Result<Loaded, StoreError> {
        read::load(&self.0.reads, &self.0.layout, request).await.map_err(Fault::of_read)
    }

    async fn commit(&self, batch: Batch) -> Result<Commit, StoreError> {
        let client = self.0.commits.as_ref().unwrap_or(&self.0.reads);
        write::commit(client, &self.0.layout, self.0.wait, &batch).await.map_err(Fault::of_commit)
    }

    async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
        read::list(&self.0.reads, &self.0.layout, query).await.map_err(Fault::of_read)
    }

    async fn due(
        &self,
        kind: Kind,
        shards: Range<u16>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        due::due(&self.0.reads, &self.0.layout, kind, &shards, now, limit).await.map_err(Fault::of_read)
    }

    async fn purge(&self, shards: Range<u16>, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        write::purge(&self.0.reads, &self.0.layout, &shards, before, limit).await.map_err(Fault::of_read)
    }
}

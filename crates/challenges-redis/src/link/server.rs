use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, Pipeline, ProtocolVersion, PushInfo, PushKind, RedisError,
    RedisResult, TlsMode, Value,
};

use super::failure::{Failure, checked};
use crate::OpenError;
use crate::address::{Address, Sentinels};
use crate::error::is_about_hello;

/// The number of requests that may queue for the connection.
const QUEUE: usize = 1_024;

/// A multiplexed connection to a single server.
pub(crate) struct ServerLink {
    source: Source,
    connect_timeout: Duration,
    live: Mutex<Option<Live>>,
    /// Held while connecting, so that other callers wait for the same connection.
    connecting: tokio::sync::Mutex<()>,
}

/// The source of new connections.
enum Source {
    Server {
        client: Box<Client>,
        /// For servers and proxies without `HELLO 3`.
        resp2: Box<Client>,
    },
    /// Queried before each connection, because the primary may have changed.
    Sentinel(Box<tokio::sync::Mutex<Sentinel>>),
}

/// Clients of the sentinels.
struct Sentinel {
    /// Logs in to the sentinels.
    with_login: SentinelClient,
    /// For sentinels without a password, or without this user.
    without_login: SentinelClient,
}

#[derive(Clone)]
struct Live {
    connection: MultiplexedConnection,
    closed: Arc<AtomicBool>,
}

impl ServerLink {
    pub(super) async fn open(address: &Address, connect_timeout: Duration) -> Result<Self, OpenError> {
        let source = match address {
            Address::Sentinel(sentinels) => {
                let with_login = sentinel_client(sentinels, true).map_err(OpenError::of)?;
                let without_login = sentinel_client(sentinels, false).map_err(OpenError::of)?;
                Source::Sentinel(Box::new(tokio::sync::Mutex::new(Sentinel { with_login, without_login })))
            }
            Address::Server(info) => {
                let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
                let resp2 = info.as_ref().clone().set_redis_settings(settings);
                let open = |info| Client::open(info).map(Box::new).map_err(OpenError::of);
                Source::Server { client: open(info.as_ref().clone())?, resp2: open(resp2)? }
            }
            Address::Cluster(_) => return Err(OpenError::Cluster),
        };
        let connecting = tokio::sync::Mutex::new(());
        let link = Self { source, connect_timeout, live: Mutex::new(None), connecting };
        link.connect().await.map_err(OpenError::of)?;
        Ok(link)
    }

    pub(super) async fn send(&self, commands: &[Cmd]) -> Result<Vec<Value>, Failure> {
        let mut live = match self.live() {
            Some(live) => live,
            // Boxed, because the future of `connect` would enlarge every call.
            None => Box::pin(self.connect()).await.map_err(Failure::NoConnection)?,
        };
        if let [command] = commands {
            let value = live.connection.send_packed_command(command).await.map_err(Failure::Command)?;
            return checked(vec![value]);
        }
        let mut pipeline = Pipeline::with_capacity(commands.len());
        for command in commands {
            pipeline.add_command(command.clone());
        }
        let values = Box::pin(live.connection.send_packed_commands(&pipeline, 0, commands.len())).await;
        checked(values.map_err(Failure::Command)?)
    }

    pub(super) fn renew(&self) {
        if let Some(live) = &*self.live.lock().unwrap_or_else(PoisonError::into_inner) {
            live.closed.store(true, Ordering::Relaxed);
        }
    }

    fn live(&self) -> Option<Live> {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.as_ref().filter(|live| !live.closed.load(Ordering::Relaxed)).cloned()
    }

    async fn connect(&self) -> RedisResult<Live> {
        let _one_at_a_time = self.connecting.lock().await;
        if let Some(live) = self.live() {
            return Ok(live);
        }
        let closed = Arc::new(AtomicBool::new(false));
        let disconnected = Arc::clone(&closed);
        // Detects the end of an idle connection. Otherwise the first command after it would lose the reply.
        let watch = move |push: PushInfo| {
            if push.kind == PushKind::Disconnection {
                disconnected.store(true, Ordering::Relaxed);
            }
            Ok::<(), redis::aio::SendError>(())
        };
        let resp2_config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.connect_timeout))
            // `Client` enforces the deadline of a call.
            .set_response_timeout(None)
            .set_pipeline_buffer_size(QUEUE);
        let config = resp2_config.clone().set_push_sender(watch);
        let connection = match &self.source {
            Source::Server { client, resp2 } => {
                match client.get_multiplexed_async_connection_with_config(&config).await {
                    Err(error) if is_about_hello(&error) => {
                        resp2.get_multiplexed_async_connection_with_config(&resp2_config).await?
                    }
                    connected => connected?,
                }
            }
            Source::Sentinel(sentinel) => sentinel.lock().await.connect(&config).await?,
        };
        let live = Live { connection, closed };
        *self.live.lock().unwrap_or_else(PoisonError::into_inner) = Some(live.clone());
        Ok(live)
    }
}

impl Sentinel {
    /// Connects to the primary, logging in to the sentinels too unless they refuse the login.
    async fn connect(&mut self, config: &AsyncConnectionConfig) -> RedisResult<MultiplexedConnection> {
        match self.with_login.get_async_connection_with_config(config).await {
            Err(refused) if is_about_login(&refused) => {
                self.without_login.get_async_connection_with_config(config).await.map_err(|error| {
                    // Sentinels that require a login say nothing new without it.
                    if is_about_login(&error) { refused } else { error }
                })
            }
            connected => connected,
        }
    }
}

fn is_about_login(error: &RedisError) -> bool {
    error.kind() == ErrorKind::AuthenticationFailed || matches!(error.code(), Some("WRONGPASS" | "NOAUTH" | "NOPERM"))
}

fn sentinel_client(sentinels: &Sentinels, with_login: bool) -> RedisResult<SentinelClient> {
    let Sentinels { sentinels, primary, login, tls } = sentinels;
    let mut builder = SentinelClientBuilder::new(sentinels.iter().cloned(), primary, SentinelServerType::Master)?
        .set_client_to_redis_protocol(ProtocolVersion::RESP3)
        .set_client_to_redis_db(login.db());
    if let (Some(user), true) = (login.username(), with_login) {
        builder = builder.set_client_to_sentinel_username(user);
    }
    if let (Some(password), true) = (login.password(), with_login) {
        builder = builder.set_client_to_sentinel_password(password);
    }
    if let Some(user) = login.username() {
        builder = builder.set_client_to_redis_username(user);
    }
    if let Some(password) = login.password() {
        builder = builder.set_client_to_redis_password(password);
    }
    if *tls {
        builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure);
    }
    builder.build()
}

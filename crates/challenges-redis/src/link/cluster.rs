use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::ConnectionLike as _;
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo, SingleNodeRoutingInfo};
use redis::{Cmd, ConnectionInfo, Pipeline, RedisResult, Value};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout};

use super::failure::{Failure, checked};
use super::route::Route;
use crate::OpenError;

/// Fraction of the call timeout allowed for an attempt to connect to a node: a quarter.
///
/// The client tries an unresponsive node twice before it connects to the others, and delays commands to other nodes
/// meanwhile. Two attempts thus take at most half of a call.
const CONNECT_FRACTION: u32 = 4;

/// Connections to all nodes of a cluster.
pub(crate) struct ClusterLink {
    shared: Arc<Shared>,
    /// The runtime of the store. A caller's runtime may end earlier.
    runtime: Handle,
}

/// State shared by callers and the task that reconnects.
struct Shared {
    client: ClusterClient,
    /// The time limit for connecting to the whole cluster.
    limit: Duration,
    live: Mutex<Live>,
    /// Held while connecting, so that only one task reconnects.
    connecting: Arc<tokio::sync::Mutex<()>>,
}

struct Live {
    connection: ClusterConnection,
    since: Instant,
}

impl ClusterLink {
    /// Connects to all responsive nodes. `call` is the timeout of a call.
    pub(super) async fn open(
        nodes: Vec<ConnectionInfo>,
        connect_timeout: Duration,
        call: Duration,
    ) -> Result<Self, OpenError> {
        let client = ClusterClientBuilder::new(nodes)
            // With retries, the client would silently resend commands that were in flight on a broken connection.
            // Without, it still follows slot changes, and `Client` resends the command.
            .retries(0)
            .connection_timeout(connect_timeout.min(call / CONNECT_FRACTION))
            // Calls have an earlier deadline. This limit ends the client's own slot queries, which block all commands.
            .response_timeout(call)
            .overall_response_timeout(None)
            .build()
            .map_err(OpenError::of)?;
        let limit = connect_timeout.max(call);
        let live = Mutex::new(connect(&client, limit).await.map_err(OpenError::of)?);
        let shared = Shared { client, limit, live, connecting: Arc::default() };
        Ok(Self { shared: Arc::new(shared), runtime: Handle::current() })
    }

    /// Replaces the connection in the background, unless already replaced since `call` began.
    ///
    /// The client never gives up on an unresponsive node by itself. Calls use the old connection until the new
    /// connection is ready, because most nodes still respond.
    pub(super) fn renew(&self, call: Instant) {
        let Ok(turn) = Arc::clone(&self.shared.connecting).try_lock_owned() else { return };
        if self.shared.live().since > call {
            return;
        }
        let shared = Arc::clone(&self.shared);
        self.runtime.spawn(async move {
            let _one_at_a_time = turn;
            match connect(&shared.client, shared.limit).await {
                Ok(live) => *shared.live() = live,
                Err(error) => tracing::warn!("reconnecting to the Redis cluster failed: {error}"),
            }
        });
    }

    pub(super) async fn send(&self, commands: &[Cmd], route: &Route) -> Result<Vec<Value>, Failure> {
        let mut connection = self.connection();
        let mut pipeline = Pipeline::with_capacity(commands.len() + 1);
        match (route, commands) {
            (Route::Owner, [command]) => {
                let value = connection.req_packed_command(command).await.map_err(Failure::Command)?;
                checked(vec![value])
            }
            (Route::Owner, _) => {
                for command in commands {
                    pipeline.add_command(command.clone());
                }
                let values = connection.req_packed_commands(&pipeline, 0, commands.len()).await;
                checked(values.map_err(Failure::Command)?)
            }
            (Route::Asking { host, port }, _) => {
                for command in commands {
                    // ASKING applies to the next command only.
                    pipeline.add_command(redis::cmd("ASKING")).add_command(command.clone());
                }
                let node = SingleNodeRoutingInfo::ByAddress { host: host.clone(), port: *port };
                let values = connection.route_pipeline(pipeline, 0, 2 * commands.len(), node).await;
                let mut values = values.map_err(Failure::Command)?.into_iter();
                let (mut asked, mut answers) = (Vec::new(), Vec::new());
                while let (Some(asking), Some(answer)) = (values.next(), values.next()) {
                    asked.push(asking);
                    answers.push(answer);
                }
                checked(asked)?;
                checked(answers)
            }
        }
    }

    pub(super) async fn ask_primaries(&self, command: Cmd) -> Result<Vec<Value>, Failure> {
        let routing = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
        match self.connection().route_command(command, routing).await.map_err(Failure::Command)? {
            Value::Map(answers) => checked(answers.into_iter().map(|(_, answer)| answer).collect()),
            answer => checked(vec![answer]),
        }
    }

    fn connection(&self) -> ClusterConnection {
        self.shared.live().connection.clone()
    }
}

impl Shared {
    fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(client: &ClusterClient, limit: Duration) -> RedisResult<Live> {
    // The client limits each attempt, not the total.
    let connection = timeout(limit, client.get_async_connection()).await.map_err(io::Error::from)??;
    Ok(Live { connection, since: Instant::now() })
}

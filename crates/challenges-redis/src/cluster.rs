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

use crate::OpenError;
use crate::link::{Failure, Route, checked};

/// What a try to connect to one server may take of the time for a call.
///
/// The client tries one that is silent twice before it is connected to the others, and holds commands to the others back
/// while it tries, each of them twice at most.
const SHARE: u32 = 4;

/// Connections to the servers of a cluster, one to each.
pub(crate) struct ClusterLink {
    shared: Arc<Shared>,
    /// That of the store, which outlives those of some callers.
    runtime: Handle,
}

/// What the task that connects anew shares with the callers.
struct Shared {
    client: ClusterClient,
    /// How long it may take to connect to all of them.
    limit: Duration,
    live: Mutex<Live>,
    /// Held by whoever connects.
    connecting: Arc<tokio::sync::Mutex<()>>,
}

struct Live {
    connection: ClusterConnection,
    since: Instant,
}

impl ClusterLink {
    /// Connects to the servers that answer. `call` is how long a call may take.
    pub(crate) async fn open(
        nodes: Vec<ConnectionInfo>,
        connect_timeout: Duration,
        call: Duration,
    ) -> Result<Self, OpenError> {
        let client = ClusterClientBuilder::new(nodes)
            // The client would also send again what was in flight on a broken connection, without telling. It still
            // follows what it learns of the slots; the command is sent again by our own hand.
            .retries(0)
            .connection_timeout(connect_timeout.min(call / SHARE))
            // A call ends before it, by its own deadline. It ends the client's own questions about the slots, which hold back
            // all commands until they are answered.
            .response_timeout(call)
            .overall_response_timeout(None)
            .build()
            .map_err(OpenError::of)?;
        let limit = connect_timeout.max(call);
        let live = Mutex::new(connect(&client, limit).await.map_err(OpenError::of)?);
        let shared = Shared { client, limit, live, connecting: Arc::default() };
        Ok(Self { shared: Arc::new(shared), runtime: Handle::current() })
    }

    /// Replaces the connection, unless it is younger than that call. The old one serves until then: most servers are well.
    ///
    /// The client gives a server up when it disconnects or says so, and never for its silence.
    pub(crate) fn renew(&self, call: Instant) {
        let Ok(turn) = Arc::clone(&self.shared.connecting).try_lock_owned() else { return };
        if self.shared.live().since > call {
            return;
        }
        let shared = Arc::clone(&self.shared);
        self.runtime.spawn(async move {
            let _one_at_a_time = turn;
            match connect(&shared.client, shared.limit).await {
                Ok(live) => *shared.live() = live,
                Err(error) => tracing::warn!("no new connection to the Redis cluster: {error}"),
            }
        });
    }

    pub(crate) async fn send(&self, commands: &[Cmd], route: &Route) -> Result<Vec<Value>, Failure> {
        let mut connection = self.connection();
        let mut pipeline = Pipeline::with_capacity(commands.len() + 1);
        match (route, commands) {
            (Route::Owner, [command]) => {
                let value = connection.req_packed_command(command).await.map_err(Failure::Of)?;
                checked(vec![value])
            }
            (Route::Owner, _) => {
                for command in commands {
                    pipeline.add_command(command.clone());
                }
                let values = connection.req_packed_commands(&pipeline, 0, commands.len()).await;
                checked(values.map_err(Failure::Of)?)
            }
            (Route::Asking { host, port }, _) => {
                for command in commands {
                    // It holds for one command.
                    pipeline.add_command(redis::cmd("ASKING")).add_command(command.clone());
                }
                let node = SingleNodeRoutingInfo::ByAddress { host: host.clone(), port: *port };
                let values = connection.route_pipeline(pipeline, 0, 2 * commands.len(), node).await;
                let mut values = values.map_err(Failure::Of)?.into_iter();
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

    pub(crate) async fn ask_primaries(&self, command: Cmd) -> Result<Vec<Value>, Failure> {
        let routing = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
        match self.connection().route_command(command, routing).await.map_err(Failure::Of)? {
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
    // The client limits each of its tries, not all of them.
    let connection = timeout(limit, client.get_async_connection()).await.map_err(io::Error::from)??;
    Ok(Live { connection, since: Instant::now() })
}

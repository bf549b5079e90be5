use std::time::Duration;

use redis::aio::ConnectionLike as _;
use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo, SingleNodeRoutingInfo};
use redis::{Cmd, ConnectionInfo, Pipeline, Value};

use crate::OpenError;
use crate::link::{Failure, Route, checked};

/// Connections to the servers of a cluster, one to each.
pub(crate) struct ClusterLink(ClusterConnection);

impl ClusterLink {
    pub(crate) async fn open(nodes: Vec<ConnectionInfo>, connect_timeout: Duration) -> Result<Self, OpenError> {
        let client = ClusterClientBuilder::new(nodes)
            // The client would also send again what was in flight on a broken connection, without telling. It still
            // follows what it learns of the slots; the command is sent again by our own hand.
            .retries(0)
            .connection_timeout(connect_timeout)
            // A call has a deadline of its own.
            .response_timeout(Duration::MAX)
            .overall_response_timeout(None)
            .build()
            .map_err(OpenError::of)?;
        Ok(Self(client.get_async_connection().await.map_err(OpenError::of)?))
    }

    pub(crate) async fn send(&self, commands: &[Cmd], route: &Route) -> Result<Vec<Value>, Failure> {
        let mut connection = self.0.clone();
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
        match self.0.clone().route_command(command, routing).await.map_err(Failure::Of)? {
            Value::Map(answers) => checked(answers.into_iter().map(|(_, answer)| answer).collect()),
            answer => checked(vec![answer]),
        }
    }
}

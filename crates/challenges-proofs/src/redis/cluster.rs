use std::time::{Duration, Instant};

use super::RedisServer;
use crate::servers::{ServerError, command, program, run};

const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// A Redis cluster with one replica for each primary.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts at least three primaries and as many replicas, with `options` in addition to the defaults.
    ///
    /// # Errors
    ///
    /// [`ServerError`] when Redis is missing or a node does not start.
    pub fn start(primaries: usize, options: &[&str]) -> Result<Self, ServerError> {
        let cluster = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1500", "--repl-diskless-sync-delay", "0"];
        let partly = ["--cluster-require-full-coverage", "no"];
        let options = [&cluster[..], &partly, options].concat();
        let nodes = (0..2 * primaries).map(|_| RedisServer::start(&options)).collect::<Result<Vec<_>, _>>()?;
        let cluster = Self { nodes };
        let addresses = cluster.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port()));
        let mut words = vec![program("redis-cli")?.to_string_lossy().into_owned()];
        words.extend(["--cluster", "create"].map(str::to_owned).into_iter().chain(addresses));
        words.extend(["--cluster-replicas", "1", "--cluster-yes"].map(str::to_owned));
        run("redis-cli --cluster create", &mut command(&words), false)?;
        cluster.settle()?;
        Ok(cluster)
    }

    /// Returns the URL of the cluster, with the address of every node.
    #[must_use]
    pub fn url(&self) -> String {
        let hosts: Vec<_> = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port())).collect();
        format!("redis+cluster://{}", hosts.join(","))
    }

    /// Returns all nodes, in no particular order.
    #[must_use]
    pub fn nodes(&self) -> &[RedisServer] {
        &self.nodes
    }

    /// Returns all nodes for kills and restarts.
    #[must_use]
    pub fn nodes_mut(&mut self) -> &mut [RedisServer] {
        &mut self.nodes
    }

    /// Returns the indices in [`nodes`](Self::nodes) of the running primaries.
    ///
    /// # Errors
    ///
    /// [`ServerError`] when a running node does not reply.
    pub fn primaries(&self) -> Result<Vec<usize>, ServerError> {
        let mut primaries = Vec::new();
        for (place, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.pid().is_some()) {
            if node.cli(&["ROLE"])?.starts_with("master") {
                primaries.push(place);
            }
        }
        Ok(primaries)
    }

    /// Waits until every running node sees the whole cluster and every replica is in sync with its primary.
    ///
    /// # Errors
    ///
    /// [`ServerError::NotReady`] after 60 seconds.
    pub fn settle(&self) -> Result<(), ServerError> {
        let deadline = Instant::now() + PATIENCE;
        for node in self.nodes.iter().filter(|node| node.pid().is_some()) {
            loop {
                let info = node.cli(&["CLUSTER", "INFO"])?;
                let replication = node.cli(&["INFO", "replication"])?;
                let is_whole = info.contains("cluster_state:ok") && info.contains("cluster_slots_ok:16384");
                let knows_all = info.contains(&format!("cluster_known_nodes:{}", self.nodes.len()));
                if is_whole && knows_all && (replication.contains("master_link_status:up") || has_replica(&replication))
                {
                    break;
                }
                if Instant::now() > deadline {
                    return Err(ServerError::NotReady(format!("{info}\n{replication}")));
                }
                std::thread::sleep(PAUSE);
            }
        }
        Ok(())
    }
}

fn has_replica(replication: &str) -> bool {
    replication.contains("role:master") && replication.contains("state=online")
}

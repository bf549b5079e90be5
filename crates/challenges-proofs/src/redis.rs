//! Redis servers and clusters for a single test, on free ports.
//!
//! A server stops on drop, and when the test process ends for any reason. The programs `redis-server` and `redis-cli`
//! are required (Debian package `redis-server`).

mod cluster;
mod server;

pub use cluster::RedisCluster;
pub use server::RedisServer;

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use redis::{AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, RedisResult, Value};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Returns the addresses that the nodes of a cluster announce and this process cannot reach.
///
/// Asks the given nodes, which are reachable even if the others are not.
pub(crate) async fn unreachable(nodes: &[ConnectionInfo], connect_timeout: Duration) -> Vec<String> {
    let found = join_all(nodes.iter().map(|node| announced(node, connect_timeout))).await;
    let addresses: BTreeSet<(String, u16)> = found.into_iter().flatten().flatten().collect();
    let checked = addresses.into_iter().map(async |(host, port)| {
        let connected = timeout(connect_timeout, TcpStream::connect((host.as_str(), port))).await;
        let is_reachable = matches!(connected, Ok(Ok(_)));
        (!is_reachable).then(|| format!("{host}:{port}"))
    });
    join_all(checked).await.into_iter().flatten().collect()
}

async fn announced(node: &ConnectionInfo, connect_timeout: Duration) -> RedisResult<Vec<(String, u16)>> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(connect_timeout))
        .set_response_timeout(Some(connect_timeout));
    let mut connection = Client::open(node.clone())?.get_multiplexed_async_connection_with_config(&config).await?;
    let slots: Value = redis::cmd("CLUSTER").arg("SLOTS").query_async(&mut connection).await?;
    let asked = match node.addr() {
        ConnectionAddr::Tcp(host, _) | ConnectionAddr::TcpTls { host, .. } => host.as_str(),
        _ => "",
    };
    let Value::Array(ranges) = slots else { return Ok(Vec::new()) };
    let mut addresses = Vec::new();
    for range in ranges {
        let Value::Array(range) = range else { continue };
        // The first and the last slot, then the nodes.
        for node in range.into_iter().skip(2) {
            let Value::Array(fields) = node else { continue };
            let [Value::BulkString(host), Value::Int(port), ..] = fields.as_slice() else { continue };
            let host = String::from_utf8_lossy(host).into_owned();
            let Ok(port) = u16::try_from(*port) else { continue };
            // An empty host stands for the host that was asked.
            addresses.push((if host.is_empty() { asked.to_owned() } else { host }, port));
        }
    }
    Ok(addresses)
}

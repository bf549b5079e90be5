use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::routing::post;
use tokio::sync::Notify;

/// An HTTP server that counts requests.
pub(super) struct Receiver {
    address: SocketAddr,
    received: Arc<AtomicUsize>,
    another: Arc<Notify>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (received, another) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let count = {
            let (received, another) = (Arc::clone(&received), Arc::clone(&another));
            move || async move {
                received.fetch_add(1, Ordering::Relaxed);
                another.notify_one();
            }
        };
        let app = Router::new().route("/hook", post(count));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, received, another }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Waits for `count` requests, and resets the counter.
    pub(super) async fn all(&self, count: usize) {
        while self.received.load(Ordering::Relaxed) < count {
            self.another.notified().await;
        }
        self.received.store(0, Ordering::Relaxed);
    }
}

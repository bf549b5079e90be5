use std::io::{self, Write as _};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::request::Parts;
use axum::http::{Request, Response, StatusCode};
use demo_app::{Demo, Flags, Site, StartError};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::stop::stop_signal;

/// Bodies that the pages send are tiny.
const MAX_BODY: usize = 16 * 1024;

/// How long requests under way may take to finish once the demo is told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Why the demo does not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    #[error("cannot listen on {address}")]
    Listen { address: String, source: io::Error },
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("cannot listen for the signals to stop")]
    Signals(#[source] io::Error),
    #[error("cannot serve")]
    Serve(#[source] io::Error),
}

/// Serves the demo until the process is told to stop.
pub(crate) async fn serve(flags: &Flags) -> Result<(), ServeError> {
    let refused = |source| ServeError::Listen { address: flags.listen.clone(), source };
    let listener = TcpListener::bind(&flags.listen).await.map_err(refused)?;
    let bound = listener.local_addr().map_err(refused)?;
    let demo = Demo::start(flags, bound).await?;
    let stop = stop_signal().map_err(ServeError::Signals)?;

    let app = challenges_axum::router(demo.api).merge(pages(demo.site));
    tokio::spawn(Demo::sweep(demo.challenges));
    let listening = format!("listening on http://{bound}");
    announce(demo.notes.into_iter().chain([listening]));

    let (tell, told) = oneshot::channel();
    let server = axum::serve(listener, app).with_graceful_shutdown(async {
        stop.await;
        // Nobody listens only when the server has ended already.
        let _ = tell.send(());
    });
    let patience = async {
        let _ = told.await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = server => ended.map_err(ServeError::Serve),
        () = patience => Ok(()),
    }
}

/// Everything but the API.
fn pages(site: Site) -> Router {
    Router::new().fallback(respond).layer(DefaultBodyLimit::max(MAX_BODY)).with_state(site)
}

/// Hands a request to the site, in a task of its own: what it changes is finished though the client goes away.
async fn respond(State(site): State<Site>, parts: Parts, body: Bytes) -> Result<Response<Body>, StatusCode> {
    let request = Request::from_parts(parts, body);
    let response = tokio::spawn(async move { site.respond(request).await }).await;
    response.map(|response| response.map(Body::from)).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// Tells whoever started the demo. They may have closed its output; it serves all the same.
fn announce(lines: impl IntoIterator<Item = String>) {
    let mut out = io::stdout().lock();
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
    let _ = out.flush();
}

use std::io::{self, Write as _};
use std::net::TcpListener;
use std::pin::Pin;
use std::process::ExitCode;
use std::time::Duration;

use challenges_core::Upkeep;
use challenges_delivery::RunningDispatcher;
use tokio::sync::oneshot;
use tracing_subscriber::filter::LevelFilter as Level;

use crate::demo::{Demo, Started};
use crate::error::{StartError, chain};
use crate::flags::Flags;
use crate::stop::stop_signal;

/// The maximum size of a request body for the [`Bank`](crate::Bank), in bytes.
pub const MAX_BODY: usize = 16 * 1024;

/// The time for a client to send the head of a request. Also ends idle connections.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The time from the head of a request to the response. The client must send the body within this time.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// The time for open requests to complete after the stop signal.
const GRACE: Duration = Duration::from_secs(5);

/// A future that completes on the stop signal.
pub type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The error of a demo that cannot run.
#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error(
        "cannot listen on {address:?}; set --listen to an address of this machine and a free port, such as 127.0.0.1:8081, \
         or port 0 to pick one"
    )]
    Listen { address: String, source: io::Error },
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("cannot install the signal handlers")]
    Signals(#[source] io::Error),
    #[error("cannot serve")]
    Serve(#[source] io::Error),
}

/// Runs a demo. `serve` connects the framework: it serves requests of the nonblocking listener until [`Stop`]
/// completes, and then completes the open requests.
pub async fn run(serve: impl AsyncFnOnce(Demo, TcpListener, Stop) -> io::Result<()>) -> ExitCode {
    let flags = match Flags::read(std::env::args_os()) {
        Ok(flags) => flags,
        Err(help) if !help.use_stderr() => {
            print!("{help}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{}", Flags::complaint(&error));
            return ExitCode::FAILURE;
        }
    };
    // RUST_LOG is a level, from error to trace.
    let level = std::env::var("RUST_LOG").ok().and_then(|level| level.parse().ok()).unwrap_or(Level::WARN);
    tracing_subscriber::fmt().with_max_level(level).with_writer(io::stderr).with_ansi(false).init();
    match start_and_serve(&flags, serve).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", chain(&error));
            ExitCode::FAILURE
        }
    }
}

async fn start_and_serve(
    flags: &Flags,
    serve: impl AsyncFnOnce(Demo, TcpListener, Stop) -> io::Result<()>,
) -> Result<(), RunError> {
    let refused = |source| RunError::Listen { address: flags.listen.clone(), source };
    let listener = TcpListener::bind(&flags.listen).map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    let bound = listener.local_addr().map_err(refused)?;
    let Started { demo, challenges, dispatcher, notes } = Demo::start(flags, bound).await?;
    let signal = stop_signal().map_err(RunError::Signals)?;

    let upkeep = challenges.spawn_upkeep();
    let dispatcher = dispatcher.spawn();
    let listening = format!("listening on http://{bound}");
    announce(notes.into_iter().chain([listening]));

    let (stopping, stopped) = oneshot::channel();
    let stop = async {
        signal.await;
        // Fails only if the server has already ended.
        let _ = stopping.send(());
    };
    let grace_over = async {
        let _ = stopped.await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = serve_and_deliver(serve(demo, listener, Box::pin(stop)), dispatcher, upkeep) => ended.map_err(RunError::Serve),
        () = grace_over => Ok(()),
    }
}

/// Serves to the end, and then completes the messages and actions in progress.
async fn serve_and_deliver(
    serve: impl Future<Output = io::Result<()>>,
    dispatcher: RunningDispatcher,
    upkeep: Upkeep,
) -> io::Result<()> {
    let ended = serve.await;
    dispatcher.stop().await;
    upkeep.stop().await;
    ended
}

/// Prints lines to standard output. Ignores errors, since the output may be closed.
fn announce(lines: impl IntoIterator<Item = String>) {
    let mut out = io::stdout().lock();
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
    let _ = out.flush();
}

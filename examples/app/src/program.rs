use std::io::{self, Write as _};
use std::net::TcpListener;
use std::pin::Pin;
use std::process::ExitCode;
use std::time::Duration;

use challenges_delivery::RunningDispatcher;
use tokio::sync::oneshot;
use tracing_subscriber::filter::LevelFilter as Level;

use crate::demo::{Demo, Started};
use crate::error::{StartError, chain};
use crate::flags::Flags;
use crate::stop::stop_signal;

/// The most bytes of a request's body that is for the [`Site`](crate::Site): what its pages send is tiny.
pub const MAX_BODY: usize = 16 * 1024;

/// How long requests under way may take to finish once the demo is told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Ends when the demo is told to stop.
pub type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Why the demo does not run.
#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error(
        "cannot listen on {address:?}; give --listen an address of this machine and a free port, such as 127.0.0.1:8081, \
         or port 0 to have one picked"
    )]
    Listen { address: String, source: io::Error },
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("cannot listen for the signals to stop")]
    Signals(#[source] io::Error),
    #[error("cannot serve")]
    Serve(#[source] io::Error),
}

/// The whole program of a demo but for its framework. `serve` answers what comes in at the listener, which does not
/// block, until it is told to stop; it then finishes what is under way.
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
    // What a caller is not told stands in the log. RUST_LOG is a level, from error to trace.
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

    tokio::spawn(Demo::sweep(challenges));
    let dispatcher = dispatcher.spawn();
    let listening = format!("listening on http://{bound}");
    announce(notes.into_iter().chain([listening]));

    let (tell, told) = oneshot::channel();
    let stop = async {
        signal.await;
        // Nobody listens only when the server has ended already.
        let _ = tell.send(());
    };
    let patience = async {
        let _ = told.await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = serve_and_deliver(serve(demo, listener, Box::pin(stop)), dispatcher) => ended.map_err(RunError::Serve),
        () = patience => Ok(()),
    }
}

/// Serves to the end, then lets the messages and actions under way end.
async fn serve_and_deliver(
    serve: impl Future<Output = io::Result<()>>,
    dispatcher: RunningDispatcher,
) -> io::Result<()> {
    let ended = serve.await;
    dispatcher.stop().await;
    ended
}

/// Tells whoever started the demo. They may have closed its output; it serves all the same.
fn announce(lines: impl IntoIterator<Item = String>) {
    let mut out = io::stdout().lock();
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
    let _ = out.flush();
}

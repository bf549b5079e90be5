use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::{AsyncMessage, Client, Connection, NoTls};

use super::{Failure, failure};
use crate::connect::Connector;

/// Listens on a separate connection, because deadpool drops the notifications of pooled connections.
pub(super) async fn listen(connector: &Connector, channel: &str, woken: &(dyn Fn() + Send + Sync)) -> Failure {
    match &connector.tls {
        None => match connector.config.connect(NoTls).await {
            Ok((client, connection)) => receive(client, connection, channel, woken).await,
            Err(error) => failure(error),
        },
        Some(tls) => match connector.config.connect(tls.clone()).await {
            Ok((client, connection)) => receive(client, connection, channel, woken).await,
            Err(error) => failure(error),
        },
    }
}

#[expect(clippy::large_enum_variant, reason = "one value at a time")]
enum Event {
    Listens(Result<(), tokio_postgres::Error>),
    Message(Option<Result<AsyncMessage, tokio_postgres::Error>>),
}

async fn receive<S, T>(
    client: Client,
    mut connection: Connection<S, T>,
    channel: &str,
    woken: &(dyn Fn() + Send + Sync),
) -> Failure
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    let statement = format!("LISTEN \"{channel}\"");
    let mut listen = pin!(client.batch_execute(&statement));
    let mut listens = false;
    loop {
        let event = poll_fn(|context| {
            // Polling the connection lets the statement make progress, too.
            if !listens && let Poll::Ready(result) = listen.as_mut().poll(context) {
                return Poll::Ready(Event::Listens(result));
            }
            connection.poll_message(context).map(Event::Message)
        });
        match event.await {
            Event::Listens(Ok(())) => {
                listens = true;
                woken();
            }
            Event::Message(Some(Ok(AsyncMessage::Notification(_)))) => woken(),
            Event::Message(Some(Ok(_))) => {}
            Event::Listens(Err(error)) | Event::Message(Some(Err(error))) => return failure(error),
            Event::Message(None) => {
                return Failure::Lost(Box::new(std::io::Error::from(std::io::ErrorKind::UnexpectedEof)));
            }
        }
    }
}

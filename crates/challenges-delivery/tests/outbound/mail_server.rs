use std::collections::VecDeque;
use std::future::pending;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::certificates::Authority;

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// The encryption that a server offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    Tls,
    StartTls,
    PlainText,
}

/// The reaction to a command instead of the usual reply.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    Reply(&'static str),
    /// Never reply.
    Silence,
    /// Close the connection.
    Drop,
}

/// An e-mail that the server accepted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mail {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    /// The header fields and the text.
    pub(crate) data: String,
    pub(crate) is_encrypted: bool,
    /// The number of the connection, from 0.
    pub(crate) connection: usize,
}

impl Mail {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (head, _) = self.data.split_once("\r\n\r\n").unwrap();
        head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// Returns the text, decoded from quoted-printable (RFC 2045 section 6.7) as far as ASCII texts need.
    pub(crate) fn text(&self) -> String {
        let (_, text) = self.data.split_once("\r\n\r\n").unwrap();
        text.replace("=\r\n", "").replace("=3D", "=")
    }
}

#[derive(Default)]
struct State {
    /// A command such as `RCPT`, or `.` for the end of the text, and the reaction to its next occurrence.
    faults: Mutex<VecDeque<(&'static str, Fault)>>,
    commands: Mutex<Vec<String>>,
    mails: Mutex<Vec<Mail>>,
    connections: AtomicUsize,
}

/// A local SMTP server (RFC 5321).
pub(crate) struct MailServer {
    pub(crate) port: u16,
    state: Arc<State>,
}

impl MailServer {
    pub(crate) async fn start(offer: Offer, faults: impl IntoIterator<Item = (&'static str, Fault)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State { faults: Mutex::new(faults.into_iter().collect()), ..State::default() });
        let served = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let connection = served.connections.fetch_add(1, Ordering::SeqCst);
                let state = Arc::clone(&served);
                tokio::spawn(async move { serve(stream, offer, connection, &state).await });
            }
        });
        Self { port, state }
    }

    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.state.mails.lock().unwrap().clone()
    }

    /// Returns the received commands, except the text of e-mails.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.state.commands.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }
}

fn acceptor() -> TlsAcceptor {
    TlsAcceptor::from(Arc::clone(&Authority::get().server))
}

async fn serve(stream: TcpStream, offer: Offer, connection: usize, state: &State) -> io::Result<()> {
    let mut stream: Box<dyn Stream> = match offer {
        Offer::Tls => Box::new(acceptor().accept(stream).await?),
        Offer::StartTls | Offer::PlainText => Box::new(stream),
    };
    if offer == Offer::StartTls {
        stream = match converse(BufReader::new(stream), true, false, connection, state).await? {
            Some(plain) => Box::new(acceptor().accept(plain).await?),
            None => return Ok(()),
        };
        converse(BufReader::new(stream), false, true, connection, state).await?;
        return Ok(());
    }
    stream.write_all(b"220 mail.example.test ESMTP\r\n").await?;
    converse(BufReader::new(stream), false, offer == Offer::Tls, connection, state).await?;
    Ok(())
}

/// Speaks with a client. Returns the stream after STARTTLS.
async fn converse(
    mut stream: BufReader<Box<dyn Stream>>,
    with_starttls: bool,
    is_encrypted: bool,
    connection: usize,
    state: &State,
) -> io::Result<Option<Box<dyn Stream>>> {
    if with_starttls {
        stream.write_all(b"220 mail.example.test ESMTP\r\n").await?;
    }
    let mut mail = Mail { is_encrypted, connection, ..Mail::default() };
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.trim_end().to_owned();
        let command = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        state.commands.lock().unwrap().push(line.clone());
        let argument = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let reply = match command.as_str() {
            "EHLO" if with_starttls => "250-mail.example.test\r\n250-STARTTLS\r\n250 8BITMIME",
            "EHLO" => "250-mail.example.test\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME",
            "STARTTLS" => "220 go ahead",
            "AUTH" => "235 2.7.0 accepted",
            "MAIL" => {
                mail.from = argument();
                "250 2.1.0 OK"
            }
            "RCPT" => {
                mail.to.push(argument());
                "250 2.1.5 OK"
            }
            "DATA" => "354 end with a dot",
            "NOOP" => "250 2.0.0 OK",
            "QUIT" => "221 2.0.0 bye",
            _ => "500 unknown",
        };
        let Some(is_usual) = respond(&mut stream, state, &command, reply).await? else { return Ok(None) };
        match command.as_str() {
            "STARTTLS" => return Ok(Some(stream.into_inner())),
            "QUIT" => return Ok(None),
            "DATA" if is_usual => {
                mail.data = read_text(&mut stream).await?;
                state
                    .mails
                    .lock()
                    .unwrap()
                    .push(std::mem::replace(&mut mail, Mail { is_encrypted, connection, ..Mail::default() }));
                if respond(&mut stream, state, ".", "250 2.0.0 queued").await?.is_none() {
                    return Ok(None);
                }
            }
            _ => {}
        }
    }
}

/// Replies to a command, or reacts with the next fault. Returns whether the reply was the usual one, and `None` to close the
/// connection.
async fn respond(
    stream: &mut BufReader<Box<dyn Stream>>,
    state: &State,
    command: &str,
    reply: &str,
) -> io::Result<Option<bool>> {
    let fault = {
        let mut faults = state.faults.lock().unwrap();
        let is_next = faults.front().is_some_and(|(at, _)| *at == command);
        if is_next { faults.pop_front().map(|(_, fault)| fault) } else { None }
    };
    let (reply, is_usual) = match fault {
        None => (reply, true),
        Some(Fault::Reply(reply)) => (reply, false),
        Some(Fault::Silence) => pending().await,
        Some(Fault::Drop) => return Ok(None),
    };
    stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
    stream.flush().await?;
    Ok(Some(is_usual))
}

/// Reads the text of an e-mail up to the line with a dot.
async fn read_text(stream: &mut BufReader<Box<dyn Stream>>) -> io::Result<String> {
    let mut text = String::new();
    loop {
        let start = text.len();
        if stream.read_line(&mut text).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if &text[start..] == ".\r\n" {
            text.truncate(start);
            return Ok(text);
        }
    }
}

use std::borrow::Cow;
use std::io;
use std::slice;
use std::time::Duration;

use futures::future::join_all;
use redis::{Cmd, ErrorKind, RedisError, Value};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::OpenError;
use crate::address::Address;
use crate::fault::{Fault, Meaning, meaning};
use crate::link::{Failure, Link, Route};
use crate::script::Script;

const FIRST_PAUSE: Duration = Duration::from_millis(4);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// As good as for ever, and yet a time from now that there is.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(365 * 86_400);

/// Sends commands, again where that is safe, until a deadline.
#[derive(Debug)]
pub(crate) struct Client {
    link: Link,
    timeout: Duration,
}

/// Whether a command may be sent again when it may have been carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It may: it changes nothing, or nothing the second time.
    Repeatable,
    /// It may not: somebody else may have changed the same records in between.
    Once,
}

impl Client {
    pub(crate) async fn open(
        address: &Address,
        connect_timeout: Duration,
        timeout: Duration,
    ) -> Result<Self, OpenError> {
        let timeout = timeout.min(LONGEST_TIMEOUT);
        Ok(Self { link: Link::open(address, connect_timeout, timeout).await?, timeout })
    }

    pub(crate) const fn link(&self) -> &Link {
        &self.link
    }

    /// Whether one command may name keys of several partitions.
    pub(crate) const fn spans_partitions(&self) -> bool {
        matches!(self.link, Link::Server(_))
    }

    /// What each server that holds records answers, asked once.
    pub(crate) async fn ask_primaries(&self, command: Cmd) -> Result<Vec<Value>, RedisError> {
        match timeout(self.timeout, self.link.ask_primaries(command)).await {
            Ok(Ok(answers)) => Ok(answers),
            Ok(Err(Failure::Of(error) | Failure::Behind(error) | Failure::NoConnection(error))) => Err(error),
            Err(elapsed) => Err(io::Error::from(elapsed).into()),
        }
    }

    /// One command that reads.
    pub(crate) async fn read(&self, command: &Cmd) -> Result<Value, Fault> {
        let mut values = self.call(Effect::Repeatable, |_| Cow::Borrowed(slice::from_ref(command))).await?;
        values.pop().ok_or(Fault::TimedOut)
    }

    /// Commands that read, each about one partition, in one round trip.
    pub(crate) async fn read_all(&self, commands: &[Cmd]) -> Result<Vec<Value>, Fault> {
        match commands.len() {
            0 => Ok(Vec::new()),
            _ if self.spans_partitions() => self.call(Effect::Repeatable, |_| Cow::Borrowed(commands)).await,
            _ => join_all(commands.iter().map(|command| self.read(command))).await.into_iter().collect(),
        }
    }

    /// Runs a script with the keys and arguments that `complete` adds, and commands behind it.
    pub(crate) async fn run(
        &self,
        effect: Effect,
        script: &Script,
        complete: impl Fn(&mut Cmd),
        behind: &[Cmd],
    ) -> Result<Vec<Value>, Fault> {
        self.call(effect, |is_known| {
            let mut command = if is_known { script.by_hash() } else { script.by_source() };
            complete(&mut command);
            Cow::Owned(std::iter::once(command).chain(behind.iter().cloned()).collect())
        })
        .await
    }

    /// Sends commands until they are carried out; `commands` is told whether the server knows their script.
    async fn call<'c>(&self, effect: Effect, commands: impl Fn(bool) -> Cow<'c, [Cmd]>) -> Result<Vec<Value>, Fault> {
        let begin = Instant::now();
        let deadline = begin + self.timeout;
        let mut pause = FIRST_PAUSE;
        let mut route = Route::Owner;
        let mut script_is_known = true;
        let mut to_send = commands(script_is_known);
        loop {
            let Ok(answer) = timeout_at(deadline, self.link.send(&to_send, &route)).await else {
                // Whoever comes next is not to wait for a server that has gone silent.
                self.link.renew(begin);
                return Err(Fault::TimedOut);
            };
            let error = match answer {
                Ok(values) => return Ok(values),
                Err(Failure::NoConnection(error)) => {
                    if !is_worth_a_pause(&error) {
                        return Err(Fault::NotDone(error));
                    }
                    error
                }
                Err(Failure::Behind(error)) if effect == Effect::Once => return Err(Fault::Unconfirmed(error)),
                Err(Failure::Of(error) | Failure::Behind(error)) => match meaning(&error) {
                    Meaning::UnknownScript if script_is_known => {
                        script_is_known = false;
                        to_send = commands(script_is_known);
                        continue;
                    }
                    Meaning::Ask if matches!(route, Route::Owner) => {
                        route = asking(&error);
                        continue;
                    }
                    Meaning::Demoted => {
                        self.link.renew(begin);
                        error
                    }
                    Meaning::NotNow | Meaning::Ask => error,
                    Meaning::Lost if effect == Effect::Repeatable => error,
                    _ => return Err(Fault::of(error)),
                },
            };
            if Instant::now() + pause >= deadline {
                // A write that gets here met only errors which say that it was not carried out.
                return Err(Fault::NotDone(error));
            }
            sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
            route = Route::Owner;
        }
    }
}

/// Whether a connection may be had later: not, where the login or the configuration is at fault.
fn is_worth_a_pause(error: &RedisError) -> bool {
    let at_fault = matches!(
        error.kind(),
        ErrorKind::AuthenticationFailed | ErrorKind::InvalidClientConfig | ErrorKind::RESP3NotSupported
    );
    !at_fault && !matches!(error.code(), Some("WRONGPASS" | "NOAUTH" | "NOPERM"))
}

fn asking(error: &RedisError) -> Route {
    let node = error.redirect_node().and_then(|(node, _)| node.rsplit_once(':'));
    match node.and_then(|(host, port)| Some((host, port.parse().ok()?))) {
        Some((host, port)) => Route::Asking { host: host.to_owned(), port },
        None => Route::Owner,
    }
}

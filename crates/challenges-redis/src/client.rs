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

/// Caps the timeout, so that deadlines cannot overflow.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(365 * 86_400);

/// Sends commands and retries until a deadline, where a retry is safe.
#[derive(Debug)]
pub(crate) struct Client {
    link: Link,
    timeout: Duration,
}

/// The rule for sending a command again after a lost reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Safe to send again: the command changes nothing, or nothing the second time.
    Repeatable,
    /// Not safe to send again: another caller may have changed the same records in between.
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

    pub(crate) const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Returns true if a command may use keys of several partitions.
    pub(crate) const fn spans_partitions(&self) -> bool {
        matches!(self.link, Link::Server(_))
    }

    /// Sends a command once to every primary, and returns the replies.
    pub(crate) async fn ask_primaries(&self, command: Cmd) -> Result<Vec<Value>, RedisError> {
        match timeout(self.timeout, self.link.ask_primaries(command)).await {
            Ok(Ok(answers)) => Ok(answers),
            Ok(Err(Failure::Command(error) | Failure::LaterCommand(error) | Failure::NoConnection(error))) => {
                Err(error)
            }
            Err(elapsed) => Err(io::Error::from(elapsed).into()),
        }
    }

    /// Sends a read command.
    pub(crate) async fn read(&self, command: &Cmd) -> Result<Value, Fault> {
        let mut values = self.call(Effect::Repeatable, |_| Cow::Borrowed(slice::from_ref(command))).await?;
        values.pop().ok_or(Fault::TimedOut)
    }

    /// Sends read commands in one round trip. Each command uses keys of a single partition.
    pub(crate) async fn read_all(&self, commands: &[Cmd]) -> Result<Vec<Value>, Fault> {
        match commands.len() {
            0 => Ok(Vec::new()),
            _ if self.spans_partitions() => self.call(Effect::Repeatable, |_| Cow::Borrowed(commands)).await,
            _ => join_all(commands.iter().map(|command| self.read(command))).await.into_iter().collect(),
        }
    }

    /// Runs a script, with keys and arguments added by `complete`, and then the `trailing` commands.
    pub(crate) async fn run(
        &self,
        effect: Effect,
        script: &Script,
        complete: impl Fn(&mut Cmd),
        trailing: &[Cmd],
    ) -> Result<Vec<Value>, Fault> {
        self.call(effect, |is_known| {
            let mut command = if is_known { script.by_hash() } else { script.by_source() };
            complete(&mut command);
            Cow::Owned(std::iter::once(command).chain(trailing.iter().cloned()).collect())
        })
        .await
    }

    /// Sends commands until they are executed or the deadline passes.
    ///
    /// `commands` receives true while the server is assumed to know the script.
    async fn call<'c>(&self, effect: Effect, commands: impl Fn(bool) -> Cow<'c, [Cmd]>) -> Result<Vec<Value>, Fault> {
        let begin = Instant::now();
        let deadline = begin + self.timeout;
        let mut pause = FIRST_PAUSE;
        let mut route = Route::Owner;
        let mut script_is_known = true;
        let mut to_send = commands(script_is_known);
        loop {
            let Ok(answer) = timeout_at(deadline, self.link.send(&to_send, &route)).await else {
                // Later calls must not wait for an unresponsive server.
                self.link.renew(begin);
                return Err(Fault::TimedOut);
            };
            let error = match answer {
                Ok(values) => return Ok(values),
                Err(Failure::NoConnection(error)) => {
                    if !may_connect_later(&error) {
                        return Err(Fault::NotExecuted(error));
                    }
                    error
                }
                Err(Failure::LaterCommand(error)) if effect == Effect::Once => return Err(Fault::Unconfirmed(error)),
                Err(Failure::Command(error) | Failure::LaterCommand(error)) => match meaning(&error) {
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
                    Meaning::Transient | Meaning::Ask => error,
                    Meaning::Lost if effect == Effect::Repeatable => error,
                    _ => return Err(Fault::from_redis(error)),
                },
            };
            if Instant::now() + pause >= deadline {
                // A write reaches this line only after errors that rule out its execution.
                return Err(Fault::NotExecuted(error));
            }
            sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
            route = Route::Owner;
        }
    }
}

/// Returns false if the login or the configuration is wrong, so that retrying to connect is pointless.
fn may_connect_later(error: &RedisError) -> bool {
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

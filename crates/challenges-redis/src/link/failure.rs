use redis::{RedisError, Value};

/// A failed attempt to send commands.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No connection, so nothing was sent.
    NoConnection(RedisError),
    /// An error of the connection or of the first command.
    Command(RedisError),
    /// An error of a later command. Earlier commands were executed.
    LaterCommand(RedisError),
}

/// Returns the replies, or the first error among them.
pub(super) fn checked(values: Vec<Value>) -> Result<Vec<Value>, Failure> {
    let answers = values.into_iter().enumerate();
    let failure = |at| if at == 0 { Failure::Command } else { Failure::LaterCommand };
    answers.map(|(at, value)| value.extract_error().map_err(failure(at))).collect()
}

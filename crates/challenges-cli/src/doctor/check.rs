use std::fmt;

use serde_json::{Value, json};

use crate::error::Error;
use crate::report::{Exit, shown};

/// The result of a check.
#[derive(Debug)]
pub(super) struct Check {
    name: &'static str,
    status: Status,
    message: String,
    details: Value,
}

#[derive(Clone, Copy, Debug)]
enum Status {
    Ok,
    Problem,
    /// The check could not be made.
    Skipped,
    /// The store or the keys cannot be used.
    Unavailable,
}

impl Check {
    pub(super) const fn ok(name: &'static str, message: String) -> Self {
        Self { name, status: Status::Ok, message, details: Value::Null }
    }

    pub(super) const fn problem(name: &'static str, message: String) -> Self {
        Self { name, status: Status::Problem, message, details: Value::Null }
    }

    pub(super) const fn skipped(name: &'static str, message: String) -> Self {
        Self { name, status: Status::Skipped, message, details: Value::Null }
    }

    pub(super) fn failed(name: &'static str, error: &Error) -> Self {
        Self { name, status: Status::Unavailable, message: error.message(), details: Value::Null }
    }

    /// Sets the details for programs.
    pub(super) fn with(self, details: Value) -> Self {
        Self { details, ..self }
    }

    pub(super) const fn exit(&self) -> Exit {
        match self.status {
            Status::Ok | Status::Skipped => Exit::Fine,
            Status::Problem => Exit::Problem,
            Status::Unavailable => Exit::Unavailable,
        }
    }

    pub(super) fn to_json(&self) -> Value {
        let Self { name, status, message, details } = self;
        json!({ "name": name, "status": status.as_str(), "message": message, "details": details })
    }
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Problem => "problem",
            Self::Skipped => "skipped",
            Self::Unavailable => "unavailable",
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<12} {:<13} {}", self.status.as_str(), self.name, shown(&self.message))
    }
}

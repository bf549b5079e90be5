use std::path::PathBuf;
use std::str::FromStr;

use crate::error::Error;
use crate::options::Common;

/// The place of a store, as named on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// The path of a SQLite file.
    Sqlite(PathBuf),
    Postgres(Server),
    Redis(Server),
}

/// A database server. The URL stays in the environment, because it may contain a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    variable: String,
    /// The name of the schema, or the prefix of the keys.
    pub(crate) name: Option<String>,
}

impl Location {
    /// Returns the store of the command.
    pub(crate) fn of(common: &Common) -> Result<Self, Error> {
        common.store.as_deref().ok_or(Error::NoStore)?.parse()
    }
}

impl Server {
    /// Parses `[:VARIABLE][/NAME]`.
    fn parse(rest: &str, variable: &str) -> Result<Self, Error> {
        let (named, name) = match rest.split_once('/') {
            Some((named, name)) if !name.is_empty() => (named, Some(name.to_owned())),
            Some(_) => return Err(Error::Location),
            None => (rest, None),
        };
        let variable = match named.strip_prefix(':') {
            Some(named) if !named.is_empty() => named,
            None if named.is_empty() => variable,
            Some(_) | None => return Err(Error::Location),
        };
        Ok(Self { variable: variable.to_owned(), name })
    }

    /// Reads the URL.
    pub(crate) fn url(&self) -> Result<String, Error> {
        match std::env::var(&self.variable) {
            Ok(url) if !url.is_empty() => Ok(url),
            Ok(_) | Err(_) => Err(Error::NoUrl(self.variable.clone())),
        }
    }
}

impl FromStr for Location {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return if path.is_empty() { Err(Error::Location) } else { Ok(Self::Sqlite(path.into())) };
        }
        if text.contains("://") {
            return Err(Error::Url);
        }
        if let Some(rest) = text.strip_prefix("postgres") {
            return Server::parse(rest, "CHALLENGES_POSTGRES_URL").map(Self::Postgres);
        }
        if let Some(rest) = text.strip_prefix("redis") {
            return Server::parse(rest, "CHALLENGES_REDIS_URL").map(Self::Redis);
        }
        Err(Error::Location)
    }
}

#[cfg(test)]
mod tests;

use std::fmt;

use crate::OpenError;
use crate::client::Client;

/// The oldest release that the store is made for.
const OLDEST: [u64; 2] = [6, 2];

/// What to do about a server that would not keep the records safe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerCheck {
    /// Refuse to open on any [`Finding`].
    Strict,
    /// Refuse what breaks the contract of a store on a server that works as it is set up, and warn of the rest:
    /// see [`Finding::is_unsafe`].
    #[default]
    Safe,
    /// Warn of every finding, and open.
    Warn,
}

/// Something about a server that endangers records.
///
/// Warnings go to [`tracing`], and to [`RedisStore::findings`](crate::RedisStore::findings).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// It is of a release that the store was not made for.
    TooOld(String),
    /// It is a replica: it takes no writes, and its answers are old.
    Replica,
    /// Under pressure it deletes whatever it likes, used codes included.
    Evicts(String),
    /// Under pressure it deletes keys that have a time to live. The store's have none, so this is about others.
    EvictsExpiring(String),
    /// It writes no append-only file: a crash loses what was acknowledged.
    NotDurable,
    /// It does not tell this user how it is set up, so nothing was checked.
    Unreadable,
}

impl Finding {
    /// Whether [`ServerCheck::Safe`] refuses it.
    #[must_use]
    pub const fn is_unsafe(&self) -> bool {
        matches!(self, Self::TooOld(_) | Self::Replica | Self::Evicts(_))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor] = OLDEST;
        match self {
            Self::TooOld(version) => {
                write!(f, "it is version {version}, and {major}.{minor} is the oldest supported: upgrade it")
            }
            Self::Replica => f.write_str("it is a replica: name the primary, its sentinels or its cluster"),
            Self::Evicts(policy) => {
                write!(f, "its maxmemory-policy {policy} evicts live records: set maxmemory-policy noeviction")
            }
            Self::EvictsExpiring(policy) => {
                write!(f, "its maxmemory-policy {policy} evicts keys of others that share it: noeviction is safer")
            }
            Self::NotDurable => {
                f.write_str("it has no append-only file, so a crash loses acknowledged records: set appendonly yes")
            }
            Self::Unreadable => f.write_str("it lets this user not run INFO, so nothing was checked: allow +info"),
        }
    }
}

/// What was found, on one server or several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Each of them.
    #[must_use]
    pub fn as_slice(&self) -> &[Finding] {
        &self.0
    }

    fn add(&mut self, finding: Finding) {
        if !self.0.contains(&finding) {
            self.0.push(finding);
        }
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{finding}")?;
        }
        Ok(())
    }
}

/// Looks at every server that holds records, and refuses or warns.
pub(crate) async fn check(client: &Client, check: ServerCheck) -> Result<Findings, OpenError> {
    let findings = look(client).await?;
    let refused = match check {
        ServerCheck::Strict => !findings.0.is_empty(),
        ServerCheck::Safe => findings.0.iter().any(Finding::is_unsafe),
        ServerCheck::Warn => false,
    };
    if refused {
        return Err(OpenError::Unsafe(findings));
    }
    for finding in findings.as_slice() {
        tracing::warn!("the Redis server may lose records: {finding}");
    }
    Ok(findings)
}

async fn look(client: &Client) -> Result<Findings, OpenError> {
    let mut findings = Findings::default();
    let answers = match client.ask_primaries(redis::cmd("INFO")).await {
        Ok(answers) => answers,
        // It was renamed or switched off, or is not this user's to run.
        Err(error) if matches!(error.code(), Some("NOPERM" | "ERR")) => {
            findings.add(Finding::Unreadable);
            return Ok(findings);
        }
        Err(error) => return Err(OpenError::of(error)),
    };
    for answer in answers {
        let Ok(info) = redis::from_redis_value::<String>(answer) else {
            findings.add(Finding::Unreadable);
            continue;
        };
        if client.spans_partitions() && line(&info, "cluster_enabled") == Some("1") {
            return Err(OpenError::Cluster);
        }
        look_at(&info, &mut findings);
    }
    Ok(findings)
}

fn look_at(info: &str, findings: &mut Findings) {
    match line(info, "redis_version") {
        Some(version) if is_too_old(version) => findings.add(Finding::TooOld(version.to_owned())),
        Some(_) => {}
        None => findings.add(Finding::Unreadable),
    }
    if line(info, "role") == Some("slave") {
        findings.add(Finding::Replica);
    }
    match line(info, "maxmemory_policy") {
        Some("noeviction") => {}
        Some(policy) if policy.starts_with("volatile-") => findings.add(Finding::EvictsExpiring(policy.to_owned())),
        Some(policy) => findings.add(Finding::Evicts(policy.to_owned())),
        None => findings.add(Finding::Unreadable),
    }
    match line(info, "aof_enabled") {
        Some("1") => {}
        Some(_) => findings.add(Finding::NotDurable),
        None => findings.add(Finding::Unreadable),
    }
}

fn line<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
}

fn is_too_old(version: &str) -> bool {
    let mut numbers = version.split('.').map(|number| number.parse::<u64>().unwrap_or_default());
    [numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default()] < OLDEST
}

#[cfg(test)]
mod tests;

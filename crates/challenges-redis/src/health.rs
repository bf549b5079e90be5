use std::time::Duration;

use challenges_core::Timestamp;

use crate::OpenError;
use crate::client::Client;
use crate::finding::{Finding, Findings, OLDEST, ServerCheck};

/// Reads the clock of every primary.
pub(crate) async fn clocks(client: &Client) -> Result<Vec<Timestamp>, OpenError> {
    let answers = client.ask_primaries(redis::cmd("TIME")).await.map_err(OpenError::of)?;
    let clock = |answer| {
        let (seconds, micros): (u64, u64) = redis::from_redis_value(answer)?;
        Ok(Timestamp::from_seconds(seconds).after(Duration::from_micros(micros)))
    };
    answers
        .into_iter()
        .map(clock)
        .collect::<Result<_, redis::ParsingError>>()
        .map_err(|error| OpenError::of(error.into()))
}

/// Checks every primary, and refuses or warns.
pub(crate) async fn check(client: &Client, check: ServerCheck) -> Result<Findings, OpenError> {
    let findings = inspect(client).await?;
    let refused = match check {
        ServerCheck::Strict => !findings.as_slice().is_empty(),
        ServerCheck::Safe => findings.as_slice().iter().any(Finding::is_unsafe),
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

async fn inspect(client: &Client) -> Result<Findings, OpenError> {
    let mut findings = Findings::default();
    let answers = match client.ask_primaries(redis::cmd("INFO")).await {
        Ok(answers) => answers,
        // INFO was renamed or disabled, or the user may not run it.
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
        inspect_info(&info, &mut findings);
    }
    Ok(findings)
}

fn inspect_info(info: &str, findings: &mut Findings) {
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

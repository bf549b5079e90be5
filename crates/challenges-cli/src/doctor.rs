//! Checks of a store, its keys and the tasks that a service has to run.

mod check;
mod endpoints;
mod survey;

use std::fmt::Write as _;

use challenges_core::time::{Clock as _, SystemClock};
use challenges_core::{Challenges, KeyRing, Timestamp};
use serde_json::json;

use crate::error::Error;
use crate::key_file::{Entries, KeyState};
use crate::location::Location;
use crate::options::Common;
use crate::report::{Exit, Report};
use crate::store::{self, Backend, Opening};
use crate::{instant, key_source, keys, service};
use check::Check;
use endpoints::Untrusted;
use survey::Survey;

/// The largest difference between two clocks, in milliseconds.
const SKEW: u64 = 5_000;
/// The longest acceptable wait of expired records and due entries, in milliseconds.
const LAG: u64 = 600_000;

/// Runs all checks. After a failed check the others still run. If the store does not open, only the keys are checked.
pub(crate) async fn run(common: &Common, all: bool) -> Result<Report, Error> {
    let location = Location::of(common)?;
    let ring = key_source::ring(common);
    let mut checks = Vec::new();
    match store::open(&location, Opening::Inspect).await {
        Ok(backend) => {
            checks.push(settings(&*backend));
            checks.push(schema(&*backend).await);
            let untrusted = Untrusted::default();
            let (keys, challenges) = opening(&*backend, ring, untrusted.clone()).await;
            checks.push(keys);
            checks.push(clock(&*backend).await);
            checks.extend(records(&*backend, challenges, &untrusted, all).await);
        }
        Err(error @ Error::NotMigrated { .. }) => checks.push(Check::problem("schema", error.message())),
        Err(error) => {
            checks.push(Check::failed("store", &error));
            checks.push(ring.map_or_else(|error| Check::failed("keys", &error), |ring| listed(&Entries::of(&ring))));
        }
    }
    let exit = checks.iter().map(Check::exit).max().unwrap_or(Exit::Fine);
    let mut text = String::new();
    for check in &checks {
        let _ = writeln!(text, "{check}");
    }
    let checks: Vec<_> = checks.iter().map(Check::to_json).collect();
    Ok(Report::new(json!({ "ok": exit == Exit::Fine, "checks": checks })).with_text(text).with_exit(exit))
}

fn settings(backend: &dyn Backend) -> Check {
    let findings = backend.findings();
    if findings.is_empty() {
        return Check::ok("store", "opened, and no setting endangers records".to_owned());
    }
    let message = findings.join("; ");
    Check::problem("store", message).with(json!({ "findings": findings }))
}

async fn schema(backend: &dyn Backend) -> Check {
    match backend.drift().await {
        Ok(None) => Check::ok("schema", "this store has no schema".to_owned()),
        Ok(Some(drift)) if drift.is_empty() => Check::ok("schema", "up to date".to_owned()),
        Ok(Some(drift)) => {
            let message = format!("{}; run `challenges schema migrate`, or restore the objects", drift.join("; "));
            Check::problem("schema", message).with(json!({ "differences": drift }))
        }
        Err(error) => Check::failed("schema", &error),
    }
}

/// Checks that the key ring opens the store. Returns the service, if so.
async fn opening(
    backend: &dyn Backend,
    ring: Result<KeyRing, Error>,
    untrusted: Untrusted,
) -> (Check, Option<Challenges>) {
    let ring = match ring {
        Ok(ring) => ring,
        Err(error) => return (Check::failed("keys", &error), None),
    };
    let entries = Entries::of(&ring);
    let challenges = match service::observed(backend.records(), ring, untrusted).await {
        Ok(challenges) => challenges,
        Err(error) => return (Check::failed("keys", &error), None),
    };
    let check = match keys::states(&entries, backend).await {
        Ok(states) => listed(&entries).with(json!({ "keys": states })),
        Err(error) => Check::failed("keys", &error),
    };
    (check, Some(challenges))
}

fn listed(entries: &Entries) -> Check {
    let list = |state| match keys::ids(entries, state) {
        ids if ids.is_empty() => "none".to_owned(),
        ids => ids.join(", "),
    };
    let [active, accepted, retired] = [KeyState::Active, KeyState::Accepted, KeyState::Retired].map(list);
    Check::ok("keys", format!("active {active}; accepted {accepted}; retired {retired}"))
}

async fn clock(backend: &dyn Backend) -> Check {
    let before = SystemClock.now();
    let clocks = match backend.clocks().await {
        Ok(clocks) => clocks,
        Err(error) => return Check::skipped("clock", error.message()),
    };
    let after = SystemClock.now();
    // The server read the clock between `before` and `after`.
    let skew = |server: &Timestamp| {
        let (server, before, after) = (server.as_millis(), before.as_millis(), after.as_millis());
        before.saturating_sub(server).max(server.saturating_sub(after))
    };
    match clocks.iter().map(skew).max() {
        None => Check::ok("clock", "the store is on this machine".to_owned()),
        Some(skew) => {
            let check = if skew > SKEW { Check::problem } else { Check::ok };
            let message = format!("the clock of the server differs by {skew} ms; all machines must agree within 5 s");
            check("clock", message).with(json!({ "difference_ms": skew }))
        }
    }
}

/// Checks for dead letters, for due entries and expired records that no task of a service has handled, and for addresses
/// that cannot be used.
async fn records(
    backend: &dyn Backend,
    challenges: Option<Challenges>,
    untrusted: &Untrusted,
    all: bool,
) -> Vec<Check> {
    let now = SystemClock.now();
    let store = backend.records();
    let survey = match Survey::take(&*store, now, all).await {
        Ok(survey) => survey,
        Err(error) => return vec![Check::failed("records", &error.into())],
    };
    let at_least = if survey.is_complete { "" } else { "at least " };
    let dead = survey.dead_letters();
    let letters = match dead {
        0 => Check::ok("dead_letters", "none".to_owned()),
        _ => Check::problem("dead_letters", format!("{at_least}{dead}; see `challenges outbox list`")),
    };
    let outbox = lag("outbox", survey.overdue, survey.oldest_due, now, ["due entries", "run a dispatcher"]);
    let sweep =
        lag("sweep", survey.expired, survey.oldest_expiry, now, ["expired records", "call spawn_upkeep or sweep"]);
    let counted = format!("{at_least}{} records", survey.records.values().sum::<usize>());
    let counted =
        Check::ok("records", counted).with(json!({ "complete": survey.is_complete, "kinds": survey.records }));
    let endpoints = match challenges {
        Some(challenges) => endpoints::check(&challenges, untrusted, &*store, &survey.addresses).await,
        None => Check::skipped("endpoints", "needs the keys of the store".to_owned()),
    };
    vec![letters.with(json!({ "count": dead })), outbox, sweep, endpoints, counted]
}

fn lag(
    name: &'static str,
    count: usize,
    oldest: Option<Timestamp>,
    now: Timestamp,
    [what, advice]: [&str; 2],
) -> Check {
    let since = oldest.map_or(0, |oldest| now.as_millis().saturating_sub(oldest.as_millis()));
    let details = json!({ "waiting": count, "oldest": oldest.map(instant::json) });
    let check = if since > LAG {
        Check::problem(name, format!("{what} have waited for {} minutes; {advice}", since / 60_000))
    } else {
        Check::ok(name, "nothing waits for longer than 10 minutes".to_owned())
    };
    check.with(details)
}

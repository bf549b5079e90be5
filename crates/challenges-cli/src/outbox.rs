use challenges_core::outbox::{OutboxEntry, Task};
use challenges_core::{OutboxId, Owner};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use url::Url;

use crate::error::Error;
use crate::options::Common;
use crate::report::{Exit, Report};
use crate::{confirmation, instant, service};

#[derive(Debug, Subcommand)]
pub(crate) enum OutboxCommand {
    /// List dead letters: messages and actions that failed for good
    List(Listing),
    /// Put dead letters back into the outbox
    Retry {
        /// The ids of the dead letters
        #[arg(required = true)]
        ids: Vec<String>,
        /// Retry without asking
        #[arg(long)]
        yes: bool,
    },
    /// Discard dead letters
    Discard {
        /// The ids of the dead letters
        #[arg(required = true)]
        ids: Vec<String>,
        /// Discard without asking
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Listing {
    /// List entries that wait for an attempt, instead of dead letters
    #[arg(long)]
    waiting: bool,
    /// Only the entries of this user
    #[arg(long)]
    user: Option<String>,
    /// The tenant of the user
    #[arg(long, default_value = "", requires = "user")]
    tenant: String,
    /// Continue after this entry
    #[arg(long, value_name = "ID")]
    after: Option<String>,
    /// The maximum number of entries, 1 to 500
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

pub(crate) async fn run(common: &Common, command: OutboxCommand) -> Result<Report, Error> {
    match command {
        OutboxCommand::List(listing) => list(common, &listing).await,
        OutboxCommand::Retry { ids, yes } => {
            let ids = parse(&ids)?;
            confirmation::confirm(yes, &format!("Send or run {} dead letters again?", ids.len()), "retry")?;
            let challenges = service::open(common).await?;
            let mut results = Vec::new();
            for id in ids {
                results.push((id, challenges.outbox().retry(id).await));
            }
            summary("retried", &results)
        }
        OutboxCommand::Discard { ids, yes } => {
            let ids = parse(&ids)?;
            confirmation::confirm(yes, &format!("Discard {} dead letters?", ids.len()), "discard")?;
            let challenges = service::open(common).await?;
            let mut results = Vec::new();
            for id in ids {
                results.push((id, challenges.outbox().discard(id).await));
            }
            summary("discarded", &results)
        }
    }
}

async fn list(common: &Common, listing: &Listing) -> Result<Report, Error> {
    let owner = listing.user.as_ref().map(|user| Owner::in_tenant(&listing.tenant, user)).transpose()?;
    let after = listing.after.as_ref().map(|id| id.parse()).transpose()?;
    let challenges = service::open(common).await?;
    let outbox = challenges.outbox();
    let found = if listing.waiting {
        outbox.list(owner.as_ref(), after, listing.limit).await?
    } else {
        outbox.dead_letters(owner.as_ref(), after, listing.limit).await?
    };
    let exit = if found.iter().any(Result::is_err) { Exit::Problem } else { Exit::Fine };
    let last = found.last().map(|entry| entry.as_ref().map_or_else(|(id, _)| *id, |entry| entry.id));
    let next = last.filter(|_| found.len() == listing.limit).map(|id| id.to_string());
    let entries: Vec<_> = found.iter().map(|entry| entry.as_ref().map_or_else(unreadable, describe)).collect();
    Ok(Report::new(json!({ "entries": entries, "next": next })).with_exit(exit))
}

fn parse(ids: &[String]) -> Result<Vec<OutboxId>, Error> {
    Ok(ids.iter().map(|id| id.parse()).collect::<Result<_, _>>()?)
}

/// Reports the changed entries and the failures. A missing entry does not stop the others.
fn summary(done: &str, results: &[(OutboxId, Result<(), challenges_core::Error>)]) -> Result<Report, Error> {
    let mut exit = Exit::Fine;
    let (mut changed, mut failed) = (Vec::new(), Vec::new());
    for (id, result) in results {
        match result {
            Ok(()) => changed.push(id.to_string()),
            Err(error) => {
                let is_missing = matches!(error, challenges_core::Error::NotFound);
                exit = exit.max(if is_missing { Exit::NotFound } else { Exit::Problem });
                failed.push(json!({ "id": id.to_string(), "error": error.to_string() }));
            }
        }
    }
    Ok(Report::new(json!({ done: changed, "failed": failed })).with_exit(exit))
}

/// Describes an entry without secrets. Only the prefix of a challenge id is shown, because the whole id opens the
/// challenge. Only the host of the URI of an action is shown.
fn describe(entry: &OutboxEntry) -> Value {
    json!({
        "id": entry.id.to_string(),
        "user": entry.owner.user_id(),
        "tenant": entry.owner.tenant(),
        "challenge": entry.challenge.map(|id| id.prefix()),
        "task": task(&entry.task),
        "attempts": entry.attempts,
        "due": instant::json(entry.due),
        "until": instant::json(entry.until),
        "died": entry.died.map(instant::json),
        "status": entry.status,
    })
}

fn task(task: &Task) -> Value {
    match task {
        Task::Deliver { channel, endpoint, .. } => {
            json!({ "kind": "deliver", "channel": channel.as_str(), "endpoint": endpoint.to_string() })
        }
        Task::Confirm { endpoint, .. } => json!({ "kind": "confirm", "endpoint": endpoint.to_string() }),
        Task::Notice { notice, to } => {
            let endpoint = to.as_ref().map(|(endpoint, _)| endpoint.to_string());
            json!({ "kind": "notice", "notice": notice.as_str(), "endpoint": endpoint })
        }
        Task::Act { index, action, .. } => {
            let uri = Url::parse(action.uri()).ok();
            let host = uri.as_ref().and_then(Url::host_str);
            json!({ "kind": "act", "index": index, "method": action.method(), "host": host })
        }
        // A task of a later release.
        _ => json!({ "kind": "other" }),
    }
}

fn unreadable((id, error): &(OutboxId, challenges_core::Error)) -> Value {
    json!({ "id": id.to_string(), "error": error.to_string() })
}

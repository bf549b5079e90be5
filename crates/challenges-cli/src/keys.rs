mod reseal;

use std::path::Path;

use challenges_core::time::{Clock as _, SystemClock};
use clap::Subcommand;
use serde_json::{Value, json};

use crate::error::Error;
use crate::key_file::{Entries, KeyState, generate};
use crate::location::Location;
use crate::options::Common;
use crate::report::Report;
use crate::store::{self, Backend, Opening};
use crate::{confirmation, instant, key_source, service};

pub(crate) use reseal::Walk;

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// List the ids and states of the keys; with a store, also show which key opens the store
    List,
    /// Add a new key to the key file as accepted, not active; create the file if missing
    New {
        /// The id of the key; the date by default
        #[arg(long)]
        id: Option<String>,
    },
    /// Make a key active; give every process the key first
    Activate {
        /// The id of the key
        id: String,
    },
    /// Retire a leaked key: codes, links and tokens under the key are refused
    Retire {
        /// The id of the key
        id: String,
    },
    /// Remove from the file a key that the store no longer needs
    Remove {
        /// The id of the key
        id: String,
        /// Remove without asking
        #[arg(long)]
        yes: bool,
    },
    /// Seal stored records again under the active key
    Reseal(Walk),
}

pub(crate) async fn run(common: &Common, command: KeysCommand) -> Result<Report, Error> {
    match command {
        KeysCommand::List => list(common).await,
        KeysCommand::New { id } => new(key_file(common)?, id),
        KeysCommand::Activate { id } => edit(key_file(common)?, |keys| keys.activate(&id)),
        KeysCommand::Retire { id } => edit(key_file(common)?, |keys| keys.retire(&id)),
        KeysCommand::Remove { id, yes } => remove(common, &id, yes).await,
        KeysCommand::Reseal(walk) => reseal::run(common, &walk).await,
    }
}

fn key_file(common: &Common) -> Result<&Path, Error> {
    common.key_file.as_deref().ok_or(Error::NeedsKeyFile)
}

async fn list(common: &Common) -> Result<Report, Error> {
    let keys = Entries::of(&key_source::ring(common)?);
    if common.store.is_none() {
        return Ok(report(&keys));
    }
    let backend = store::open(&Location::of(common)?, Opening::Inspect).await?;
    Ok(Report::new(json!({ "keys": states(&keys, &*backend).await? })))
}

/// Describes each key, and tells whether the key alone opens the store.
pub(crate) async fn states(keys: &Entries, backend: &dyn Backend) -> Result<Vec<Value>, Error> {
    let mut states = Vec::new();
    for entry in keys.iter() {
        let opens = match service::start(backend.records(), entry.alone()?).await {
            Ok(_) => true,
            Err(Error::Core(challenges_core::Error::OtherKeys(_))) => false,
            Err(error) => return Err(error),
        };
        states.push(json!({ "id": entry.id, "state": entry.state.as_str(), "opens_store": opens }));
    }
    Ok(states)
}

fn report(keys: &Entries) -> Report {
    let keys: Vec<_> = keys.iter().map(|key| json!({ "id": key.id, "state": key.state.as_str() })).collect();
    Report::new(json!({ "keys": keys }))
}

fn new(path: &Path, id: Option<String>) -> Result<Report, Error> {
    let mut keys = if path.exists() { Some(Entries::of(&key_source::from_file(path)?)) } else { None };
    let is_taken = |id: &str| keys.as_ref().is_some_and(|keys| keys.contains(id));
    let id = id.unwrap_or_else(|| unused(is_taken));
    let ring = generate(&id)?;
    match &mut keys {
        Some(keys) => keys.add(&ring),
        None => keys = Some(Entries::of(&ring)),
    }
    let keys = keys.unwrap_or_else(|| Entries::of(&ring));
    keys.write(path)?;
    Ok(report(&keys))
}

/// Returns the date, with a number if the date is taken.
fn unused(is_taken: impl Fn(&str) -> bool) -> String {
    let today: String = instant::text(SystemClock.now()).unwrap_or_default().chars().take(10).collect();
    let numbered = (2_u32..).map(|number| format!("{today}-{number}"));
    std::iter::once(today.clone()).chain(numbered).find(|id| !is_taken(id)).unwrap_or(today)
}

fn edit(path: &Path, change: impl FnOnce(&mut Entries) -> Result<(), Error>) -> Result<Report, Error> {
    let mut keys = Entries::of(&key_source::from_file(path)?);
    change(&mut keys)?;
    keys.write(path)?;
    Ok(report(&keys))
}

/// Removes a key after a trial start with the active key alone. The trial fails until everything is sealed under the
/// active key, because the walk seals the salt last.
async fn remove(common: &Common, id: &str, yes: bool) -> Result<Report, Error> {
    let (path, location) = (key_file(common)?, Location::of(common)?);
    let mut keys = Entries::of(&key_source::from_file(path)?);
    keys.remove(id)?;
    confirmation::confirm(yes, &format!("Remove the key {id}?"), id)?;
    let backend = store::open(&location, Opening::Use).await?;
    match service::start(backend.records(), keys.active()?).await {
        Ok(_) => {}
        Err(Error::Core(error @ challenges_core::Error::OtherKeys(_))) => return Err(Error::KeyInUse(error)),
        Err(error) => return Err(error),
    }
    keys.write(path)?;
    Ok(report(&keys))
}

/// Returns the ids of the keys in a state.
pub(crate) fn ids(keys: &Entries, state: KeyState) -> Vec<&str> {
    keys.iter().filter(|entry| entry.state == state).map(|entry| entry.id.as_str()).collect()
}

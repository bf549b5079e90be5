use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use challenges_core::Owner;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::error::Error;

const OBJECT: &str = "the line must be a JSON object";
const OWNER: &str = "owner must be an object with the string user, optionally the string tenant, and nothing else";

/// The lines of a file, with their numbers from 1.
pub(crate) struct Input {
    path: PathBuf,
    lines: Box<dyn BufRead>,
    number: u64,
}

impl Input {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let lines: Box<dyn BufRead> = if path == Path::new("-") {
            Box::new(BufReader::new(io::stdin()))
        } else {
            let file = File::open(path).map_err(|source| Error::Input { path: path.to_owned(), source })?;
            Box::new(BufReader::new(file))
        };
        Ok(Self { path: path.to_owned(), lines, number: 0 })
    }

    /// Returns the number of the line read last, also if reading failed.
    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    /// Reads the next line, which may hold a seed.
    pub(crate) fn next_line(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let mut line = Zeroizing::new(Vec::new());
        self.number = self.number.saturating_add(1);
        match self.lines.read_until(b'\n', &mut line) {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(line)),
            Err(source) => Err(Error::Input { path: self.path.clone(), source }),
        }
    }
}

/// Splits a line into the owner and the rest of the members. The reason of a refusal quotes nothing of the line.
pub(crate) fn parse(line: &[u8]) -> Result<(Owner, Value), String> {
    let Ok(mut row) = serde_json::from_slice::<Map<String, Value>>(line) else {
        return Err(OBJECT.to_owned());
    };
    let Some(Value::Object(mut owner)) = row.remove("owner") else {
        return Err(OWNER.to_owned());
    };
    let names = (owner.remove("tenant"), owner.remove("user"), owner.is_empty());
    let owner = match names {
        (None | Some(Value::Null), Some(Value::String(user)), true) => Owner::user(user),
        (Some(Value::String(tenant)), Some(Value::String(user)), true) => Owner::in_tenant(tenant, user),
        _ => return Err(OWNER.to_owned()),
    };
    let owner = owner.map_err(|invalid| invalid.to_string())?;
    Ok((owner, Value::Object(row)))
}

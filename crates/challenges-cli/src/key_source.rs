use std::path::Path;

use challenges_core::KeyRing;

use crate::error::Error;
use crate::options::Common;

/// The environment variable with the key ring.
const VARIABLE: &str = "CHALLENGES_KEYS";

/// Reads the key ring from the file of the command, or from the environment.
pub(crate) fn ring(common: &Common) -> Result<KeyRing, Error> {
    match &common.key_file {
        Some(path) => from_file(path),
        None => KeyRing::from_env(VARIABLE).map_err(Error::Keys),
    }
}

/// Reads a key file, and never creates a file: no existing store would open with a new ring.
pub(crate) fn from_file(path: &Path) -> Result<KeyRing, Error> {
    if !path.exists() {
        return Err(Error::NoKeyFile(path.to_owned()));
    }
    KeyRing::open_or_create(path).map_err(Error::Keys)
}

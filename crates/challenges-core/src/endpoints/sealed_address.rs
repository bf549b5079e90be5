use zeroize::Zeroizing;

use super::endpoint::Endpoint;
use super::record::place;
use crate::addresses::Address;
use crate::engine::Engine;
use crate::error::Error;
use crate::id::EndpointId;
use crate::keyring::{SealError, Sealed};
use crate::owner::Owner;

/// Opens the address of an endpoint.
pub(crate) fn address(engine: &Engine, endpoint: &Endpoint) -> Result<Address, Error> {
    let plain = engine.keys.open(endpoint.place(), endpoint.sealed_address())?;
    serde_json::from_slice(&plain).map_err(|_| SealError::Forged.into())
}

/// Seals the address of an endpoint.
pub(super) fn seal_address(engine: &Engine, id: EndpointId, owner: &Owner, address: &Address) -> Result<Sealed, Error> {
    let plain = Zeroizing::new(serde_json::to_vec(address).map_err(Error::Body)?);
    Ok(engine.seal(place(id, owner), &plain)?)
}

use std::error::Error as StdError;

use bytes::{Buf as _, Bytes, BytesMut};
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;

use crate::fault::{Fault, Malformed};
use crate::too_large::is_too_large;

/// Reads a body of at most `limit` bytes. Stops reading as soon as the body exceeds the limit.
pub(crate) async fn read<B>(body: B, limit: usize) -> Result<Bytes, Fault>
where
    B: http_body::Body<Error: Into<Box<dyn StdError + Send + Sync>>>,
{
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limit {
        return Err(Fault::TooLarge { limit });
    }
    let mut body = std::pin::pin!(body);
    let mut read = BytesMut::with_capacity(announced);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            let error: Box<dyn StdError + Send + Sync> = error.into();
            if is_too_large(&*error) { Fault::TooLargeForHost } else { Fault::BodyCut }
        })?;
        if let Ok(mut data) = frame.into_data() {
            if data.remaining() > limit - read.len() {
                return Err(Fault::TooLarge { limit });
            }
            while data.has_remaining() {
                let chunk = data.chunk();
                read.extend_from_slice(chunk);
                let taken = chunk.len();
                data.advance(taken);
            }
        }
    }
    Ok(read.freeze())
}

/// Parses the JSON object in a body.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    // serde would deserialize an array into a struct, element by element.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(Fault::NotAnObject);
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| malformed(&error))?;
    json.end().map_err(|_| Fault::NotJson)?;
    Ok(value)
}

/// Names the property and the expected type. The value is omitted, since it may be a secret.
fn malformed(error: &serde_path_to_error::Error<serde_json::Error>) -> Fault {
    if !error.inner().is_data() {
        return Fault::NotJson;
    }
    let path = error.path().to_string();
    let text = error.inner().to_string();
    let property = if path == "." { "the body".to_owned() } else { path };
    // serde_json writes "invalid type: WHAT, expected EXPECTED at line L column C" or "missing field `NAME` at ...".
    let said = text.rsplit_once(" at line ").map_or(text.as_str(), |(said, _)| said);
    let expected = match said.rsplit_once(", expected ") {
        Some((_, expected)) if expected.starts_with("struct ") => "expected an object".to_owned(),
        Some((_, "a sequence")) => "expected an array".to_owned(),
        Some((_, expected)) => format!("expected {expected}"),
        None if said.starts_with("missing field") || said.starts_with("duplicate field") => said.to_owned(),
        None => "malformed".to_owned(),
    };
    Fault::Malformed(Malformed { property, expected })
}

#[cfg(test)]
mod tests;

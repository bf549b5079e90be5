use std::fmt;

use challenges_core::Timeout;
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// A timeout in whole seconds, 1 to 86400.
#[derive(Clone, Copy, ToSchema)]
#[schema(value_type = u32, minimum = 1, maximum = 86_400)]
pub(crate) struct Seconds(pub(crate) Timeout);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0.as_seconds())
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole;
        impl Visitor<'_> for Whole {
            type Value = Seconds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an integer from 1 to {}", Timeout::MAX)
            }

            fn visit_u64<E: Error>(self, seconds: u64) -> Result<Seconds, E> {
                let timeout = Timeout::from_seconds(seconds);
                timeout.map(Seconds).map_err(|_| E::invalid_value(Unexpected::Unsigned(seconds), &self))
            }
        }
        deserializer.deserialize_u64(Whole)
    }
}

use crate::id::DeviceId;
use crate::secret::Secret;

/// The longest text that is read.
const LONGEST: usize = 160;

/// The content of the cookie of a device: the id, and two secrets.
///
/// The series of a device never changes. A right series tells a replaced secret from a forged secret, so only the
/// holder of a genuine cookie can end the device.
pub(super) struct Token<'a> {
    pub(super) id: DeviceId,
    pub(super) series: &'a str,
    /// The secret that changes with each check.
    pub(super) secret: &'a str,
}

impl<'a> Token<'a> {
    /// Reads a cookie. Returns `None` for a text of another form.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let (id, secrets) = text.split_once('.')?;
        let (series, secret) = secrets.split_once('.')?;
        Some(Self { id: id.parse().ok()?, series, secret })
    }

    /// Returns the text of the cookie.
    pub(super) fn text(&self) -> Secret {
        format!("{}.{}.{}", self.id, self.series, self.secret).into()
    }
}

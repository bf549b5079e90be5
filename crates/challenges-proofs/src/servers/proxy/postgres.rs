//! The messages of a client of PostgreSQL: <https://www.postgresql.org/docs/current/protocol-message-formats.html>.

use super::Request;

const BIND: u8 = b'B';
const PARSE: u8 = b'P';
const QUERY: u8 = b'Q';
const SYNC: u8 = b'S';

const SSL_REQUEST: [u8; 4] = 80_877_103_u32.to_be_bytes();

/// Finds the requests in the bytes of a connection, however the bytes are split.
#[derive(Debug, Default)]
pub(super) struct Frames {
    bytes: Vec<u8>,
    is_started: bool,
    binds: bool,
    parses: bool,
}

impl Frames {
    /// Returns the requests that end in these bytes.
    pub(super) fn requests(&mut self, bytes: &[u8]) -> Vec<Request> {
        self.bytes.extend_from_slice(bytes);
        let mut found = Vec::new();
        while let Some(message) = self.next() {
            match message {
                BIND => self.binds = true,
                PARSE => self.parses = true,
                QUERY => found.push(Request::Run),
                SYNC => found.push(match (std::mem::take(&mut self.binds), std::mem::take(&mut self.parses)) {
                    (true, _) => Request::Run,
                    (false, true) => Request::Prepare,
                    (false, false) => Request::Ping,
                }),
                _ => {}
            }
        }
        found
    }

    /// Takes the next whole message, and returns its type; 0 for a message of the start, which has none.
    fn next(&mut self) -> Option<u8> {
        let head = usize::from(self.is_started);
        let length: [u8; 4] = self.bytes.get(head..head + 4)?.try_into().ok()?;
        let end = head + usize::try_from(u32::from_be_bytes(length)).ok()?;
        let message: Vec<u8> = self.bytes.get(..end)?.to_vec();
        self.bytes.drain(..end);
        if self.is_started {
            return message.first().copied();
        }
        self.is_started = message.get(4..8) != Some(&SSL_REQUEST);
        Some(0)
    }
}

#[cfg(test)]
mod tests;

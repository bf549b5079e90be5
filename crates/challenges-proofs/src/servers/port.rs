use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the ports that the operating system gives to outgoing connections, 32768 and above on Linux. A connection could
/// otherwise take the port of a server that is down for a moment.
const FIRST: u16 = 10_000;
const COUNT: u16 = 12_000;

/// The distance from the client port of Redis to the cluster bus port. Every port reserves both.
pub(crate) const CLUSTER_BUS: u16 = 10_000;

/// Not the address of the servers, so a listener here reserves a port without being in the way.
const RESERVED: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// A port of 127.0.0.1 that no other test takes for as long as this value lives, even while nothing listens there.
#[derive(Debug)]
pub struct Port {
    number: u16,
    /// Tells other tests, also in other processes, that the port is taken.
    _reserved: TcpListener,
}

impl Port {
    /// Takes a free port.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AddrInUse`] when no port is free.
    pub fn take() -> io::Result<Self> {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        // Processes begin at different ports, so that they rarely meet.
        let begin = std::process::id().wrapping_mul(241) % u32::from(COUNT);
        for _ in 0..COUNT {
            let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed) % COUNT);
            let number = FIRST + u16::try_from((begin + step) % u32::from(COUNT)).map_err(io::Error::other)?;
            let Ok(reserved) = TcpListener::bind((RESERVED, number)) else { continue };
            let is_free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
            if is_free(number) && is_free(number + CLUSTER_BUS) {
                return Ok(Self { number, _reserved: reserved });
            }
        }
        Err(ErrorKind::AddrInUse.into())
    }

    /// Returns the number.
    #[must_use]
    pub const fn number(&self) -> u16 {
        self.number
    }
}

#[cfg(test)]
mod tests;

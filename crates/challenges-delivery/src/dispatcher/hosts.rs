use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use challenges_core::outbox::Errand;
use url::Url;

/// A receiver whose attempts in flight are limited together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Host {
    /// The SMS gateway, which receives the text messages of all users.
    SmsGateway,
    /// The mail server, which receives the e-mails of all users.
    MailServer,
    /// The host of a URL, whatever the port.
    Named(String),
}

impl Host {
    /// Returns the host that receives an errand; `None` for an unknown errand or a URL without a host.
    pub(super) fn of(errand: &Errand) -> Option<Self> {
        match errand {
            Errand::Sms { .. } => Some(Self::SmsGateway),
            Errand::Email { .. } => Some(Self::MailServer),
            Errand::Push { to, .. } => Self::named(to.endpoint()),
            Errand::Act { action, .. } => Self::named(action.uri()),
            _ => None,
        }
    }

    fn named(url: &str) -> Option<Self> {
        Url::parse(url).ok()?.host_str().map(|host| Self::Named(host.to_owned()))
    }
}

/// The attempts in flight of each host.
#[derive(Clone, Debug)]
pub(super) struct Hosts {
    max: usize,
    in_flight: Arc<Mutex<HashMap<Host, usize>>>,
}

/// The permit for an attempt at a host. Dropping the permit makes room for another attempt.
#[derive(Debug)]
pub(super) struct Permit {
    host: Host,
    hosts: Hosts,
}

impl Hosts {
    pub(super) fn new(max: usize) -> Self {
        Self { max, in_flight: Arc::default() }
    }

    /// Returns a permit, or the host when its limit is reached.
    pub(super) fn admit(&self, host: Host) -> Result<Permit, Host> {
        let mut in_flight = self.lock();
        let count = in_flight.entry(host.clone()).or_default();
        if *count >= self.max {
            return Err(host);
        }
        *count += 1;
        Ok(Permit { host, hosts: self.clone() })
    }

    /// Returns how many more attempts the host may receive now.
    pub(super) fn room(&self, host: &Host) -> usize {
        self.max.saturating_sub(self.lock().get(host).copied().unwrap_or_default())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Host, usize>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut in_flight = self.hosts.lock();
        if let Some(count) = in_flight.get_mut(&self.host) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                in_flight.remove(&self.host);
            }
        }
    }
}

use std::collections::{HashMap, HashSet, VecDeque};
use std::mem;

use challenges_core::outbox::DueEntry;
use challenges_core::{OutboxId, Owner};

use super::hosts::{Host, Hosts};

/// The maximum number of entries kept while the owner or host is at the limit. Further entries are forgotten, and read
/// again by a later look.
const MAX_WAITING: usize = 4_096;

/// An entry that holds one of the slots of the owner. An unreadable entry has no owner and needs no slot.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) entry: DueEntry,
    pub(super) owner: Option<Owner>,
}

/// An entry in line for a start.
#[derive(Debug)]
enum Ready {
    Found(DueEntry),
    Admitted(Admitted),
}

/// The slots of an owner in use, and the entries that wait for a slot.
#[derive(Debug, Default)]
struct Slots {
    used: usize,
    waiting: VecDeque<DueEntry>,
}

/// The due entries known to a dispatcher, in the order of their starts.
///
/// An entry needs a slot of the owner, and keeps the slot while waiting for the host. Each owner therefore has at most
/// `per_owner` entries in the line of a host.
#[derive(Debug)]
pub(super) struct Queue {
    per_owner: usize,
    ready: VecDeque<Ready>,
    owners: HashMap<Owner, Slots>,
    hosts: HashMap<Host, VecDeque<Admitted>>,
    /// The number of entries in the lines of owners and hosts.
    waiting: usize,
    /// `true` if an entry was forgotten since the last call of [`take_forgot`](Self::take_forgot).
    forgot: bool,
    /// The ids of queued and running entries.
    known: HashSet<OutboxId>,
}

impl Queue {
    pub(super) fn new(per_owner: usize) -> Self {
        Self {
            per_owner,
            ready: VecDeque::new(),
            owners: HashMap::new(),
            hosts: HashMap::new(),
            waiting: 0,
            forgot: false,
            known: HashSet::new(),
        }
    }

    /// Adds the unknown entries, and returns the number of added entries.
    pub(super) fn add(&mut self, due: Vec<DueEntry>) -> usize {
        let before = self.ready.len();
        for entry in due {
            if self.known.insert(entry.id()) {
                self.ready.push_back(Ready::Found(entry));
            }
        }
        self.ready.len() - before
    }

    /// Returns the next entry to start. Entries of owners at the limit join the line of the owner.
    pub(super) fn next(&mut self) -> Option<Admitted> {
        loop {
            let entry = match self.ready.pop_front()? {
                Ready::Admitted(admitted) => return Some(admitted),
                Ready::Found(entry) => entry,
            };
            let Some(owner) = entry.owner() else { return Some(Admitted { entry, owner: None }) };
            let slots = self.owners.entry(owner.clone()).or_default();
            if slots.used < self.per_owner {
                slots.used += 1;
                return Some(Admitted { entry, owner: Some(owner) });
            }
            if self.waiting >= MAX_WAITING {
                self.known.remove(&entry.id());
                self.forgot = true;
                continue;
            }
            self.waiting += 1;
            slots.waiting.push_back(entry);
        }
    }

    /// Puts an entry into the line of a host at the limit. The entry keeps the slot of the owner.
    pub(super) fn wait_for(&mut self, host: Host, admitted: Admitted) {
        if self.is_full() {
            self.forgot = true;
            return self.finish(admitted.entry.id(), admitted.owner.as_ref());
        }
        self.waiting += 1;
        self.hosts.entry(host).or_default().push_back(admitted);
    }

    /// Forgets an entry whose attempt has ended, and gives the slot to the next entry of the owner.
    pub(super) fn finish(&mut self, id: OutboxId, owner: Option<&Owner>) {
        self.known.remove(&id);
        let Some(owner) = owner else { return };
        let Some(slots) = self.owners.get_mut(owner) else { return };
        if let Some(entry) = slots.waiting.pop_front() {
            self.waiting -= 1;
            self.ready.push_back(Ready::Admitted(Admitted { entry, owner: Some(owner.clone()) }));
            return;
        }
        slots.used = slots.used.saturating_sub(1);
        if slots.used == 0 {
            self.owners.remove(owner);
        }
    }

    /// Readies entries whose host has room again.
    pub(super) fn release(&mut self, hosts: &Hosts) {
        let Self { hosts: lines, ready, waiting, .. } = self;
        lines.retain(|host, line| {
            let released = line.len().min(hosts.room(host));
            *waiting -= released;
            ready.extend(line.drain(..released).map(Ready::Admitted));
            !line.is_empty()
        });
    }

    /// Returns whether no entry is in line for a start.
    pub(super) fn is_idle(&self) -> bool {
        self.ready.is_empty()
    }

    /// Returns whether entries wait for an owner or host.
    pub(super) const fn has_waiting(&self) -> bool {
        self.waiting > 0
    }

    /// Returns whether further waiting entries are forgotten.
    pub(super) const fn is_full(&self) -> bool {
        self.waiting >= MAX_WAITING
    }

    /// Returns whether an entry was forgotten since the last call.
    pub(super) const fn take_forgot(&mut self) -> bool {
        mem::replace(&mut self.forgot, false)
    }

    /// Returns the number of known entries, running ones included.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }
}

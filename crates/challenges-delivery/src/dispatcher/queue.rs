#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet, VecDeque};
use std::mem;

use challenges_core::outbox::DueEntry;
use challenges_core::{OutboxId, Owner};

use super::hosts::{Host, Hosts};

/// The maximum number of entries kept while the owner or host is at the limit. Further entries are forgotten, and read
/// again by a later look.
const MAX_WAITING: usize = 4_096;

/// The maximum number of entries of an owner that wait for a host without a slot. By default a user has at most 16 push
/// subscriptions.
const MAX_PARKED: usize = 16;

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

/// An entry in the line of a host.
#[derive(Debug)]
enum InLine {
    /// The entry gave up the slot, and needs one again before the start.
    Parked {
        entry: DueEntry,
        owner: Owner,
    },
    Admitted(Admitted),
}

/// The slots of an owner in use, and the entries that wait for a slot.
#[derive(Debug, Default)]
struct Slots {
    used: usize,
    /// The number of entries without a slot in the lines of hosts.
    parked: usize,
    waiting: VecDeque<DueEntry>,
}

/// The due entries known to a dispatcher, in the order of their starts.
///
/// An entry needs a slot of the owner. Up to [`MAX_PARKED`] entries of the owner give up the slot while they wait for a
/// host, so a hung host does not hold back the owner's entries for other hosts. Further entries keep the slot: only an
/// attempt shows the host of an entry, so without this bound all entries of an owner would be tried at a hung host.
#[derive(Debug)]
pub(super) struct Queue {
    per_owner: usize,
    ready: VecDeque<Ready>,
    owners: HashMap<Owner, Slots>,
    hosts: HashMap<Host, VecDeque<InLine>>,
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

    /// Puts an entry into the line of a host at the limit.
    pub(super) fn wait_for(&mut self, host: Host, admitted: Admitted) {
        if self.is_full() {
            self.forgot = true;
            return self.finish(admitted.entry.id(), admitted.owner.as_ref());
        }
        self.waiting += 1;
        let in_line = self.park(admitted);
        self.hosts.entry(host).or_default().push_back(in_line);
    }

    /// Takes the slot from an entry, unless too many entries of the owner wait without a slot.
    fn park(&mut self, admitted: Admitted) -> InLine {
        let Admitted { entry, owner: Some(owner) } = admitted else { return InLine::Admitted(admitted) };
        match self.owners.get_mut(&owner) {
            Some(slots) if slots.parked < MAX_PARKED => slots.parked += 1,
            Some(_) | None => return InLine::Admitted(Admitted { entry, owner: Some(owner) }),
        }
        self.free_slot(&owner);
        InLine::Parked { entry, owner }
    }

    /// Forgets an entry whose attempt has ended.
    pub(super) fn finish(&mut self, id: OutboxId, owner: Option<&Owner>) {
        self.known.remove(&id);
        if let Some(owner) = owner {
            self.free_slot(owner);
        }
    }

    /// Gives a slot to the next entry of the owner.
    fn free_slot(&mut self, owner: &Owner) {
        let Some(slots) = self.owners.get_mut(owner) else { return };
        if let Some(entry) = slots.waiting.pop_front() {
            self.waiting -= 1;
            self.ready.push_back(Ready::Admitted(Admitted { entry, owner: Some(owner.clone()) }));
            return;
        }
        slots.used = slots.used.saturating_sub(1);
        if slots.used == 0 && slots.parked == 0 {
            self.owners.remove(owner);
        }
    }

    /// Readies entries whose host has room again. Entries of owners at the limit come first in the line of the owner.
    pub(super) fn release(&mut self, hosts: &Hosts) {
        let Self { per_owner, hosts: lines, ready, owners, waiting, .. } = self;
        lines.retain(|host, line| {
            let mut room = hosts.room(host);
            while room > 0
                && let Some(in_line) = line.pop_front()
            {
                let admitted = match in_line {
                    InLine::Admitted(admitted) => admitted,
                    InLine::Parked { entry, owner } => {
                        let slots = owners.entry(owner.clone()).or_default();
                        slots.parked = slots.parked.saturating_sub(1);
                        if slots.used >= *per_owner {
                            slots.waiting.push_front(entry);
                            continue;
                        }
                        slots.used += 1;
                        Admitted { entry, owner: Some(owner) }
                    }
                };
                room -= 1;
                *waiting -= 1;
                ready.push_back(Ready::Admitted(admitted));
            }
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

#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn port_is_taken_once_although_nothing_listens() {
    let first = Port::take().unwrap();
    assert!(TcpListener::bind((RESERVED, first.number())).is_err());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, first.number())).unwrap();
    let others: Vec<_> = (0..50).map(|_| Port::take().unwrap()).collect();
    assert!(others.iter().all(|other| other.number() != first.number()));
    drop((first, listener));
}

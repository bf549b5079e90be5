#![allow(clippy::unwrap_used)]

use super::*;

fn service(number: usize) -> Origin {
    format!("https://push{number}.example").parse().unwrap()
}

/// R62: services that users brought never keep a service from being proven.
#[test]
fn many_services_keep_no_other_out() {
    let proven = Proven::default();
    for number in 0..2 * Proven::MAX {
        assert!(!proven.contains(&service(number)), "control");
        proven.add(&service(number));
        assert!(proven.contains(&service(number)));
    }
    proven.add(&service(2 * Proven::MAX - 1));
    assert_eq!(proven.lock().len(), Proven::MAX);
}

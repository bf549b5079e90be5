//! Walks through the demo as a browser does.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod browser;
mod server;
mod walk;

const PROGRAM: &str = env!("CARGO_BIN_EXE_demo-axum");

/// R76: the password alone makes no session, and a session alone transfers nothing and adds no factor.
#[tokio::test]
async fn user_signs_in_with_second_factor() {
    walk::sign_in(&mut server::start(PROGRAM)).await;
}

#[tokio::test]
async fn support_resets_a_user() {
    walk::support(&mut server::start(PROGRAM)).await;
}

#[tokio::test]
async fn printed_link_approves_a_transfer() {
    walk::approve_by_link(&mut server::start(PROGRAM)).await;
}

/// R76: neither a form of another site nor a forged `return_to` does harm.
#[tokio::test]
async fn other_sites_are_refused() {
    walk::other_sites(&mut server::start(PROGRAM)).await;
}

#[tokio::test]
async fn pages_are_german_for_germans() {
    walk::german(&mut server::start(PROGRAM)).await;
}

#[tokio::test]
async fn api_is_beside_the_pages() {
    walk::api(&mut server::start(PROGRAM)).await;
}

#[test]
fn part_to_copy_is_short() {
    let files = [
        include_str!("../../src/login.rs"),
        include_str!("../../src/support.rs"),
        include_str!("../../../app/src/bank/users.rs"),
    ];
    let is_code = |line: &&str| !line.trim().is_empty();
    let lines: usize = files.iter().map(|file| file.lines().filter(is_code).count()).sum();
    assert!(lines <= 200, "{lines} lines");
}

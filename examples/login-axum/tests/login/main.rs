//! Walks through the application as a browser does.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod browser;
mod server;
mod walk;

/// R76: the password alone makes no session, and a session alone transfers nothing.
#[tokio::test]
async fn user_signs_in_with_second_factor() {
    walk::sign_in(&server::start(env!("CARGO_BIN_EXE_login-axum"))).await;
}

#[tokio::test]
async fn support_resets_a_user() {
    walk::support(&server::start(env!("CARGO_BIN_EXE_login-axum"))).await;
}

#[test]
fn part_to_copy_is_short() {
    let lines = include_str!("../../src/main.rs").lines().count();
    assert!(lines <= 200, "{lines} lines");
}

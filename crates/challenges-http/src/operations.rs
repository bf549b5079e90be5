//! What each operation does: read the call, ask the service, write the answer. No rule of challenges is here.

mod answers;
mod challenges;
mod one_time_use;
mod totp;
mod webauthn;

//! A login with axum-login, without any second factor. The one user stands for a table with hashed passwords.

use std::convert::Infallible;

use axum::http::StatusCode;
use axum_login::{AuthSession, AuthUser, AuthnBackend};

#[derive(Clone, Debug)]
pub(crate) struct Users;

#[derive(Clone, Debug)]
pub(crate) struct User(String);

impl AuthUser for User {
    type Id = String;

    fn id(&self) -> String {
        self.0.clone()
    }

    fn session_auth_hash(&self) -> &[u8] {
        b"the hash of the password"
    }
}

impl AuthnBackend for Users {
    type User = User;
    type Credentials = String;
    type Error = Infallible;

    async fn authenticate(&self, password: String) -> Result<Option<User>, Infallible> {
        Ok((password == "wonderland").then(|| User("alice".to_owned())))
    }

    async fn get_user(&self, id: &String) -> Result<Option<User>, Infallible> {
        Ok((id == "alice").then(|| User(id.clone())))
    }
}

pub(crate) async fn sign_in(mut session: AuthSession<Users>, password: String) -> Result<(), StatusCode> {
    let user = session.authenticate(password).await.ok().flatten().ok_or(StatusCode::UNAUTHORIZED)?;
    session.login(&user).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

use challenges_core::account::AccountStatus;
use challenges_core::devices::DeviceId;

use super::removal::Removal;
use super::{status, status_for_change};
use crate::incoming::Incoming;
use crate::pages::Pages;
use crate::problem::Problem;
use crate::reply::Reply;

pub(super) async fn removal(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let status = status_for_change(pages, incoming).await?;
    Ok(Reply::page(question(&status, incoming.id()?)?))
}

pub(super) async fn revoke(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let (user, grant, id) = (incoming.user()?, pages.grant(incoming)?, incoming.id()?);
    let question = question(&status(pages, incoming).await?, id)?;
    let revoked = pages.shared.challenges.devices().revoke(user, &grant, id).await;
    question.reply(pages, revoked, "device-revoked")
}

pub(super) async fn removal_of_all(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    status_for_change(pages, incoming).await?;
    Ok(Reply::page(question_of_all()))
}

pub(super) async fn revoke_all(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let (user, grant) = (incoming.user()?, pages.grant(incoming)?);
    let revoked = pages.shared.challenges.devices().revoke_all(user, &grant).await;
    question_of_all().reply(pages, revoked, "devices-revoked")
}

fn question(status: &AccountStatus, id: DeviceId) -> Result<Removal, Problem> {
    let device = status.devices().iter().find(|device| device.id() == id).ok_or(Problem::NoSuchPage)?;
    let label = device.label().as_str().to_owned();
    Ok(Removal::new("device", Some(label), format!("account/devices/{id}/revoke")))
}

fn question_of_all() -> Removal {
    Removal::new("all-devices", None, "account/devices/revoke-all".to_owned())
}

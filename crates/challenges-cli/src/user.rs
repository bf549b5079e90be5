use challenges_core::account::AccountStatus;
use challenges_core::devices::TrustedDevice;
use challenges_core::totp::TotpEnrollment;
use challenges_core::webauthn::WebauthnEnrollment;
use challenges_core::{Grant, Owner, Timestamp};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::error::Error;
use crate::options::Common;
use crate::report::Report;
use crate::{administration, confirmation, instant, service};

/// The state after a reset, for support.
const NOTE: &str = "anybody with the session of the user can enroll from now on: watch the enrollment, or hand over new recovery \
codes; see \"A user lost everything\" in the guide, https://docs.rs/challenges-guide/latest/challenges_guide/lost/";

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Show factors, masked addresses, trusted devices, recovery codes and locks
    Status(Named),
    /// Clear the failures and locks of every factor; check the identity of the user first
    Unlock {
        #[command(flatten)]
        named: Named,
        /// Unlock without asking
        #[arg(long)]
        yes: bool,
    },
    /// Remove every factor, address, recovery code and trusted device, and clear the locks
    ///
    /// From then on, the user's session alone can enroll a new factor: check the identity, end the sessions first, and
    /// watch the enrollment. Run the command again after an error.
    Reset {
        #[command(flatten)]
        named: Named,
        /// The name of the employee
        #[arg(long, value_name = "NAME")]
        who: String,
        /// The reason, such as a case number
        #[arg(long, value_name = "REASON")]
        why: String,
        /// Reset without asking
        #[arg(long)]
        yes: bool,
    },
    /// Delete everything stored about the user
    Erase {
        #[command(flatten)]
        named: Named,
        /// Erase without asking
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Named {
    /// The user id by which the service knows the user
    user: String,
    /// The tenant of the user
    #[arg(long, default_value = "")]
    tenant: String,
}

impl Named {
    fn owner(&self) -> Result<Owner, Error> {
        Ok(Owner::in_tenant(&self.tenant, &self.user)?)
    }
}

pub(crate) async fn run(common: &Common, command: UserCommand) -> Result<Report, Error> {
    match command {
        UserCommand::Status(named) => {
            let owner = named.owner()?;
            let status = service::open(common).await?.account(&owner).status().await?;
            Ok(Report::new(describe(&owner, &status)))
        }
        UserCommand::Unlock { named, yes } => {
            let owner = named.owner()?;
            let question = format!("Clear the failures and end the trusted devices of {}?", owner.user_id());
            confirmation::confirm(yes, &question, owner.user_id())?;
            administration::unlock(&service::open(common).await?, &owner).await?;
            Ok(Report::new(json!({ "unlocked": owner.user_id(), "tenant": owner.tenant() })))
        }
        UserCommand::Reset { named, who, why, yes } => {
            let owner = named.owner()?;
            let grant = Grant::administrator(&who, &why)?;
            let question =
                format!("Remove every factor of {}, who then enrolls with the session alone?", owner.user_id());
            confirmation::confirm(yes, &question, owner.user_id())?;
            let removed = administration::reset(&service::open(common).await?, &owner, &grant).await?;
            Ok(Report::new(json!({
                "reset": owner.user_id(),
                "tenant": owner.tenant(),
                "who": who,
                "why": why,
                "totp": removed.totp.len(),
                "webauthn": removed.webauthn.len(),
                "endpoints": removed.endpoints.len(),
                "recovery_codes": removed.recovery_codes.saturating_add(removed.void_recovery_codes),
                "devices": removed.devices().len(),
                "locks": removed.locks().count(),
                "note": NOTE,
            })))
        }
        UserCommand::Erase { named, yes } => {
            let owner = named.owner()?;
            confirmation::confirm(yes, &format!("Erase everything about {}?", owner.user_id()), owner.user_id())?;
            let records = administration::erase(&service::open(common).await?, &owner).await?;
            Ok(Report::new(json!({ "erased": owner.user_id(), "tenant": owner.tenant(), "records": records })))
        }
    }
}

fn describe(owner: &Owner, status: &AccountStatus) -> Value {
    let endpoints = status.endpoints.iter().map(|endpoint| {
        json!({
            "id": endpoint.id().to_string(),
            "channel": endpoint.channel().as_str(),
            "address": status.address(endpoint.id()),
            "confirmed": endpoint.is_confirmed(),
            "enabled": endpoint.is_enabled(),
            "created": instant::json(endpoint.created()),
        })
    });
    let lock = |(factor, until): (challenges_core::Factor, Timestamp)| json!({ "factor": factor.as_str(), "until": instant::json(until) });
    json!({
        "user": owner.user_id(),
        "tenant": owner.tenant(),
        "has_factor": status.has_factor(),
        "totp": status.totp.iter().map(totp).collect::<Vec<_>>(),
        "webauthn": status.webauthn.iter().map(webauthn).collect::<Vec<_>>(),
        "endpoints": endpoints.collect::<Vec<_>>(),
        "devices": status.devices().iter().map(device).collect::<Vec<_>>(),
        "recovery_codes": status.recovery_codes,
        "void_recovery_codes": status.void_recovery_codes,
        "locks": status.locks().map(lock).collect::<Vec<_>>(),
    })
}

fn totp(enrollment: &TotpEnrollment) -> Value {
    json!({
        "id": enrollment.id().to_string(),
        "completed": enrollment.is_completed(),
        "created": instant::json(enrollment.created()),
        "updated": instant::json(enrollment.updated()),
    })
}

fn webauthn(enrollment: &WebauthnEnrollment) -> Value {
    json!({
        "id": enrollment.id().to_string(),
        "name": enrollment.name(),
        "relying_party": enrollment.relying_party_id().as_str(),
        "completed": enrollment.is_completed(),
        "created": instant::json(enrollment.created()),
        "updated": instant::json(enrollment.updated()),
    })
}

fn device(device: &TrustedDevice) -> Value {
    json!({
        "id": device.id().to_string(),
        "label": device.label().as_str(),
        "trusted_at": instant::json(device.trusted_at()),
        "used_at": instant::json(device.used_at()),
        "expires": instant::json(device.expires()),
    })
}

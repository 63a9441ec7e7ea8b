//! A password out of the desktop's secret service (the Secret Service API of freedesktop.org).

use std::collections::HashMap;

use thiserror::Error;
use zbus::{
    Connection,
    proxy::CacheProperties,
    zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value},
};
use zeroize::Zeroizing;

/// Why there is no password.
#[derive(Debug, Error)]
pub enum SecretError {
    /// There is no secret service, or it fails.
    #[error("the secret service did not answer")]
    Service(#[from] zbus::Error),
    /// Nothing is kept there for this server and user, or it is locked.
    #[error("nothing is unlocked there for {user} at {host}")]
    Absent {
        /// The mail server.
        host: String,
        /// The user.
        user: String,
    },
    /// What is kept is not text.
    #[error("what is kept there is not text")]
    NotText,
}

/// The attributes under which the password is kept, as `secret-tool store` takes them.
fn attributes<'a>(host: &'a str, user: &'a str) -> HashMap<&'static str, &'a str> {
    HashMap::from([("service", "koshin-mail"), ("host", host), ("user", user)])
}

#[zbus::proxy(
    interface = "org.freedesktop.Secret.Service",
    default_service = "org.freedesktop.secrets",
    default_path = "/org/freedesktop/secrets",
    gen_blocking = false
)]
trait Secrets {
    fn open_session(
        &self,
        algorithm: &str,
        input: &Value<'_>,
    ) -> zbus::Result<(OwnedValue, OwnedObjectPath)>;

    fn search_items(
        &self,
        attributes: HashMap<&str, &str>,
    ) -> zbus::Result<(Vec<OwnedObjectPath>, Vec<OwnedObjectPath>)>;

    fn get_secrets(
        &self,
        items: &[ObjectPath<'_>],
        session: &ObjectPath<'_>,
    ) -> zbus::Result<HashMap<OwnedObjectPath, (OwnedObjectPath, Vec<u8>, Vec<u8>, String)>>;
}

/// The password for a user at a mail server. Nothing is unlocked for it: that would ask the
/// person for something at a moment that they did not choose.
pub(super) async fn look_up(host: &str, user: &str) -> Result<Zeroizing<String>, SecretError> {
    let absent = || SecretError::Absent {
        host: host.to_owned(),
        user: user.to_owned(),
    };
    let bus = Connection::session().await?;
    let secrets = SecretsProxy::builder(&bus)
        .cache_properties(CacheProperties::No)
        .build()
        .await?;
    // "plain": the bus is this user's own, and so is every program that could listen.
    let (_, session) = secrets.open_session("plain", &Value::from("")).await?;
    let (unlocked, _) = secrets.search_items(attributes(host, user)).await?;
    let item = unlocked.first().ok_or_else(absent)?;
    let found = secrets.get_secrets(&[item.as_ref()], &session).await?;
    let (_, (_, _, secret, _)) = found.into_iter().next().ok_or_else(absent)?;
    let secret = Zeroizing::new(secret);
    let text = str::from_utf8(&secret).map_err(|_| SecretError::NotText)?;
    Ok(Zeroizing::new(text.to_owned()))
}

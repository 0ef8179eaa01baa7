//! The `Authorization` header of a probe's request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use lgtm_client::{Auth, HttpClient, HttpSender};
use lgtm_settings::SecretSource;

/// The header's value, made anew for every probe: secrets in files are read, a token of OAuth 2 is asked for.
pub(crate) async fn authorization(client: &HttpClient) -> Result<Option<String>, String> {
    match &client.auth {
        Auth::None => Ok(None),
        Auth::Basic { username, password } => {
            let password = password.as_ref().map(load).transpose()?.unwrap_or_default();
            Ok(Some(format!("Basic {}", BASE64.encode(format!("{}:{password}", load(username)?)))))
        }
        Auth::Header { scheme, credentials } => {
            let credentials = credentials.as_ref().map(load).transpose()?.unwrap_or_default();
            Ok(Some(format!("{scheme} {credentials}")))
        }
        Auth::OAuth2(_) => {
            // Only the way to the token's issuer is this sender's; the target is asked by the probe itself.
            let sender = HttpSender::new(&HttpClient { auth: client.auth.clone(), ..HttpClient::default() })?;
            sender.authorization().await
        }
    }
}

/// A configured secret as it is now.
pub(crate) fn load(source: &SecretSource) -> Result<String, String> {
    source.load().map(|secret| secret.expose().to_owned()).map_err(|error| error.to_string())
}

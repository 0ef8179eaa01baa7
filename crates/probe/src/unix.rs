//! The probe of a Unix socket: connect, perhaps with TLS, and perhaps hold a conversation.

use crate::config::UnixProbe;
use crate::conversation::{self, Conversation, Secure};
use crate::run::Run;
use tokio::net::UnixStream;

pub(crate) async fn probe(run: &mut Run, probe: &UnixProbe) -> bool {
    conversation::begin(run);
    let stream = match run.deadline.cap(UnixStream::connect(&run.target)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            run.log.fail("this process may not connect to the socket", &[("error", &error)]);
            return false;
        }
        Ok(Err(error)) => {
            run.log.fail("cannot connect", &[("error", &error)]);
            return false;
        }
        Err(error) => {
            run.log.fail("cannot connect", &[("error", &error)]);
            return false;
        }
    };
    let name = probe.tls_config.server_name.clone();
    let mut conversation = Conversation::new(Box::new(stream), Secure { tls: &probe.tls_config, name });
    if probe.tls && !conversation.begin_tls(run).await {
        return false;
    }
    conversation.hold(run, &probe.steps).await
}

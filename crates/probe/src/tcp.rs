//! The TCP probe: connect, perhaps with TLS, and perhaps hold a conversation.

use crate::config::TcpProbe;
use crate::conversation::{self, Conversation, Secure};
use crate::dial::{connect, host_and_port};
use crate::resolve::resolve;
use crate::run::Run;
use crate::tls::expected_name;
use std::net::SocketAddr;

pub(crate) async fn probe(run: &mut Run, probe: &TcpProbe) -> bool {
    conversation::begin(run);
    let target = run.target.clone();
    let Some((host, port)) = host_and_port(&target) else {
        run.log.fail("the target is not of the form host:port", &[]);
        return false;
    };
    let (ip, _) = resolve(run, probe.ip, host).await;
    let connected = match ip {
        Ok(ip) => connect(run, SocketAddr::new(ip, port), probe.source_ip).await,
        Err(error) => Err(error),
    };
    let stream = match connected {
        Ok(stream) => stream,
        Err(error) => {
            run.log.fail("cannot connect", &[("error", &error)]);
            return false;
        }
    };
    run.log.note("Connected", &[("port", &port)]);
    let name = if run.hostname.is_empty() { host } else { &run.hostname };
    let name = expected_name(&probe.tls_config, name).to_owned();
    let secure = Secure { tls: &probe.tls_config, name };
    let mut conversation = Conversation::new(Box::new(stream), secure);
    if probe.tls && !conversation.begin_tls(run).await {
        return false;
    }
    conversation.hold(run, &probe.steps).await
}

//! The collectors, each under node-exporter's name for it.

mod cpu;
mod diskinfo;
mod diskstats;
mod entropy;
mod filefd;
mod filesystem;
mod loadavg;
mod meminfo;
mod netclass;
mod netdev;
mod netstat;
mod pressure;
mod sockstat;
mod stat;
mod time;
mod uname;
mod vmstat;

use crate::config::Roots;
use crate::read::CollectError;
use crate::sheet::Sheet;
use lgtm_model::TimestampNs;

/// What a collector sees of the world.
pub(crate) struct Context<'a> {
    pub roots: &'a Roots,
    pub now: TimestampNs,
}

type Collect = fn(&Context<'_>, &mut Sheet) -> Result<(), CollectError>;

/// All collectors, in the order in which they run.
pub(crate) const COLLECTORS: [(&str, Collect); 16] = [
    ("cpu", cpu::collect),
    ("diskstats", diskstats::collect),
    ("entropy", entropy::collect),
    ("filefd", filefd::collect),
    ("filesystem", filesystem::collect),
    ("loadavg", loadavg::collect),
    ("meminfo", meminfo::collect),
    ("netclass", netclass::collect),
    ("netdev", netdev::collect),
    ("netstat", netstat::collect),
    ("pressure", pressure::collect),
    ("sockstat", sockstat::collect),
    ("stat", stat::collect),
    ("time", time::collect),
    ("uname", uname::collect),
    ("vmstat", vmstat::collect),
];

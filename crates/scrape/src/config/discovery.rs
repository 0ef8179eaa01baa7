//! Where a job's targets come from.

use super::global::labels;
use lgtm_model::{Labels, NameRules};
use lgtm_settings::{Fields, Node, Problems, read_file};
use std::path::{Path, PathBuf};

/// Targets with labels in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    /// Host and port of each target.
    pub addresses: Vec<String>,
    /// Labels of all of them, `__meta_*` ones too.
    pub labels: Labels,
    /// Where the group stands, for logs.
    pub source: String,
}

/// `file_sd_configs`: files that list target groups, in YAML or JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiscovery {
    /// Paths; the last part may hold `*`.
    pub patterns: Vec<PathBuf>,
}

/// Kinds of discovery that Prometheus has and we do not (yet).
const UNSUPPORTED: [&str; 29] = [
    "aws_sd_configs",
    "azure_sd_configs",
    "consul_sd_configs",
    "digitalocean_sd_configs",
    "dns_sd_configs",
    "docker_sd_configs",
    "dockerswarm_sd_configs",
    "ec2_sd_configs",
    "eureka_sd_configs",
    "gce_sd_configs",
    "hetzner_sd_configs",
    "http_sd_configs",
    "ionos_sd_configs",
    "kubernetes_sd_configs",
    "kuma_sd_configs",
    "lightsail_sd_configs",
    "linode_sd_configs",
    "marathon_sd_configs",
    "nerve_sd_configs",
    "nomad_sd_configs",
    "oci_sd_configs",
    "openstack_sd_configs",
    "outscale_sd_configs",
    "ovhcloud_sd_configs",
    "puppetdb_sd_configs",
    "scaleway_sd_configs",
    "serverset_sd_configs",
    "stackit_sd_configs",
    "triton_sd_configs",
];

/// Reads the fields of a map that say where targets come from: `static_configs`, `file_sd_configs` and their like.
pub fn read(fields: &mut Fields<'_>, names: NameRules) -> (Vec<TargetGroup>, Vec<FileDiscovery>) {
    fields.accept(&UNSUPPORTED, "is not supported yet: it finds no targets");
    fields.accept(&["uyuni_sd_configs", "vultr_sd_configs"], "is not supported yet: it finds no targets");
    // Relabelling may still make an address of what is none yet.
    let is_final = !fields.has("relabel_configs");
    let groups = fields.or_default("static_configs", |node| read_list(node, "static_configs", names, is_final));
    let files = fields.or_default("file_sd_configs", |node| node.list(file_discovery));
    (groups, files)
}

fn read_list(node: Node<'_>, source: &str, names: NameRules, is_final: bool) -> Option<Vec<TargetGroup>> {
    node.list(|item| {
        if item.is_null() {
            item.problem(format!("empty or null section in {source}"));
            return None;
        }
        item.map(|fields| {
            let addresses = fields.or_default("targets", |node| node.list(|item| address(item, is_final)));
            let labels = fields.optional("labels", |node| labels(node, names)).unwrap_or_default();
            Some(TargetGroup { addresses, labels, source: source.to_owned() })
        })
    })
}

fn address(node: Node<'_>, is_final: bool) -> Option<String> {
    let address = node.non_empty_string()?;
    if is_final && address.contains('/') {
        node.problem(format!("{address:?} is not a valid hostname; leave out the scheme and the path"));
        return None;
    }
    Some(address)
}

fn file_discovery(node: Node<'_>) -> Option<FileDiscovery> {
    node.map(|fields| {
        // Files are looked at every few seconds whatever this says.
        fields.optional("refresh_interval", |node| node.duration_ms());
        let patterns = fields.required("files", |node| {
            node.list(|item| {
                let path = item.path()?;
                if !crate::discovery::is_legal_pattern(&path, false) {
                    item.problem(format!("path name {:?} is not valid for file discovery", path.display().to_string()));
                    return None;
                }
                Some(path)
            })
        });
        Some(FileDiscovery { patterns: patterns? })
    })
}

/// Reads a file of target groups. JSON is read as the YAML that it also is.
pub fn read_groups(path: &Path) -> Result<Vec<TargetGroup>, Problems> {
    let source = path.display().to_string();
    read_file(path, |root| read_list(root, &source, NameRules::Utf8, true)).map(|reading| reading.value)
}

//! Which resource attributes make up a log stream: few names with few values (Loki's default index labels and
//! `host.name`). Everything else about a record is an attribute of that record.

use super::name::label_name;
use super::proto::common::v1::KeyValue;
use super::value::{text_of, to_text};
use lgtm_model::{Labels, LabelsBuilder};

/// The label of records whose sender did not name its service, as Loki writes it.
const SERVICE_UNKNOWN: &str = "unknown_service";

/// Stream labels and the resource attributes they come from, both ways.
const STREAM_LABELS: [(&str, &str); 20] = [
    ("service.name", "service_name"),
    ("service.namespace", "service_namespace"),
    ("service.instance.id", "service_instance_id"),
    ("deployment.environment", "deployment_environment"),
    ("deployment.environment.name", "deployment_environment_name"),
    ("host.name", "host_name"),
    ("cloud.region", "cloud_region"),
    ("cloud.availability_zone", "cloud_availability_zone"),
    ("container.name", "container_name"),
    ("k8s.cluster.name", "k8s_cluster_name"),
    ("k8s.namespace.name", "k8s_namespace_name"),
    ("k8s.pod.name", "k8s_pod_name"),
    ("k8s.container.name", "k8s_container_name"),
    ("k8s.replicaset.name", "k8s_replicaset_name"),
    ("k8s.deployment.name", "k8s_deployment_name"),
    ("k8s.statefulset.name", "k8s_statefulset_name"),
    ("k8s.daemonset.name", "k8s_daemonset_name"),
    ("k8s.cronjob.name", "k8s_cronjob_name"),
    ("k8s.job.name", "k8s_job_name"),
    ("k8s.node.name", "k8s_node_name"),
];

/// The stream of a resource and the attributes that are left for its records.
pub(super) fn split_resource(attributes: &[KeyValue]) -> (Labels, LabelsBuilder) {
    let (mut stream, mut rest) = (LabelsBuilder::default(), LabelsBuilder::default());
    for pair in attributes {
        match STREAM_LABELS.iter().find(|(attribute, _)| *attribute == pair.key) {
            Some((_, label)) => drop(stream.set(*label, to_text(pair.value.as_ref()))),
            None => flatten(&mut rest, "", pair),
        }
    }
    if text_of(attributes, "service.name").is_none() {
        stream.set("service_name", SERVICE_UNKNOWN);
    }
    (stream.build(), rest)
}

/// All attributes as stream labels, unchanged but for the known names: what [`stream_attribute`] wrote.
pub(super) fn verbatim_stream(attributes: &[KeyValue]) -> Labels {
    let label = |pair: &KeyValue| {
        let known = STREAM_LABELS.iter().find(|(attribute, _)| *attribute == pair.key);
        (known.map_or(pair.key.as_str(), |(_, label)| label).to_owned(), to_text(pair.value.as_ref()))
    };
    Labels::from_pairs(attributes.iter().map(label))
}

/// The resource attribute that carries a stream label: the semantic convention's name where there is one.
pub(super) fn stream_attribute(label: &str) -> &str {
    STREAM_LABELS.iter().find(|(_, known)| *known == label).map_or(label, |(attribute, _)| attribute)
}

/// Sets the label of an attribute; a map gives one label an entry, named `outer_inner`.
pub(super) fn flatten(into: &mut LabelsBuilder, prefix: &str, pair: &KeyValue) {
    use super::proto::common::v1::any_value::Value;
    let Some(name) = label_name(&pair.key) else { return };
    let name = if prefix.is_empty() { name.into_owned() } else { format!("{prefix}_{name}") };
    match pair.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::KvlistValue(list)) => list.values.iter().for_each(|inner| flatten(into, &name, inner)),
        _ => drop(into.set(name, to_text(pair.value.as_ref()))),
    }
}

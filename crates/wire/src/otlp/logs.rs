//! OTLP log records to the model.
//!
//! 1. The resource gives the stream's labels ([`super::stream`]); its other attributes, the scope's name and version,
//!    and the record's own attributes become the record's, later ones winning over earlier ones of the same name.
//! 2. The time is the record's, else the time of observation, else the time of receipt.
//! 3. A body that is no text becomes its JSON.
//!
//! The time of observation, flags and dropped-attribute counts are not kept: they are new with every record and say
//! nothing that anyone looks for.

use super::VERBATIM_SCOPE;
use super::proto::collector::logs::v1::ExportLogsServiceRequest;
use super::proto::common::v1::InstrumentationScope;
use super::proto::logs::v1::LogRecord as ProtoRecord;
use super::stream::{flatten, split_resource, verbatim_stream};
use super::value::to_text;
use lgtm_model::{Labels, LabelsBuilder, LogRecord, Severity, SpanId, TimestampNs, TraceId};

/// Translates a request; `now` is the time of records that carry none. Every record can be translated.
pub fn log_records(request: ExportLogsServiceRequest, now: TimestampNs) -> Vec<LogRecord> {
    let mut records = Vec::new();
    for resource_logs in request.resource_logs {
        let resource = resource_logs.resource.unwrap_or_default().attributes;
        let (stream, inherited) = split_resource(&resource);
        for scope_logs in resource_logs.scope_logs {
            let scope = scope_logs.scope.unwrap_or_default();
            if scope.name == VERBATIM_SCOPE {
                let stream = verbatim_stream(&resource);
                records.extend(scope_logs.log_records.into_iter().map(|record| verbatim(record, &stream)));
                continue;
            }
            let inherited = with_scope(inherited.clone(), &scope);
            records
                .extend(scope_logs.log_records.into_iter().map(|record| translated(record, &stream, &inherited, now)));
        }
    }
    records
}

fn with_scope(mut attributes: LabelsBuilder, scope: &InstrumentationScope) -> LabelsBuilder {
    for pair in &scope.attributes {
        flatten(&mut attributes, "", pair);
    }
    // Empty texts remove a label, which an unnamed scope must not do.
    for (name, value) in [("scope_name", &scope.name), ("scope_version", &scope.version)] {
        if !value.is_empty() {
            attributes.set(name, value.as_str());
        }
    }
    attributes
}

fn translated(record: ProtoRecord, stream: &Labels, inherited: &LabelsBuilder, now: TimestampNs) -> LogRecord {
    let time = [record.time_unix_nano, record.observed_time_unix_nano].into_iter().find(|time| *time != 0);
    let timestamp = time.and_then(|time| i64::try_from(time).ok()).map_or(now, TimestampNs);
    let mut attributes = inherited.clone();
    for pair in &record.attributes {
        flatten(&mut attributes, "", pair);
    }
    for (name, value) in [("severity_text", &record.severity_text), ("event_name", &record.event_name)] {
        if !value.is_empty() {
            attributes.set(name, value.as_str());
        }
    }
    sealed(record, stream, timestamp, attributes.build())
}

fn verbatim(record: ProtoRecord, stream: &Labels) -> LogRecord {
    let pairs = record.attributes.iter().map(|pair| (pair.key.clone(), to_text(pair.value.as_ref())));
    let attributes = Labels::from_pairs(pairs);
    let timestamp = TimestampNs(record.time_unix_nano.cast_signed());
    sealed(record, stream, timestamp, attributes)
}

fn sealed(record: ProtoRecord, stream: &Labels, timestamp: TimestampNs, attributes: Labels) -> LogRecord {
    LogRecord {
        stream: stream.clone(),
        timestamp,
        severity: Severity(u8::try_from(record.severity_number).ok().filter(|number| *number <= 24).unwrap_or(0)),
        body: to_text(record.body.as_ref()),
        trace_id: TraceId::from_bytes(&record.trace_id),
        span_id: SpanId::from_bytes(&record.span_id),
        attributes,
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::text_pair;
    use super::*;
    use crate::otlp::proto::common::v1::{AnyValue, KeyValueList, any_value::Value};
    use crate::otlp::proto::logs::v1::{ResourceLogs, ScopeLogs};
    use crate::otlp::proto::resource::v1::Resource;

    fn translate(resource: &[(&str, &str)], record: ProtoRecord) -> LogRecord {
        let attributes = resource.iter().map(|(key, value)| text_pair(key, value)).collect();
        let scope = InstrumentationScope { name: "shop".to_owned(), ..InstrumentationScope::default() };
        let scope_logs = ScopeLogs { scope: Some(scope), log_records: vec![record], ..ScopeLogs::default() };
        let resource = Resource { attributes, ..Resource::default() };
        let logs = ResourceLogs { resource: Some(resource), scope_logs: vec![scope_logs], ..ResourceLogs::default() };
        log_records(ExportLogsServiceRequest { resource_logs: vec![logs] }, TimestampNs(99)).remove(0)
    }

    #[test]
    fn few_resource_attributes_make_the_stream_and_the_rest_goes_with_the_record() {
        let resource = [("service.name", "checkout"), ("k8s.pod.name", "c-1"), ("process.pid", "7")];
        let record = ProtoRecord { attributes: vec![text_pair("http.route", "/api")], ..ProtoRecord::default() };
        let record = translate(&resource, record);
        assert_eq!(record.stream.to_string(), r#"{k8s_pod_name="c-1", service_name="checkout"}"#);
        assert_eq!(record.attributes.to_string(), r#"{http_route="/api", process_pid="7", scope_name="shop"}"#);
    }

    #[test]
    fn a_service_without_name_is_unknown() {
        assert_eq!(translate(&[], ProtoRecord::default()).stream.get("service_name"), Some("unknown_service"));
    }

    #[test]
    fn time_falls_back_to_observation_then_to_receipt() {
        let at = |time, observed| {
            let record =
                ProtoRecord { time_unix_nano: time, observed_time_unix_nano: observed, ..ProtoRecord::default() };
            translate(&[], record).timestamp
        };
        assert_eq!((at(1, 2), at(0, 2), at(0, 0)), (TimestampNs(1), TimestampNs(2), TimestampNs(99)));
    }

    #[test]
    fn maps_are_flattened_in_attributes_and_json_in_the_body() {
        let map = || AnyValue { value: Some(Value::KvlistValue(KeyValueList { values: vec![text_pair("b.c", "x")] })) };
        let mut pair = text_pair("a", "");
        pair.value = Some(map());
        let record = ProtoRecord { attributes: vec![pair], body: Some(map()), ..ProtoRecord::default() };
        let record = translate(&[], record);
        assert_eq!(record.attributes.get("a_b_c"), Some("x"));
        assert_eq!(record.body, r#"{"b.c":"x"}"#);
    }
}

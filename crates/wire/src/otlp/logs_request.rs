//! Log records back to OTLP, so that [`super::log_records`] yields the very same records.

use super::VERBATIM_SCOPE;
use super::proto::collector::logs::v1::ExportLogsServiceRequest;
use super::proto::common::v1::{AnyValue, InstrumentationScope, any_value::Value};
use super::proto::logs::v1::{LogRecord as ProtoRecord, ResourceLogs, ScopeLogs};
use super::proto::resource::v1::Resource;
use super::stream::stream_attribute;
use super::value::text_pair;
use lgtm_model::{Labels, LogRecord};
use std::collections::HashMap;

/// A request that holds all records, one resource a stream, in the order in which the streams first appear.
pub fn logs_request(records: &[LogRecord]) -> ExportLogsServiceRequest {
    let mut places: HashMap<&Labels, usize> = HashMap::new();
    let mut resource_logs: Vec<ResourceLogs> = Vec::new();
    for record in records {
        let place = *places.entry(&record.stream).or_insert_with(|| {
            resource_logs.push(resource_of(&record.stream));
            resource_logs.len() - 1
        });
        resource_logs[place].scope_logs[0].log_records.push(record_of(record));
    }
    ExportLogsServiceRequest { resource_logs }
}

fn resource_of(stream: &Labels) -> ResourceLogs {
    let attributes = stream.iter().map(|(name, value)| text_pair(stream_attribute(name), value)).collect();
    let scope = InstrumentationScope { name: VERBATIM_SCOPE.to_owned(), ..InstrumentationScope::default() };
    ResourceLogs {
        resource: Some(Resource { attributes, ..Resource::default() }),
        scope_logs: vec![ScopeLogs { scope: Some(scope), ..ScopeLogs::default() }],
        ..ResourceLogs::default()
    }
}

fn record_of(record: &LogRecord) -> ProtoRecord {
    ProtoRecord {
        time_unix_nano: record.timestamp.0.cast_unsigned(),
        severity_number: i32::from(record.severity.0),
        // Kept under its attribute name as well, since that is what comes back; here it is for other programs.
        severity_text: record.attributes.get("severity_text").unwrap_or_default().to_owned(),
        body: Some(AnyValue { value: Some(Value::StringValue(record.body.clone())) }),
        attributes: record.attributes.iter().map(|(name, value)| text_pair(name, value)).collect(),
        trace_id: record.trace_id.map(|id| id.0.to_vec()).unwrap_or_default(),
        span_id: record.span_id.map(|id| id.0.to_vec()).unwrap_or_default(),
        ..ProtoRecord::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::log_records;
    use super::*;
    use lgtm_model::{Severity, SpanId, TimestampNs, TraceId};
    use proptest::prelude::*;

    fn labels() -> impl Strategy<Value = Labels> {
        let name = prop_oneof![
            "[a-z_][a-z0-9_]{0,8}",
            Just("service_name".to_owned()),
            Just("k8s_pod_name".to_owned()),
            Just("severity_text".to_owned())
        ];
        proptest::collection::vec((name, ".{0,6}"), 0..5).prop_map(Labels::from_pairs)
    }

    fn record() -> impl Strategy<Value = LogRecord> {
        let ids = proptest::option::of((any::<[u8; 16]>(), any::<[u8; 8]>()));
        (labels(), any::<i64>(), 0..=24_u8, ".{0,20}", ids, labels()).prop_map(
            |(stream, time, severity, body, ids, attributes)| LogRecord {
                stream,
                timestamp: TimestampNs(time),
                severity: Severity(severity),
                body,
                trace_id: ids.and_then(|(trace, _)| TraceId::from_bytes(&trace)),
                span_id: ids.and_then(|(_, span)| SpanId::from_bytes(&span)),
                attributes,
            },
        )
    }

    proptest! {
        #[test]
        fn every_record_comes_back_unchanged(records in proptest::collection::vec(record(), 0..12)) {
            let mut expected = Vec::new();
            for record in &records {
                let first = records.iter().position(|other| other.stream == record.stream);
                expected.push((first, record.clone()));
            }
            expected.sort_by_key(|(first, _)| *first);
            let expected: Vec<LogRecord> = expected.into_iter().map(|(_, record)| record).collect();
            prop_assert_eq!(log_records(logs_request(&records), TimestampNs(1)), expected);
        }
    }
}

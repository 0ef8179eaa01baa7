//! OTLP/gRPC: the three export services, gzip accepted.

use crate::intake::Accepts;
use crate::{Intake, Refusal};
use lgtm_wire::otlp::proto::collector::logs::v1::logs_service_server::{LogsService, LogsServiceServer};
use lgtm_wire::otlp::proto::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use lgtm_wire::otlp::proto::collector::metrics::v1::metrics_service_server::{MetricsService, MetricsServiceServer};
use lgtm_wire::otlp::proto::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use lgtm_wire::otlp::proto::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use lgtm_wire::otlp::proto::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use prost::Message;
use tonic::codec::CompressionEncoding::Gzip;
use tonic::service::Routes;
use tonic::{Code, Request, Response, Status};

/// The three OTLP services, to be served by tonic or merged into another gRPC server.
pub fn otlp_grpc(intake: Intake) -> Routes {
    let limit_bytes = intake.request_bytes_max;
    let service = Service { intake };
    let logs = LogsServiceServer::new(service.clone());
    let traces = TraceServiceServer::new(service.clone());
    let metrics = MetricsServiceServer::new(service);
    Routes::new(logs.accept_compressed(Gzip).send_compressed(Gzip).max_decoding_message_size(limit_bytes))
        .add_service(traces.accept_compressed(Gzip).send_compressed(Gzip).max_decoding_message_size(limit_bytes))
        .add_service(metrics.accept_compressed(Gzip).send_compressed(Gzip).max_decoding_message_size(limit_bytes))
}

#[derive(Clone)]
struct Service {
    intake: Intake,
}

impl Service {
    async fn export<T: Accepts>(&self, request: Request<T>) -> Result<Response<T::Response>, Status> {
        let request = request.into_inner();
        let bytes = request.encoded_len();
        let result = request.accept(&self.intake, bytes).await;
        self.intake.count(T::SIGNAL, &result);
        result.map(Response::new).map_err(|refusal| status_of(&refusal))
    }
}

fn status_of(refusal: &Refusal) -> Status {
    let status = refusal.rpc_status();
    let (code, message) = (Code::from(status.code), status.message.clone());
    if status.details.is_empty() {
        return Status::new(code, message);
    }
    Status::with_details(code, message, status.encode_to_vec().into())
}

#[tonic::async_trait]
impl LogsService for Service {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        self.export(request).await
    }
}

#[tonic::async_trait]
impl TraceService for Service {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.export(request).await
    }
}

#[tonic::async_trait]
impl MetricsService for Service {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.export(request).await
    }
}

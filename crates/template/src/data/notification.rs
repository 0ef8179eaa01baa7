//! What the templates of notifications see.

use crate::value::{Kv, List, Member, Object, Shape, Time, Value, no_args};
use std::sync::Arc;

const FIRING: &str = "firing";
const RESOLVED: &str = "resolved";

/// The data of one notification: `.Receiver`, `.Status`, `.Alerts`, `.GroupLabels`, `.CommonLabels`,
/// `.CommonAnnotations`, `.RouteLabels`, `.ExternalURL`, `.NotificationReason`.
#[derive(Clone, Debug, Default)]
pub struct NotificationData {
    /// The receiver's name.
    pub receiver: Arc<str>,
    /// `firing` while any alert fires, else `resolved`.
    pub status: Arc<str>,
    /// The alerts of the group.
    pub alerts: Arc<[Arc<AlertData>]>,
    /// Why this is sent: `first notification`, …
    pub notification_reason: Arc<str>,
    /// The labels that the group was made by.
    pub group_labels: Kv,
    /// The labels that all alerts share.
    pub common_labels: Kv,
    /// The annotations that all alerts share.
    pub common_annotations: Kv,
    /// The labels of the route; each is a template that `routeLabels` renders.
    pub route_labels: Kv,
    /// The notifier's address as users reach it.
    pub external_url: Arc<str>,
}

/// One alert in a notification.
#[derive(Clone, Debug, Default)]
pub struct AlertData {
    /// `firing` or `resolved`.
    pub status: Arc<str>,
    /// Its labels.
    pub labels: Kv,
    /// Its annotations.
    pub annotations: Kv,
    /// When it began.
    pub starts_at: Time,
    /// When it ended; [`Time::zero`] while it lasts.
    pub ends_at: Time,
    /// Where its cause can be looked at.
    pub generator_url: Arc<str>,
    /// The hash of its labels, in hexadecimal.
    pub fingerprint: Arc<str>,
}

impl NotificationData {
    /// Fills in what follows from the alerts: the status and the common labels and annotations.
    pub fn with_alerts(mut self, alerts: Vec<AlertData>) -> Self {
        let firing = alerts.iter().any(|alert| alert.status.as_ref() == FIRING);
        self.status = if firing { FIRING } else { RESOLVED }.into();
        self.common_labels = common(alerts.iter().map(|alert| &alert.labels));
        self.common_annotations = common(alerts.iter().map(|alert| &alert.annotations));
        self.alerts = alerts.into_iter().map(Arc::new).collect();
        self
    }
}

/// The pairs that all sets have.
fn common<'a>(mut sets: impl Iterator<Item = &'a Kv> + Clone) -> Kv {
    let Some(first) = sets.next() else { return Kv::default() };
    let shared = first.iter().filter(|(name, text)| sets.clone().all(|set| set.get(name) == Some(text)));
    Kv::new(shared.map(|(name, text)| (name.clone(), text)))
}

impl From<NotificationData> for Value {
    fn from(data: NotificationData) -> Self {
        Self::object(data)
    }
}

impl Object for NotificationData {
    fn type_name(&self) -> &str {
        "*template.Data"
    }

    fn members(&self) -> Vec<Member> {
        let member = |name, json, value| Member { name, json, value };
        vec![
            member("Receiver", "receiver", self.receiver.clone().into()),
            member("Status", "status", self.status.clone().into()),
            member("Alerts", "alerts", Value::object(Alerts(self.alerts.clone()))),
            member("NotificationReason", "notification_reason", self.notification_reason.clone().into()),
            member("GroupLabels", "groupLabels", self.group_labels.clone().into()),
            member("CommonLabels", "commonLabels", self.common_labels.clone().into()),
            member("CommonAnnotations", "commonAnnotations", self.common_annotations.clone().into()),
            member("RouteLabels", "routeLabels", self.route_labels.clone().into()),
            member("ExternalURL", "externalURL", self.external_url.clone().into()),
        ]
    }

    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "Receiver" => self.receiver.clone().into(),
            "Status" => self.status.clone().into(),
            "Alerts" => Value::object(Alerts(self.alerts.clone())),
            "NotificationReason" => self.notification_reason.clone().into(),
            "GroupLabels" => self.group_labels.clone().into(),
            "CommonLabels" => self.common_labels.clone().into(),
            "CommonAnnotations" => self.common_annotations.clone().into(),
            "RouteLabels" => self.route_labels.clone().into(),
            "ExternalURL" => self.external_url.clone().into(),
            _ => return None,
        })
    }
}

impl Object for AlertData {
    fn type_name(&self) -> &str {
        "template.Alert"
    }

    fn members(&self) -> Vec<Member> {
        let member = |name, json, value| Member { name, json, value };
        vec![
            member("Status", "status", self.status.clone().into()),
            member("Labels", "labels", self.labels.clone().into()),
            member("Annotations", "annotations", self.annotations.clone().into()),
            member("StartsAt", "startsAt", self.starts_at.clone().into()),
            member("EndsAt", "endsAt", self.ends_at.clone().into()),
            member("GeneratorURL", "generatorURL", self.generator_url.clone().into()),
            member("Fingerprint", "fingerprint", self.fingerprint.clone().into()),
        ]
    }

    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "Status" => self.status.clone().into(),
            "Labels" => self.labels.clone().into(),
            "Annotations" => self.annotations.clone().into(),
            "StartsAt" => self.starts_at.clone().into(),
            "EndsAt" => self.ends_at.clone().into(),
            "GeneratorURL" => self.generator_url.clone().into(),
            "Fingerprint" => self.fingerprint.clone().into(),
            _ => return None,
        })
    }
}

/// Alerts in order, with `.Firing` and `.Resolved`.
#[derive(Clone, Debug)]
struct Alerts(Arc<[Arc<AlertData>]>);

impl Alerts {
    fn with_status(&self, status: &str) -> Value {
        Value::object(Self(self.0.iter().filter(|alert| alert.status.as_ref() == status).cloned().collect()))
    }
}

impl Object for Alerts {
    fn type_name(&self) -> &str {
        "template.Alerts"
    }

    fn call(&self, method: &str, args: &[Value]) -> Option<Result<Value, String>> {
        let status = match method {
            "Firing" => FIRING,
            "Resolved" => RESOLVED,
            _ => return None,
        };
        Some(no_args(method, args).map(|()| self.with_status(status)))
    }

    fn shape(&self) -> Shape {
        Shape::List(List::new(self.0.iter().map(|alert| Value::Object(alert.clone())).collect()))
    }
}

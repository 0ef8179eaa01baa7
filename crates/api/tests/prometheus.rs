//! Prometheus' API: against upstream's table of requests and answers, and with promtool as the client.

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use lgtm_api::prometheus::{
    ActiveTarget, DroppedTarget, PrometheusDeps, PrometheusLimits, TargetHealth, TargetsSource, router,
};
use lgtm_model::{Labels, Matcher, Metadata, MetricType, TimestampMs};
use lgtm_promql::{Engine, Select, SeriesColumns, SeriesPoint, Source, SourceError, parse_series_description};
use lgtm_runtime::SystemClock;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tower::ServiceExt;

/// All series in memory.
struct Memory(Vec<SeriesColumns>);

impl Memory {
    /// Series from `load` lines, a point a minute.
    fn load(script: &str) -> Self {
        let mut series: Vec<SeriesColumns> = script
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with("load"))
            .map(|line| {
                let described = parse_series_description(line).unwrap();
                let values: Vec<f64> = described
                    .points
                    .iter()
                    .map(|point| match point {
                        SeriesPoint::Float(value) => *value,
                        other => panic!("{other:?}"),
                    })
                    .collect();
                let timestamps_ms = (0..values.len() as i64).map(|step| step * 60_000).collect();
                SeriesColumns { labels: described.labels, timestamps_ms, values }
            })
            .collect();
        series.sort_by(|a, b| a.labels.cmp(&b.labels));
        Self(series)
    }

    fn matching<'a>(
        &'a self,
        any_of: &'a [Vec<Matcher>],
        range: (TimestampMs, TimestampMs),
    ) -> impl Iterator<Item = &'a SeriesColumns> {
        self.0.iter().filter(move |series| {
            let selected = any_of.is_empty() || any_of.iter().any(|set| matches(set, &series.labels));
            selected && series.timestamps_ms.iter().any(|time| (range.0.0..=range.1.0).contains(time))
        })
    }
}

fn matches(matchers: &[Matcher], labels: &Labels) -> bool {
    matchers.iter().all(|matcher| matcher.matches(labels.get(matcher.name()).unwrap_or("")))
}

#[async_trait]
impl Source for Memory {
    async fn select(&self, request: &Select) -> Result<Vec<SeriesColumns>, SourceError> {
        let inside = |time: &i64| (request.start.0..=request.end.0).contains(time);
        let cut = |series: &SeriesColumns| {
            let kept: Vec<usize> =
                (0..series.values.len()).filter(|index| inside(&series.timestamps_ms[*index])).collect();
            SeriesColumns {
                labels: series.labels.clone(),
                timestamps_ms: kept.iter().map(|index| series.timestamps_ms[*index]).collect(),
                values: kept.iter().map(|index| series.values[*index]).collect(),
            }
        };
        let selected = self.0.iter().filter(|series| matches(&request.matchers, &series.labels)).map(cut);
        Ok(selected.filter(|series| !series.values.is_empty()).collect())
    }

    async fn series(
        &self,
        any_of: &[Vec<Matcher>],
        range: (TimestampMs, TimestampMs),
        limit: usize,
    ) -> Result<Vec<Labels>, SourceError> {
        Ok(self.matching(any_of, range).map(|series| series.labels.clone()).take(limit).collect())
    }

    async fn label_names(
        &self,
        any_of: &[Vec<Matcher>],
        range: (TimestampMs, TimestampMs),
    ) -> Result<Vec<String>, SourceError> {
        let names: BTreeSet<String> = self
            .matching(any_of, range)
            .flat_map(|series| series.labels.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>())
            .collect();
        Ok(names.into_iter().collect())
    }

    async fn label_values(
        &self,
        name: &str,
        any_of: &[Vec<Matcher>],
        range: (TimestampMs, TimestampMs),
    ) -> Result<Vec<String>, SourceError> {
        let values: BTreeSet<String> =
            self.matching(any_of, range).filter_map(|series| series.labels.get(name).map(str::to_owned)).collect();
        Ok(values.into_iter().collect())
    }

    async fn metadata(&self, name: Option<&str>) -> Result<Vec<(String, Metadata)>, SourceError> {
        let entry = |family: &str, metric_type| {
            (family.to_owned(), Metadata { metric_type, help: format!("About {family}."), unit: String::new() })
        };
        let all =
            [entry("go_info", MetricType::Gauge), entry("go_info", MetricType::Info), entry("up", MetricType::Gauge)];
        Ok(all.into_iter().filter(|(family, _)| name.is_none_or(|name| name == family)).collect())
    }
}

struct Targets;

impl TargetsSource for Targets {
    fn active(&self) -> Vec<ActiveTarget> {
        let labels = Labels::from_pairs([("instance", "shop:8080"), ("job", "shop")]);
        vec![ActiveTarget {
            labels,
            pool: "shop".to_owned(),
            health: TargetHealth::Up,
            last_scrape: Some(TimestampMs(1_500)),
            scrape_interval_ms: 15_000,
            ..ActiveTarget::default()
        }]
    }

    fn dropped(&self) -> Vec<DroppedTarget> {
        vec![DroppedTarget { pool: "shop".to_owned(), ..DroppedTarget::default() }]
    }

    fn dropped_counts(&self) -> BTreeMap<String, usize> {
        BTreeMap::from([("shop".to_owned(), 1)])
    }
}

fn surface(script: &str) -> Router {
    router(PrometheusDeps {
        source: Arc::new(Memory::load(script)),
        engine: Engine::default(),
        clock: SystemClock::shared(),
        targets: Arc::new(Targets),
        limits: PrometheusLimits::default(),
    })
}

async fn send(router: &Router, request: Request<Body>) -> (u16, Value) {
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 10 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_else(|_| String::from_utf8_lossy(&body).into()))
}

async fn get(router: &Router, uri: &str) -> (u16, Value) {
    send(router, Request::get(uri).body(Body::empty()).unwrap()).await
}

fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

const SCRIPT: &str = "x{a=\"1\"} 0+10x10\nx{a=\"2\"} 1x10";

#[tokio::test]
async fn queries_come_by_url_and_by_form() {
    let router = surface(SCRIPT);
    let (status, by_url) = get(&router, &format!("/api/v1/query?query={}&time=60", encode("x{a=\"1\"}"))).await;
    assert_eq!(status, 200);
    let want = serde_json::json!({
        "status": "success",
        "data": {
            "resultType": "vector",
            "result": [{"metric": {"__name__": "x", "a": "1"}, "value": [60, "10"]}],
        },
    });
    assert_eq!(by_url, want);
    let form = Request::post("/api/v1/query")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("time=60&query={}", encode("x{a=\"1\"}"))))
        .unwrap();
    assert_eq!(send(&router, form).await, (200, want));
}

#[tokio::test]
async fn a_query_that_does_not_parse_shows_the_place() {
    let (status, body) = get(&surface(""), &format!("/api/v1/query?query={}", encode("up{job=“node”}"))).await;
    assert_eq!((status, body["errorType"].as_str()), (400, Some("bad_data")));
    let message = "invalid parameter \"query\": 1:8: parse error: unexpected character inside braces: '“'";
    assert_eq!(body["error"], message);
    let problem = &body["diagnostics"]["problems"][0];
    assert_eq!((problem["start"].as_u64(), problem["column"].as_u64()), (Some(7), Some(8)));
    assert!(body["diagnostics"]["rendered"].as_str().unwrap().contains("\n  |        ^ type the straight ASCII quote"));
}

#[tokio::test]
async fn ranges_are_bounded() {
    let router = surface(SCRIPT);
    let (status, body) = get(&router, "/api/v1/query_range?query=x&start=0&end=20000&step=1").await;
    assert_eq!(status, 400);
    assert!(body["error"].as_str().unwrap().starts_with("exceeded maximum resolution of 11,000 points"));
    let (status, body) = get(&router, "/api/v1/query_range?query=sum(x)&start=0&end=120&step=60s&stats=all").await;
    assert_eq!(status, 200);
    assert_eq!(body["data"]["result"][0]["values"], serde_json::json!([[0, "1"], [60, "11"], [120, "21"]]));
    assert!(body["data"]["stats"]["samples"]["totalQueryableSamples"].as_u64() > Some(0));
}

#[tokio::test]
async fn errors_of_data_are_unprocessable() {
    let query = encode("x + on () x");
    let (status, body) = get(&surface(SCRIPT), &format!("/api/v1/query?query={query}&time=0")).await;
    assert_eq!((status, body["errorType"].as_str()), (422, Some("execution")));
}

#[tokio::test]
async fn targets_and_metadata_are_listed() {
    let router = surface("");
    let (_, targets) = get(&router, "/api/v1/targets?state=active").await;
    let target = &targets["data"]["activeTargets"][0];
    assert_eq!((target["health"].as_str(), target["scrapeInterval"].as_str()), (Some("up"), Some("15s")));
    assert_eq!(target["lastScrape"], "1970-01-01T00:00:01.5Z");
    assert_eq!(targets["data"]["droppedTargets"], serde_json::json!([]));
    let (_, metadata) = get(&router, "/api/v1/metadata?limit_per_metric=1").await;
    let want = serde_json::json!([{"type": "gauge", "help": "About go_info.", "unit": ""}]);
    assert_eq!(metadata["data"]["go_info"], want);
    assert_eq!(get(&router, "/api/v1/metadata?limit=many").await.0, 400);
    assert_eq!(get(&router, "/api/v1/status/buildinfo").await.0, 200);
    assert_eq!(get(&router, "/api/v1/format_query?query=foo%2Bbar").await.1["data"], "foo + bar");
}

/// The path and the parameters of a case of upstream's table, or nothing if it asks for something else.
fn uri(case: &Value) -> Option<String> {
    let name = case["params"]["name"].as_str();
    let path = match case["endpoint"].as_str()? {
        "api.query" => "query".to_owned(),
        "api.queryRange" => "query_range".to_owned(),
        "api.series" => "series".to_owned(),
        "api.formatQuery" => "format_query".to_owned(),
        "api.labelNames" => "labels".to_owned(),
        "api.labelValues" => format!("label/{}/values", encode(name.unwrap_or("\u{fffd}"))),
        _ => return None,
    };
    let mut pairs = Vec::new();
    for (key, values) in case["query"].as_object().into_iter().flatten().filter(|(key, _)| *key != "$type") {
        for value in values.as_array()? {
            pairs.push(format!("{}={}", encode(key), encode(value.as_str()?)));
        }
    }
    Some(format!("/api/v1/{path}?{}", pairs.join("&")))
}

/// What the table says of the data, where it says it plainly.
fn expected(case: &Value) -> Option<Value> {
    if let Some(text) = case["responseAsJSON"].as_str() {
        return serde_json::from_str(text).ok();
    }
    let response = &case["response"];
    (response.is_string() || (response.is_array() && !response.to_string().contains('$'))).then(|| response.clone())
}

fn differs(case: &Value, status: u16, body: &Value) -> Option<String> {
    let wanted_error = case["errType"]["str"].as_str();
    if wanted_error.is_some() || status != 200 {
        return (body["errorType"].as_str() != wanted_error).then(|| format!("got {body}, want {wanted_error:?}"));
    }
    if let Some(want) = expected(case)
        && body["data"] != want
    {
        return Some(format!("got {}, want {want}", body["data"]));
    }
    let length = |key: &str| case[key].as_u64().map(|length| length as usize);
    let got = (body["data"].as_array().map_or(0, Vec::len), body["warnings"].as_array().map_or(0, Vec::len));
    let wrong = length("responseLen").is_some_and(|want| want != got.0)
        || length("warningsCount").is_some_and(|want| want != got.1);
    wrong.then(|| format!("got lengths {got:?} in {body}"))
}

#[tokio::test]
async fn upstreams_requests_get_upstreams_answers() {
    let Ok(root) = std::env::var("LGTM_CONFORMANCE") else {
        eprintln!("SKIPPED: api/prometheus/endpoints.json (LGTM_CONFORMANCE is not set)");
        return;
    };
    let text = std::fs::read_to_string(format!("{root}/api/prometheus/endpoints.json")).unwrap();
    let table: Value = serde_json::from_str(&text).unwrap();
    let router = surface(table["load_script"].as_str().unwrap());
    let (mut asked, mut excluded, mut failures) = (0, BTreeMap::new(), Vec::new());
    for case in table["cases"].as_array().unwrap() {
        let Some(uri) = uri(case) else {
            *excluded.entry(case["endpoint"].as_str().unwrap_or_default().to_owned()).or_insert(0) += 1;
            continue;
        };
        asked += 1;
        let (status, body) = get(&router, &uri).await;
        if let Some(difference) = differs(case, status, &body) {
            failures.push(format!("{}: {difference}", case["query"]));
        }
    }
    println!("EXCLUDED: {excluded:?} (they need upstream's mocks)");
    println!("endpoints.json: {} of {asked} agree", asked - failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[tokio::test]
async fn promtool_reads_it() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let ask = move |flags: &[&str], query: Option<&str>| {
        std::process::Command::new("promtool").arg("query").args(flags).arg(&url).args(query).output()
    };
    let client = tokio::task::spawn_blocking(move || {
        let Ok(instant) = ask(&["instant", "--time=60"], Some("x")) else {
            eprintln!("SKIPPED: promtool as a client (it is not installed)");
            return;
        };
        let text = String::from_utf8(instant.stdout).unwrap();
        assert!(text.contains("x{a=\"1\"} => 10 @[60"), "{text}{}", String::from_utf8_lossy(&instant.stderr));
        let range = ask(&["range", "--start=0", "--end=120", "--step=60s"], Some("sum(x)")).unwrap();
        let text = String::from_utf8(range.stdout).unwrap();
        assert!(text.contains("11 @[60"), "{text}{}", String::from_utf8_lossy(&range.stderr));
        let series = ask(&["series", "--match=x{a='2'}", "--start=0", "--end=120"], None).unwrap();
        let text = String::from_utf8(series.stdout).unwrap();
        assert_eq!(text.trim(), "{__name__=\"x\", a=\"2\"}", "{}", String::from_utf8_lossy(&series.stderr));
        let wrong = ask(&["instant"], Some("x{a=“1”}")).unwrap();
        assert!(String::from_utf8_lossy(&wrong.stderr).contains("1:5: parse error"), "{wrong:?}");
    });
    let server = axum::serve(listener, surface(SCRIPT));
    tokio::select! {
        stopped = server => panic!("the server stopped: {stopped:?}"),
        client = client => client.unwrap(),
    }
}

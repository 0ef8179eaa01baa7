//! The Pushgateway over real sockets: its API, its limits, and what survives an end without warning.

use flate2::Compression;
use flate2::write::GzEncoder;
use lgtm_receive::ListenAddress;
use lgtm_receive::pushgateway::{Config, Deps, Grouping, Handle, start};
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{ShutdownTrigger, SystemClock};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

struct Running {
    handle: Handle,
    trigger: ShutdownTrigger,
    http: reqwest::Client,
}

impl Running {
    async fn start(config: Config) -> Self {
        let deps = Deps { clock: SystemClock::shared(), registry: Registry::default() };
        let (trigger, shutdown) = ShutdownTrigger::new();
        let handle = start(config, deps, shutdown).await.unwrap();
        Self { handle, trigger, http: reqwest::Client::new() }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.handle.address)
    }

    async fn send(&self, method: &str, path: &str, body: impl Into<reqwest::Body>) -> (u16, String) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let response = self.http.request(method, self.url(path)).body(body).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// What is exposed of the pushed metrics, without the times.
    async fn pushed(&self) -> Vec<String> {
        let (status, text) = self.send("GET", "/metrics", "").await;
        assert_eq!(status, 200);
        let is_pushed =
            |line: &&str| !line.starts_with('#') && !line.starts_with("push_") && !line.starts_with("pushgateway_");
        text.lines().filter(is_pushed).map(str::to_owned).collect()
    }

    async fn stop(self) {
        self.trigger.fire();
        assert_eq!(self.handle.drain(&SystemClock::shared(), Duration::from_secs(5)).await, 0);
    }
}

fn config(folder: &Path) -> Config {
    Config { listen: ListenAddress::loopback(0, "pushgateway.listen"), ..Config::in_folder(folder) }
}

#[tokio::test]
async fn put_replaces_post_adds_delete_deletes() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Running::start(config(folder.path())).await;
    assert_eq!(gateway.send("PUT", "/metrics/job/a/b/c", "x 1\ny{b=\"mine\"} 2\n").await.0, 200);
    assert_eq!(gateway.pushed().await, [r#"x{b="c",instance="",job="a"} 1"#, r#"y{b="c",instance="",job="a"} 2"#]);
    assert_eq!(gateway.send("POST", "/metrics/job/a/b/c", "x 3\nz{instance=\"i\"} 4\n").await.0, 200);
    let all = [
        r#"x{b="c",instance="",job="a"} 3"#,
        r#"y{b="c",instance="",job="a"} 2"#,
        r#"z{b="c",instance="i",job="a"} 4"#,
    ];
    assert_eq!(gateway.pushed().await, all);
    // The group of the job alone is another one.
    assert_eq!(gateway.send("DELETE", "/metrics/job/a", "").await.0, 202);
    assert_eq!(gateway.pushed().await, all);
    assert_eq!(gateway.send("PUT", "/metrics/job/a/b/c", "w 5\n").await.0, 200);
    assert_eq!(gateway.pushed().await, [r#"w{b="c",instance="",job="a"} 5"#]);
    assert_eq!(gateway.send("PUT", "/metrics/job/a/b/c", "").await.0, 200);
    assert!(gateway.pushed().await.is_empty());
    assert!(gateway.send("GET", "/metrics", "").await.1.contains("push_time_seconds{b=\"c\""));
    assert_eq!(gateway.send("DELETE", "/metrics/job/a/b/c", "").await.0, 202);
    assert!(!gateway.send("GET", "/metrics", "").await.1.contains("push_time_seconds"));
    gateway.stop().await;
}

#[tokio::test]
async fn a_refused_push_is_remembered_with_its_group() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Running::start(config(folder.path())).await;
    assert_eq!(gateway.send("PUT", "/metrics/job/a", "# TYPE x counter\nx 1\n").await.0, 200);
    for (path, body, want) in [
        ("/metrics/job/b", "# TYPE x gauge\nx 1\n", "should have COUNTER"),
        ("/metrics/job/a", "x 1 1700000000000\n", "must not have timestamps"),
    ] {
        let (status, text) = gateway.send("POST", path, body).await;
        assert!(status == 400 && text.contains(want), "{status} {text}");
    }
    // What is no exposition reaches no group.
    assert_eq!(gateway.send("PUT", "/metrics/job/c", "x 1").await.0, 400);
    let (_, text) = gateway.send("GET", "/api/v1/metrics", "").await;
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    let groups = answer["data"].as_array().unwrap();
    assert_eq!(groups.len(), 2, "{text}");
    assert!(groups.iter().all(|group| group["last_push_successful"] == false), "{text}");
    assert_eq!(groups[0]["x"]["metrics"][0]["value"], "1");
    assert_eq!(groups[1]["push_time_seconds"]["metrics"][0]["value"], "0");
    assert_eq!(gateway.send("POST", "/metrics/job/b", "y 1\n").await.0, 200);
    let (_, page) = gateway.send("GET", "/", "").await;
    assert_eq!(page.matches("The last push failed").count(), 1, "{page}");
    gateway.stop().await;
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_an_end_without_warning() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Running::start(config(folder.path())).await;
    for number in 0..20 {
        let body =
            format!("# TYPE x gauge\nx {number}\n# TYPE h histogram\nh_bucket{{le=\"1\"}} {number}\nh_count 1\n");
        assert_eq!(gateway.send("PUT", &format!("/metrics/job/j{}", number % 7), body).await.0, 200);
    }
    assert_eq!(gateway.send("DELETE", "/metrics/job/j3", "").await.0, 202);
    assert_eq!(gateway.send("PUT", "/metrics/job/j4", "x 1 1\n").await.0, 400);
    let before = gateway.send("GET", "/api/v1/metrics", "").await.1;
    // Nothing is told to stop: the copy of the file is what a kill leaves.
    let copy = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(folder.path().join("pushgateway.journal")).unwrap();
    std::fs::write(copy.path().join("pushgateway.journal"), &bytes).unwrap();
    let reopened = Running::start(config(copy.path())).await;
    assert_eq!(reopened.send("GET", "/api/v1/metrics", "").await.1, before);
    // A record that was half written when the kill came was not acknowledged, and is not missed.
    let torn = tempfile::tempdir().unwrap();
    let half = [bytes.as_slice(), &bytes[8..60]].concat();
    std::fs::write(torn.path().join("pushgateway.journal"), half).unwrap();
    let mended = Running::start(config(torn.path())).await;
    assert_eq!(mended.send("GET", "/api/v1/metrics", "").await.1, before);
    for running in [gateway, reopened, mended] {
        running.stop().await;
    }
}

#[tokio::test]
async fn limits_are_named_with_the_setting_that_raises_them() {
    let folder = tempfile::tempdir().unwrap();
    let limited = Config { body_bytes_max: 1_000, groups_max: 2, series_max: 20, ..config(folder.path()) };
    let gateway = Running::start(limited).await;
    let (status, text) = gateway.send("PUT", "/metrics/job/a", "x 1\n".repeat(500)).await;
    assert!(status == 413 && text.contains("pushgateway.body_bytes_max"), "{status} {text}");
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&[b'#'; 100_000]).unwrap();
    let url = gateway.url("/metrics/job/a");
    let request = gateway.http.put(url).header("content-encoding", "gzip").body(bomb.finish().unwrap());
    assert_eq!(request.send().await.unwrap().status(), 413);
    for job in ["a", "b"] {
        assert_eq!(gateway.send("PUT", &format!("/metrics/job/{job}"), "x 1\n").await.0, 200);
    }
    let (status, text) = gateway.send("PUT", "/metrics/job/c", "x 1\n").await;
    assert!(status == 429 && text.contains("pushgateway.groups_max"), "{status} {text}");
    let many: String = (0..20).map(|number| format!("x{{n=\"{number}\"}} 1\n")).collect();
    let (status, text) = gateway.send("PUT", "/metrics/job/b", many).await;
    assert!(status == 429 && text.contains("pushgateway.series_max"), "{status} {text}");
    assert_eq!(gateway.pushed().await.len(), 2);
    gateway.stop().await;
}

#[tokio::test]
async fn bodies_may_be_packed_and_admins_may_wipe() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Running::start(config(folder.path())).await;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(b"x 1\n").unwrap();
    let mut snappy = snap::write::FrameEncoder::new(Vec::new());
    snappy.write_all(b"y 1\n").unwrap();
    for (packing, body, want) in [
        ("gzip", gzip.finish().unwrap(), 200),
        ("snappy", snappy.into_inner().unwrap(), 200),
        ("snappy", b"y 1\n".to_vec(), 400),
        ("br", b"y 1\n".to_vec(), 415),
    ] {
        let request = gateway.http.post(gateway.url("/metrics/job/a")).header("content-encoding", packing).body(body);
        assert_eq!(request.send().await.unwrap().status(), want, "{packing}");
    }
    assert_eq!(gateway.pushed().await.len(), 2);
    assert_eq!(gateway.send("PUT", "/api/v1/admin/wipe", "").await.0, 404);
    for path in ["/-/ready", "/-/healthy", "/status", "/api/v1/status"] {
        assert_eq!(gateway.send("GET", path, "").await.0, 200, "{path}");
    }
    gateway.stop().await;
    let gateway = Running::start(Config { admin_api: true, ..config(folder.path()) }).await;
    assert_eq!(gateway.pushed().await.len(), 2);
    assert_eq!(gateway.send("PUT", "/api/v1/admin/wipe", "").await.0, 202);
    assert!(gateway.pushed().await.is_empty());
    gateway.stop().await;
    let gateway = Running::start(config(folder.path())).await;
    assert!(gateway.pushed().await.is_empty());
    gateway.stop().await;
}

#[test]
fn grouping_keys_are_read_as_upstream_reads_them() {
    let Ok(conformance) = std::env::var("LGTM_CONFORMANCE") else {
        println!("skipped: LGTM_CONFORMANCE is not set");
        return;
    };
    let text = std::fs::read_to_string(Path::new(&conformance).join("api/pushgateway/split_labels.json")).unwrap();
    let table: serde_json::Value = serde_json::from_str(&text).unwrap();
    let cases = table["cases"].as_array().unwrap();
    for case in cases {
        let path = format!("job/j{}", case["input"].as_str().unwrap());
        let got = Grouping::from_path(&path, false);
        let want = case["expectedOutput"].as_object().map(|labels| {
            let mut labels = labels.clone();
            labels.insert("job".to_owned(), "j".into());
            serde_json::Value::Object(labels)
        });
        assert_eq!(got.ok().map(|grouping| serde_json::json!(grouping.0)), want, "{case}");
    }
    println!("{0} of {0} grouping keys", cases.len());
    assert_eq!(cases.len() as u64, table["count"].as_u64().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_client_pushes() {
    let client = std::env::var("LGTM_PYTHON").ok().filter(|python| {
        let check = std::process::Command::new(python).args(["-c", "import prometheus_client"]).output();
        check.is_ok_and(|output| output.status.success())
    });
    let Some(python) = client else {
        println!("skipped: LGTM_PYTHON names no Python with prometheus_client");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let gateway = Running::start(config(folder.path())).await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pushgateway_client.py");
    let url = gateway.url("");
    let run = move || std::process::Command::new(python).arg(script).arg(url).output().unwrap();
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complained}");
    assert!(said.trim_end().ends_with("all pushes behaved"), "{said}{complained}");
    gateway.stop().await;
}

//! The same pushes to this Pushgateway and to Prometheus' own: the same answers, and the same metrics afterwards.

use lgtm_receive::ListenAddress;
use lgtm_receive::pushgateway::{Config, Deps, start};
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{ShutdownTrigger, SystemClock};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

const PROGRAM: &str = "prometheus-pushgateway";

/// Method, path and body of each push, in order: what one leaves behind is there for the next.
const PUSHES: &[(&str, &str, &str)] = &[
    ("PUT", "/metrics/job/a", "x 1\n"),
    ("POST", "/metrics/job/a", "# TYPE y counter\n# HELP y Help with \\\\ and \\n.\ny{l=\"v\"} 2.5e10\n"),
    ("POST", "/metrics/job/a/instance/i", "# TYPE y counter\ny{l=\"v\",job=\"other\"} 3\n"),
    ("POST", "/metrics/job/b", "# TYPE y gauge\ny 1\n"),
    (
        "PUT",
        "/metrics/job/b",
        "# TYPE h histogram\nh_bucket{le=\"0.5\"} 1\nh_bucket{le=\"+Inf\"} 3\nh_sum 2\nh_count 3\n",
    ),
    ("POST", "/metrics/job/b", "# TYPE s summary\ns{quantile=\"0.9\"} 7\ns_sum 8\ns_count 2\n"),
    ("POST", "/metrics/job/b", "# TYPE i histogram\ni_bucket{le=\"1\"} 1\ni_sum 2\ni_count 3\n"),
    ("POST", "/metrics/job/c", "h_count 1\n"),
    ("POST", "/metrics/job/c", "s_sum 1\n"),
    ("POST", "/metrics/job/c", "x 1 1700000000000\n"),
    ("POST", "/metrics/job/c", "x 1"),
    ("POST", "/metrics/job/c", "x 1\r\n"),
    ("POST", "/metrics/job/c", "x\n"),
    ("POST", "/metrics/job/c", "x one\n"),
    ("POST", "/metrics/job/c", "x{l=\"unfinished} 1\n"),
    ("POST", "/metrics/job/c", "# TYPE d gauge\n# TYPE d gauge\nd 1\n"),
    ("POST", "/metrics/job/c", "d 1\n# TYPE d gauge\n"),
    ("POST", "/metrics/job/c", "d 1\nd 2\n"),
    ("POST", "/metrics/job/c", "d{l=\"1\"} 1\nd{l=\"2\"} 2\n"),
    ("POST", "/metrics/job/c", "n NaN\np +Inf\nm -Inf\nz 0\n"),
    ("POST", "/metrics/job/c", "# TYPE e histogram\ne_bucket{le=\"x\"} 1\n"),
    ("POST", "/metrics/job/c", "# just a comment\n\n   \nspaces   4\n"),
    ("POST", "/metrics/job/c", "pushgateway_http_requests_total 1\n"),
    ("POST", "/metrics/job/c", "push_time_seconds 1\n"),
    ("POST", "/metrics/job/c", "l{__reserved=\"1\"} 1\n"),
    ("POST", "/metrics/job/c", "1name 1\n"),
    ("POST", "/metrics/job/c", ""),
    ("PUT", "/metrics/job/d/e/f", "g{e=\"mine\",instance=\"own\"} 1\n"),
    ("PUT", "/metrics/job@base64/YS9i/k@base64/=", "g 1\n"),
    ("PUT", "/metrics/job/d/e", "g 1\n"),
    ("PUT", "/metrics/job/d/__e/f", "g 1\n"),
    ("PUT", "/metrics/job/d/e@base64/f.o", "g 1\n"),
    ("PUT", "/metrics/job/d/e=f/g", "g 1\n"),
    ("PUT", "/metrics/job@base64/=", "g 1\n"),
    ("PUT", "/metrics/job/per%20cent/a/%C3%A4", "g 1\n"),
    ("PUT", "/metrics/job/x/z/1", "# TYPE w gauge\nw 1\n"),
    ("PUT", "/metrics/job/x", "# TYPE w gauge\nw{z=\"1\"} 1\n"),
    ("DELETE", "/metrics/job/a", ""),
    ("DELETE", "/metrics/job/never/was/there", ""),
    ("DELETE", "/metrics/job/d/e", ""),
    ("PUT", "/metrics/job/empty", ""),
    ("PUT", "/api/v1/admin/wipe", ""),
    ("PUT", "/metrics/jobs/a", "g 1\n"),
    ("PUT", "/metrics", "g 1\n"),
];

/// Pushes that are answered differently on purpose: body, upstream's status, ours, and why.
const DIFFERENT: &[(&str, u16, u16, &str)] = &[
    ("blank 1 \n", 400, 200, "blanks behind a value are taken, as they are when scraping"),
    ("# TYPE k histogram\nk 1\n", 200, 400, "a histogram's sample without a suffix would be dropped in silence"),
    ("# TYPE k histogram\nk_bucket 1\n", 200, 400, "a bucket without a bound would be dropped in silence"),
];

struct Upstream {
    child: Child,
    url: String,
    /// Kept open: a log that no one could read any more would end the program.
    _log: Lines<BufReader<ChildStderr>>,
}

impl Upstream {
    /// Starts it on a free port, which it names in its log.
    fn start() -> Option<Self> {
        let arguments = ["--web.listen-address=127.0.0.1:0"];
        let mut child =
            Command::new(PROGRAM).args(arguments).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().ok()?;
        let mut log = BufReader::new(child.stderr.take()?).lines();
        while let Some(Ok(line)) = log.next() {
            let address = line.split_whitespace().find_map(|word| word.strip_prefix("address=127.0.0.1:"));
            if let Some(port) = address.filter(|port| *port != "0") {
                return Some(Self { url: format!("http://127.0.0.1:{port}"), child, _log: log });
            }
        }
        let _gone = child.kill();
        None
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The pushed samples, each as name, sorted labels and value; of the two times only whether they are set.
async fn samples(http: &reqwest::Client, url: &str) -> BTreeSet<String> {
    let text = http.get(format!("{url}/metrics")).send().await.unwrap().text().await.unwrap();
    let mut samples = BTreeSet::new();
    for entry in lgtm_wire::exposition::parse(text.as_bytes(), lgtm_wire::exposition::Format::PrometheusText) {
        let lgtm_wire::exposition::Entry::Series(series) = entry.unwrap() else { continue };
        let labels = series.labels().unwrap();
        if labels.get("job").is_none() {
            continue;
        }
        let value = if labels.metric_name().unwrap().starts_with("push_") {
            if series.value > 0.0 { "set".to_owned() } else { "never".to_owned() }
        } else {
            series.value.to_string()
        };
        let instance = if series.writes_label("instance") { "" } else { " without instance" };
        samples.insert(format!("{labels} {value}{instance}"));
    }
    samples
}

#[tokio::test(flavor = "multi_thread")]
async fn both_answer_alike() {
    let Some(upstream) = Upstream::start() else {
        println!("skipped: {PROGRAM} cannot be started");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let listen = ListenAddress::loopback(0, "pushgateway.listen");
    let config = Config { listen, ..Config::in_folder(folder.path()) };
    let deps = Deps { clock: SystemClock::shared(), registry: Registry::default() };
    let (trigger, shutdown) = ShutdownTrigger::new();
    let handle = start(config, deps, shutdown).await.unwrap();
    let ours = format!("http://{}", handle.address);
    let http = reqwest::Client::new();
    let mut differences = Vec::new();
    for (method, path, body) in PUSHES {
        let send = async |url: &str| {
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let response = http.request(method, format!("{url}{path}")).body(*body).send().await.unwrap();
            (response.status().as_u16(), response.text().await.unwrap())
        };
        let (theirs, our_answer) = (send(&upstream.url).await, send(&ours).await);
        if theirs.0 != our_answer.0 {
            differences.push(format!("{method} {path} {body:?}: upstream {theirs:?}, here {our_answer:?}"));
        }
    }
    for (body, theirs, here, reason) in DIFFERENT {
        for (url, want) in [(&upstream.url, theirs), (&ours, here)] {
            let response = http.put(format!("{url}/metrics/job/different")).body(*body).send().await.unwrap();
            assert_eq!(response.status().as_u16(), *want, "{url} {body:?}: {reason}");
        }
        println!("different on purpose: {body:?} gets {theirs} there and {here} here: {reason}");
    }
    for url in [&upstream.url, &ours] {
        http.delete(format!("{url}/metrics/job/different")).send().await.unwrap();
    }
    // Upstream deletes after it has answered.
    SystemClock::shared().sleep(Duration::from_millis(200)).await;
    let (theirs, here) = (samples(&http, &upstream.url).await, samples(&http, &ours).await);
    differences.extend(theirs.difference(&here).map(|sample| format!("only upstream: {sample}")));
    differences.extend(here.difference(&theirs).map(|sample| format!("only here: {sample}")));
    println!("{} pushes, {} samples", PUSHES.len(), theirs.len());
    assert!(theirs.len() > 20, "{theirs:?}");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    trigger.fire();
    assert_eq!(handle.drain(&SystemClock::shared(), Duration::from_secs(5)).await, 0);
}

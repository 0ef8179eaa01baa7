//! Our collectors against node-exporter: its fixtures with the output it expects, and the program itself.

use lgtm_host::{Config, Host, Roots};
use lgtm_model::{Labels, MetricType};
use lgtm_runtime::SystemClock;
use lgtm_runtime::metrics::Family;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

/// Series with their values, and families with their types and helps.
#[derive(Default)]
struct Exposition {
    series: BTreeMap<String, f64>,
    families: BTreeMap<String, (String, String)>,
}

/// Reads the plain part of the text format that node-exporter writes. Empty labels are the same as absent ones.
fn parse(text: &str) -> Exposition {
    let mut exposition = Exposition::default();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap_or((rest, ""));
            exposition.families.entry(name.to_owned()).or_default().1 = help.to_owned();
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            exposition.families.entry(name.to_owned()).or_default().0 = kind.to_owned();
        } else if !line.is_empty() && !line.starts_with('#') {
            let (series, value) = line.rsplit_once(' ').unwrap();
            exposition.series.insert(normalised(series), value.parse().unwrap());
        }
    }
    exposition
}

fn normalised(series: &str) -> String {
    let Some((name, labels)) = series.strip_suffix('}').and_then(|series| series.split_once('{')) else {
        return series.to_owned();
    };
    let mut pairs = vec![("__name__".to_owned(), name.to_owned())];
    let mut rest = labels;
    while let Some((label, tail)) = rest.split_once("=\"") {
        let mut escaped = false;
        let closes = |c: char| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        };
        let end = tail.find(closes).unwrap();
        let label = label.trim_start_matches(',');
        // Releases newer than Debian's added these two; the labels are Debian's.
        if !matches!((name, label), ("node_network_info", "adminstate") | ("node_disk_info", "rotational")) {
            pairs.push((label.to_owned(), tail[..end].replace("\\\"", "\"").replace("\\\\", "\\")));
        }
        rest = &tail[end + 1..];
    }
    Labels::from_pairs(pairs).to_string()
}

fn ours(families: &[Family]) -> Exposition {
    let mut exposition = Exposition::default();
    for family in families {
        let kind = match family.metric_type {
            MetricType::Unknown => "untyped",
            known => known.as_str(),
        };
        exposition.families.insert(family.name.clone(), (kind.to_owned(), family.help.clone()));
        for (_, labels, value) in &family.points {
            let mut series = labels.to_builder();
            series.set("__name__", family.name.as_str());
            exposition.series.insert(series.build().to_string(), *value);
        }
    }
    exposition
}

fn close(left: f64, right: f64) -> bool {
    left == right || (left - right).abs() <= 1e-9 * right.abs()
}

#[test]
fn fixtures_give_the_expected_output() {
    let Ok(root) = std::env::var("LGTM_CONFORMANCE") else {
        eprintln!("SKIPPED: node-exporter fixtures (LGTM_CONFORMANCE is not set)");
        return;
    };
    let root = Path::new(&root).join("node_exporter");
    let directory = tempfile::tempdir().unwrap();
    let unpacked = Command::new("tar")
        .arg("xzf")
        .arg(root.join("fixtures.tar.gz"))
        .arg("-C")
        .arg(directory.path())
        .status()
        .unwrap();
    assert!(unpacked.success());
    let under = |name: &str| directory.path().join(name);
    let roots =
        Roots { proc: under("proc"), sys: under("sys"), udev: under("udev/data"), filesystem: directory.path().into() };
    let found = ours(&Host::new(&Config { roots, ..Config::default() }, SystemClock::shared()).families());
    let expected = parse(&std::fs::read_to_string(root.join("e2e-output.txt")).unwrap());

    // Upstream ran with two devices and unknown speeds left out; collector series depend on what is built in; and some
    // values are the machine's own.
    let own_way = |series: &str| {
        ["device=\"dmz\"", "device=\"int\"", "node_scrape_collector", "node_time_seconds", "node_uname_info"]
            .iter()
            .any(|part| series.contains(part))
    };
    let mut wrong = Vec::new();
    let mut families = BTreeSet::new();
    let mut agreeing = 0;
    for (series, value) in found.series.iter().filter(|(series, _)| !own_way(series)) {
        let name = series.split('{').next().unwrap();
        families.insert(name.to_owned());
        match expected.series.get(series) {
            Some(wanted) if close(*value, *wanted) => agreeing += 1,
            _ if name == "node_network_speed_bytes" && *value < 0.0 => {}
            other => wrong.push(format!("{series} is {value}, expected {other:?}")),
        }
    }
    // The other direction: everything expected of a family that we have.
    for series in expected.series.keys() {
        let name = series.split('{').next().unwrap();
        if families.contains(name)
            && !found.series.contains_key(series)
            && !own_way(series)
            && !series.contains("\"lo\"")
        {
            wrong.push(format!("{series} is missing"));
        }
    }
    for name in &families {
        if found.families[name] != expected.families[name] {
            wrong.push(format!("{name} is {:?}, expected {:?}", found.families[name], expected.families[name]));
        }
    }
    println!("{agreeing} series of {} families agree with upstream's expected output", families.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(agreeing > 400, "{agreeing}");
}

/// Starts the installed node-exporter, reads one answer and stops it.
fn theirs() -> Option<Exposition> {
    let mut child = Command::new("prometheus-node-exporter")
        .arg("--web.listen-address=127.0.0.1:0")
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    // Kept open to the end: the program dies when it cannot write its log.
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    // "Listening on" address=127.0.0.1:41733
    let address = lines.by_ref().filter(|line| line.contains("Listening on")).find_map(|line| {
        line.split_once("address=").map(|(_, rest)| rest.split_whitespace().next().unwrap_or_default().to_owned())
    });
    let answer = address.and_then(|address| {
        let mut stream = TcpStream::connect(address).ok()?;
        stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())
    });
    let _ = child.kill();
    let _ = child.wait();
    answer.map(|body| parse(&body))
}

#[test]
fn the_installed_node_exporter_has_the_same_names_types_and_labels() {
    let Some(theirs) = theirs() else {
        eprintln!(
            "SKIPPED: comparison with prometheus-node-exporter (it is not installed or does not listen on port 0)"
        );
        return;
    };
    let ours = ours(&Host::new(&Config::default(), SystemClock::shared()).families());
    let mut shared = BTreeSet::new();
    let mut wrong = Vec::new();
    for (name, (kind, help)) in &ours.families {
        let Some((their_kind, their_help)) = theirs.families.get(name) else { continue };
        shared.insert(name.as_str());
        if kind != their_kind {
            wrong.push(format!("{name}: type {kind}, theirs {their_kind}"));
        }
        if help != their_help {
            println!("{name}: help {help:?}, theirs {their_help:?}");
        }
        let of = |exposition: &Exposition| -> BTreeSet<String> {
            exposition.series.keys().filter(|series| series.split('{').next() == Some(name)).cloned().collect()
        };
        let is_ours_alone = name.starts_with("node_scrape_collector");
        if !is_ours_alone && of(&ours) != of(&theirs) {
            wrong.push(format!("{name}: {:?}, theirs {:?}", of(&ours), of(&theirs)));
        }
    }
    println!("{} families shared, {} only ours", shared.len(), ours.families.len() - shared.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(shared.len() > 100, "{}", shared.len());
    for name in ["node_cpu_seconds_total", "node_memory_MemTotal_bytes", "node_filesystem_size_bytes", "node_load1"] {
        assert!(shared.contains(name), "{name}");
    }
    let same = ["node_memory_MemTotal_bytes", "node_boot_time_seconds", "node_filefd_maximum"];
    for name in same {
        assert_eq!(ours.series[name], theirs.series[name], "{name}");
    }
}

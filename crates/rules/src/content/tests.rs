//! Small broken folders, each with the problem that it must give.

use super::*;

const RULES: &str = "groups:
- name: a
  rules:
  - record: job:up:sum
    expr: sum by (job) (up)
  - alert: Down
    expr: job:up:sum == 0
    labels:
      severity: critical
    annotations:
      summary: '{{ $labels.job }} is down'
      description: '{{ $value }} are up.'
      dashboard_url: '{{ $externalURL }}/#latency'
      runbook_url: '{{ $externalURL }}/runbooks/Down'
";

const RUNBOOK: &str = "# Down

## What is this alert?

Nothing answers. See [the targets](/targets) and [another](Down.md).

## What is the likely cause?

```
## not a heading
```

## What are the first four investigation steps?

1. One.
2. Two, with `[no](link)`.
   And more of it.
3. Three.
4. Four.

## How do I resolve it?

Start it.

## Should I roll back, and when?

No.

## Who do I escalate to and when?

To the owner.
";

/// The problems of a folder with the two files, each after the changes.
fn problems(rules: &[(&str, &str)], runbook: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str, changes: &[(&str, &str)]| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut text = text.to_owned();
        for (from, to) in changes {
            assert!(text.contains(from), "{from:?} is not in the text");
            text = text.replace(from, to);
        }
        std::fs::write(path, text).unwrap();
    };
    write("rules/a.yml", RULES, rules);
    write("runbooks/Down.md", RUNBOOK, runbook);
    write("metrics.txt", "# What there is.\nup # by the scraper\nscrape_duration_seconds\n", &[]);
    let pages = ["/", "/targets", "/runbooks/:name"];
    let content = Content { pages: &pages, anchors: &["latency"], ..Content::new(folder.path()) };
    let own = format!("{}/", folder.path().display());
    check(&content).to_string().replace(&own, "").lines().map(str::to_owned).collect()
}

#[track_caller]
fn expect(rules: &[(&str, &str)], runbook: &[(&str, &str)], want: &[&str]) {
    let found = problems(rules, runbook);
    let right = found.len() == want.len() && want.iter().zip(&found).all(|(want, found)| found.contains(want));
    assert!(right, "wanted {want:#?}\nfound {found:#?}");
}

#[test]
fn a_folder_that_keeps_its_promises_has_no_problems() {
    expect(&[], &[], &[]);
}

#[test]
fn an_alert_carries_what_was_promised() {
    let all = "    annotations:\n      summary: '{{ $labels.job }} is down'\n      description: '{{ $value }} are up.'\n      \
               dashboard_url: '{{ $externalURL }}/#latency'\n      runbook_url: '{{ $externalURL }}/runbooks/Down'\n";
    expect(
        &[(all, ""), ("    labels:\n      severity: critical\n", "")],
        &[],
        &[
            "rules/a.yml:6:1: alert \"Down\" has no label severity",
            "rules/a.yml:6:1: alert \"Down\" has no annotation summary",
            "rules/a.yml:6:1: alert \"Down\" has no annotation description",
            "rules/a.yml:6:1: alert \"Down\" tells its value nowhere; write {{ $value }}",
            "rules/a.yml:6:1: alert \"Down\" has no annotation dashboard_url",
            "rules/a.yml:6:1: alert \"Down\" has no annotation runbook_url",
            "runbooks/Down.md:1:1: warning: no alert names this runbook",
        ],
    );
    expect(
        &[("severity: critical", "severity: urgent")],
        &[],
        &["rules/a.yml:9:1: alert \"Down\" has severity \"urgent\""],
    );
    let twice = "      runbook_url: '{{ $externalURL }}/runbooks/Down'\n";
    let second = RULES.split_once("  - alert").map(|(_, rest)| format!("{twice}  - alert{}", rest)).unwrap();
    expect(&[(twice, &second)], &[], &["alert \"Down\" has the name of the one at rules/a.yml:6"]);
}

#[test]
fn links_lead_somewhere() {
    expect(
        &[("/#latency", "/panel")],
        &[],
        &["rules/a.yml:13:1: the link to the panel of alert \"Down\" points nowhere"],
    );
    expect(
        &[("/#latency", "/#traffic")],
        &[],
        &["rules/a.yml:13:1: the link to the panel of alert \"Down\" points nowhere"],
    );
    let gone = "rules/a.yml:14:1: the runbook of alert \"Down\" is not there: there is no runbooks/Gone.md";
    expect(&[("/runbooks/Down", "/runbooks/Gone")], &[], &[gone, "warning: no alert names this runbook"]);
    expect(
        &[],
        &[("(/targets)", "(/target)")],
        &["runbooks/Down.md:5:1: a link points nowhere: the web app has no page"],
    );
    expect(
        &[],
        &[("(Down.md)", "(Up.md)")],
        &["runbooks/Down.md:5:1: a link points nowhere: there is no Up.md beside it"],
    );
}

#[test]
fn a_runbook_answers_all_questions() {
    expect(
        &[],
        &[("## How do I resolve it?", "## How?")],
        &["runbooks/Down.md:1:1: the question \"## How do I resolve it?\" is missing"],
    );
    expect(
        &[],
        &[("Start it.", "<!-- later -->")],
        &["runbooks/Down.md:21:1: the question \"## How do I resolve it?\" has no answer"],
    );
    expect(&[], &[("4. Four.\n", "")], &["runbooks/Down.md:13:1: expected 4 steps, numbered 1 to 4, found [1, 2, 3]"]);
    expect(&[], &[("4. Four.\n", "4. Four.\n5. Five.\n")], &["found [1, 2, 3, 4, 5]"]);
}

#[test]
fn rules_read_what_someone_exports() {
    let unknown = "rules/a.yml:7:1: alert \"Down\" reads the metric \"job:up:sums\", which nobody exports; did you mean \"job:up:sum\"?";
    expect(&[("expr: job:up:sum", "expr: job:up:sums")], &[], &[unknown]);
    let hidden = "expr: absent(sum_over_time(node_load1[5m])) or job:up:sum";
    expect(
        &[("expr: job:up:sum", hidden)],
        &[],
        &["alert \"Down\" reads the metric \"node_load1\", which nobody exports"],
    );
    expect(&[("(up)", "({__name__=~\"scrape_.*|up\"})")], &[], &[]);
    expect(
        &[("(up)", "({__name__=~\"node_.*\"})")],
        &[],
        &["rules/a.yml:5:1: rule \"job:up:sum\" reads metrics like \"node_.*\""],
    );
    expect(
        &[("expr: sum by", "expr: sum bye")],
        &[],
        &["rules/a.yml:5:", "", "", "warning: no alert names this runbook"],
    );
}

//! Loki's own table of queries that parse and queries that do not, read from outside the repository.

use std::collections::BTreeMap;
use std::path::Path;

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match (c, c == '\\') {
            (_, true) => plain.push(match rest.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            }),
            (c, false) => plain.push(c),
        }
    }
    plain
}

#[test]
fn verdicts_agree_with_the_table() {
    let Ok(root) = std::env::var("LGTM_CONFORMANCE") else {
        eprintln!("SKIPPED: LogQL verdicts (LGTM_CONFORMANCE is not set)");
        return;
    };
    let table = std::fs::read_to_string(Path::new(&root).join("logql/parse.tsv")).unwrap();
    let (mut agreed, mut evaluable, mut wrong) = (0, 0, BTreeMap::new());
    for line in table.lines().skip(1) {
        let mut columns = line.split('\t');
        let query = unescape(columns.next().unwrap());
        let valid = columns.next() == Some("true");
        let parsed = lgtm_logql::parse(&query);
        if parsed.is_ok() == valid {
            agreed += 1;
        } else {
            wrong.insert(query.clone(), parsed.as_ref().err().map(ToString::to_string));
        }
        evaluable += usize::from(parsed.is_ok_and(|expr| lgtm_logql::plan(&expr, &query).is_ok()));
    }
    println!("logql verdicts: {agreed} agree, {} differ; {evaluable} can be evaluated", wrong.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(agreed > 200);
}

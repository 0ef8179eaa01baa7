//! The parser against upstream's own tables, and against random text.

use lgtm_promql::ast::{Aggregate, Binary, Call, MatrixSelector, Subquery, VectorSelector};
use lgtm_promql::lex::tokenise;
use lgtm_promql::{Expr, SeriesPoint, parse, parse_series_description};
use serde_json::Value;
use std::path::PathBuf;

fn conformance(path: &str) -> Option<String> {
    let Ok(root) = std::env::var("LGTM_CONFORMANCE") else {
        eprintln!("SKIPPED: promql/{path} (LGTM_CONFORMANCE is not set)");
        return None;
    };
    Some(std::fs::read_to_string(PathBuf::from(root).join("promql").join(path)).unwrap())
}

fn cases(path: &str) -> Option<Vec<Value>> {
    let table: Value = serde_json::from_str(&conformance(path)?).unwrap();
    Some(table["cases"].as_array().unwrap().clone())
}

/// A text of a table. Bytes that are no UTF-8 arrive as U+FFFD, as they would over HTTP.
fn text(value: &Value) -> String {
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    let hex = value["$bytes_hex"].as_str().unwrap();
    let bytes: Vec<u8> =
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(match (character, if character == '\\' { characters.next() } else { None }) {
            ('\\', Some('t')) => '\t',
            ('\\', Some('n')) => '\n',
            ('\\', Some('r')) => '\r',
            ('\\', Some(other)) => other,
            (other, _) => other,
        });
    }
    plain
}

/// Fails with all that differs, and tells how many agreed.
fn report(what: &str, total: usize, failures: &[String]) {
    println!("{what}: {} of {total} agree", total - failures.len());
    assert!(failures.is_empty(), "{what}: {} of {total} differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_verdict_agrees() {
    let Some(table) = conformance("parser/parse.tsv") else { return };
    let mut failures = Vec::new();
    let rows: Vec<&str> = table.lines().skip(1).collect();
    for row in &rows {
        let mut fields = row.split('\t');
        let input = unescape(fields.next().unwrap());
        let valid = fields.next().unwrap() == "true";
        // Inputs of other kinds than text are written as a Python value, and come again in parse_fail.json.
        let verdict = parse(&input);
        if verdict.is_ok() != valid {
            failures.push(format!("{input:?}: expected valid={valid}, got {:?}", verdict.map(|expr| expr.to_string())));
        }
    }
    report("parse.tsv verdicts", rows.len(), &failures);
}

#[test]
fn what_upstream_refuses_is_refused_at_the_same_place_with_the_same_words() {
    let Some(cases) = cases("parser/parse_fail.json") else { return };
    let (mut failures, mut other_text) = (Vec::new(), Vec::new());
    for case in &cases {
        // One query is made of a repeated part by a call in the table.
        let input = match case["input"]["$call"].as_str() {
            Some(_) => continue,
            None => text(&case["input"]),
        };
        let Err(errors) = parse(&input) else {
            failures.push(format!("{input:?} was accepted"));
            continue;
        };
        let (got, want) = (&errors.errors[0], &case["errors"][0]);
        let Some(message) = want["error"].as_str() else { continue };
        let start = want["pos"]["Start"].as_u64().unwrap_or(0) as usize;
        let lossy = case["input"].is_object();
        if got.message != message || (got.span.start != start && !lossy) {
            other_text.push(format!("{input:?}\n  want {start} {message}\n  got  {} {}", got.span.start, got.message));
        }
    }
    report("parse_fail.json verdicts", cases.len(), &failures);
    report("parse_fail.json first message and place", cases.len(), &other_text);
}

#[test]
fn what_upstream_accepts_has_the_same_tree() {
    let Some(cases) = cases("parser/parse_ok.json") else { return };
    let mut failures = Vec::new();
    for case in &cases {
        let input = text(&case["input"]);
        match parse(&input) {
            Err(errors) => failures.push(format!("{input:?}: {}", errors.render(&input))),
            Ok(expr) => {
                if let Err(difference) = same(&expr, &case["expected_ast"]) {
                    failures.push(format!("{input:?}: {difference}"));
                }
            }
        }
    }
    report("parse_ok.json trees", cases.len(), &failures);
}

type Same = Result<(), String>;

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, got: T, want: T) -> Same {
    if got == want { Ok(()) } else { Err(format!("{what}: got {got:?}, want {want:?}")) }
}

fn place(expr: &Expr, want: &Value) -> Same {
    let range = &want["PosRange"];
    if range.is_object() {
        // A field that is zero is left out of the table.
        let at = |key: &str| range[key].as_u64().unwrap_or(0) as usize;
        equal("place", (expr.span().start, expr.span().end), (at("Start"), at("End")))?;
    }
    match want["EndPos"].as_u64() {
        Some(end) => equal("end", expr.span().end, end as usize),
        None => Ok(()),
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// Compares what both trees say; the table leaves out fields with zero values.
fn same(expr: &Expr, want: &Value) -> Same {
    let kind = want["$type"].as_str().unwrap_or_default();
    place(expr, want)?;
    match (expr, kind) {
        (Expr::Number(got), "NumberLiteral") => {
            let value = number(&want["Val"]).unwrap_or(f64::NAN);
            equal("number", got.value.to_bits(), if value.is_nan() { got.value.to_bits() } else { value.to_bits() })?;
            equal("duration", got.is_duration, want["Duration"].as_bool().unwrap_or(false))
        }
        (Expr::String(got), "StringLiteral") => equal("text", got.value.clone(), text(&want["Val"])),
        (Expr::Vector(got), "VectorSelector") => same_selector(got, want),
        (Expr::Matrix(got), "MatrixSelector") => same_matrix(got, want),
        (Expr::Subquery(got), "SubqueryExpr") => same_subquery(got, want),
        (Expr::Unary(got), "UnaryExpr") => {
            equal("sign", got.op.as_str(), if want["Op"] == "SUB" { "-" } else { "+" })?;
            same(&got.expr, &want["Expr"])
        }
        (Expr::Paren(got), "ParenExpr") => same(&got.expr, &want["Expr"]),
        (Expr::Binary(got), "BinaryExpr") => same_binary(got, want),
        (Expr::Aggregate(got), "AggregateExpr") => same_aggregate(got, want),
        (Expr::Call(got), "Call") => same_call(got, want),
        _ => Err(format!("got {expr}, want a {kind}")),
    }
}

fn same_selector(got: &VectorSelector, want: &Value) -> Same {
    equal("name", got.name.as_deref().unwrap_or(""), want["Name"].as_str().unwrap_or(""))?;
    let matchers: Vec<String> = got.matchers.iter().map(ToString::to_string).collect();
    if let Some(list) = want["LabelMatchers"].as_array()
        && list.iter().all(Value::is_string)
    {
        let list: Vec<String> = list.iter().map(|matcher| matcher.as_str().unwrap().replace('`', "\"")).collect();
        let plain = |text: &String| text.replace('"', "");
        equal("matchers", matchers.iter().map(plain).collect::<Vec<_>>(), list.iter().map(plain).collect::<Vec<_>>())?;
    }
    let offset_ns = want["OriginalOffset"].as_i64().unwrap_or(0);
    let context = lgtm_promql::ast::DurationContext { step_ms: 1_000, range_ms: 1_000 };
    if want["OriginalOffsetExpr"].is_null() {
        let got_ms = got.offset.as_ref().map_or(0, |offset| offset.resolve_ms(&context, true).unwrap());
        equal("offset", got_ms, offset_ns / 1_000_000)?;
    } else {
        equal("offset expression", got.offset.is_some(), true)?;
    }
    equal("at", got.at.is_some(), !want["Timestamp"].is_null() || !want["StartOrEnd"].is_null())
}

fn same_range(name: &str, got: &lgtm_promql::ast::DurationExpr, plain: &Value, expr: &Value) -> Same {
    if expr.is_object() {
        return Ok(());
    }
    let context = lgtm_promql::ast::DurationContext { step_ms: 1_000, range_ms: 1_000 };
    equal(name, Some(got.resolve_ms(&context, false).unwrap()), plain.as_i64().map(|ns| ns / 1_000_000))
}

fn same_matrix(got: &MatrixSelector, want: &Value) -> Same {
    same_range("range", &got.range, &want["Range"], &want["RangeExpr"])?;
    same_selector(&got.selector, &want["VectorSelector"])
}

fn same_subquery(got: &Subquery, want: &Value) -> Same {
    same_range("range", &got.range, &want["Range"], &want["RangeExpr"])?;
    if let Some(step) = &got.step {
        same_range("step", step, &want["Step"], &want["StepExpr"])?;
    }
    same(&got.expr, &want["Expr"])
}

fn same_binary(got: &Binary, want: &Value) -> Same {
    let op = match want["Op"].as_str().unwrap_or_default() {
        "ADD" => "+",
        "SUB" => "-",
        "MUL" => "*",
        "DIV" => "/",
        "MOD" => "%",
        "POW" => "^",
        "EQLC" => "==",
        "NEQ" => "!=",
        "LSS" => "<",
        "LTE" => "<=",
        "GTR" => ">",
        "GTE" => ">=",
        "LAND" => "and",
        "LOR" => "or",
        "LUNLESS" => "unless",
        "ATAN2" => "atan2",
        other => return Err(format!("unknown operator {other} in the table")),
    };
    equal("operator", got.op.as_str(), op)?;
    equal("bool", got.return_bool, want["ReturnBool"].as_bool().unwrap_or(false))?;
    equal("matching", got.matching.is_some(), want["VectorMatching"].is_object())?;
    if let Some(matching) = &got.matching {
        let want = &want["VectorMatching"];
        let card = want["Card"]["$ref"].as_str().unwrap_or("CardOneToOne");
        equal("cardinality", format!("{:?}", matching.cardinality), card.replace("Card", ""))?;
        equal("on", matching.on, want["On"].as_bool().unwrap_or(false))?;
        equal("labels", matching.labels.clone(), names(&want["MatchingLabels"]))?;
        equal("include", matching.include.clone(), names(&want["Include"]))?;
    }
    same(&got.left, &want["LHS"])?;
    same(&got.right, &want["RHS"])
}

fn names(value: &Value) -> Vec<String> {
    value.as_array().map_or_else(Vec::new, |names| names.iter().map(|name| name.as_str().unwrap().to_owned()).collect())
}

fn same_aggregate(got: &Aggregate, want: &Value) -> Same {
    equal("aggregation", got.op.as_str().to_uppercase(), want["Op"].as_str().unwrap_or_default().to_owned())?;
    equal("grouping", got.grouping.clone(), names(&want["Grouping"]))?;
    equal("without", got.without, want["Without"].as_bool().unwrap_or(false))?;
    if let Some(param) = &got.param {
        same(param, &want["Param"])?;
    }
    same(&got.expr, &want["Expr"])
}

fn same_call(got: &Call, want: &Value) -> Same {
    equal("function", got.function.name, want["Func"]["args"][0].as_str().unwrap_or_default())?;
    let args = want["Args"].as_array().cloned().unwrap_or_default();
    equal("arguments", got.args.len(), args.len())?;
    got.args.iter().zip(&args).try_for_each(|(got, want)| same(got, want))
}

#[test]
fn printing_agrees() {
    for (path, input, output) in
        [("parser/printer.json", "in", "out"), ("parser/printer_utf8.json", "input", "expected")]
    {
        let Some(cases) = cases(path) else { return };
        let mut failures = Vec::new();
        for case in &cases {
            let (input, want) = (text(&case[input]), text(&case[output]));
            let got = parse(&input).map(|expr| expr.to_string()).unwrap_or_else(|errors| errors.render(&input));
            if got != want {
                failures.push(format!("{input:?}\n  want {want}\n  got  {got}"));
            }
        }
        report(path, cases.len(), &failures);
    }
}

#[test]
fn pretty_printing_agrees() {
    let Some(cases) = cases("parser/prettier.json") else { return };
    let mut failures = Vec::new();
    for case in &cases {
        let (input, want) = (text(&case["in"]), text(&case["out"]));
        let got = match parse(&input) {
            // Upstream's tests of splitting use lines of 10 bytes.
            Ok(expr) => [10, 100].map(|max| expr.pretty_within(max)),
            Err(errors) => [errors.render(&input), String::new()],
        };
        if !got.contains(&want) {
            failures.push(format!("{input:?}\n  want\n{want}\n  got\n{}", got[0]));
        }
    }
    report("prettier.json", cases.len(), &failures);
}

#[test]
fn series_descriptions_agree() {
    let Some(cases) = cases("parser/series_desc.json") else { return };
    let mut failures = Vec::new();
    for case in &cases {
        let input = text(&case["input"]);
        let got = parse_series_description(&input);
        if case["fail"] == true {
            if got.is_ok() {
                failures.push(format!("{input:?} was accepted"));
            }
            continue;
        }
        let Ok(got) = got else {
            failures.push(format!("{input:?}: {}", got.unwrap_err()));
            continue;
        };
        let labels: serde_json::Map<String, Value> =
            got.labels.iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let points: Vec<Value> = got.points.iter().map(shown).collect();
        if Value::Object(labels) != case["expectedMetric"] || !same_points(&points, &case["expectedValues"]) {
            failures.push(format!("{input:?}: got {:?}, want {}", got, case["expectedValues"]));
        }
    }
    report("series_desc.json", cases.len(), &failures);
    let Some(histograms) = self::cases("parser/series_desc_histogram.json") else { return };
    println!("EXCLUDED: {} cases of series_desc_histogram.json (native histogram)", histograms.len());
    for case in histograms.iter().filter(|case| case["expectedError"].is_null()) {
        let points = parse_series_description(&text(&case["input"])).unwrap().points;
        assert!(points.iter().all(|point| matches!(point, SeriesPoint::NativeHistogram(_))), "{case}");
    }
}

/// A point as the table writes it: upstream's tests stand the smallest float for a gap.
fn shown(point: &SeriesPoint) -> Value {
    match point {
        SeriesPoint::Gap => serde_json::json!({"$ref": "math.SmallestNonzeroFloat64"}),
        SeriesPoint::Float(value) => serde_json::json!(value),
        SeriesPoint::NativeHistogram(text) => serde_json::json!(text),
    }
}

fn same_points(got: &[Value], want: &Value) -> bool {
    let want = want.as_array().unwrap();
    got.len() == want.len()
        && got.iter().zip(want).all(|(got, want)| match (got.as_f64(), number(want)) {
            (Some(got), Some(want)) => got == want || (got.is_nan() && want.is_nan()),
            // Staleness markers, which JSON cannot hold.
            (None, None) if got.is_null() => !want.is_number(),
            _ => got == want,
        })
}

#[test]
fn tokens_agree() {
    let Some(groups) = cases("parser/lexer.json") else { return };
    let (mut failures, mut total, mut excluded) = (Vec::new(), 0, 0);
    for group in &groups {
        for case in group["tests"].as_array().unwrap() {
            // Upstream's lexer goes on behind an error; ours stops there.
            let goes_on =
                case["expected"].as_array().is_some_and(|items| items.iter().any(|item| item["Typ"] == "ERROR"));
            if group["name"].as_str().unwrap().contains("series desc") || case["seriesDesc"] == true || goes_on {
                excluded += 1;
                continue;
            }
            total += 1;
            let input = text(&case["input"]);
            let (tokens, error) = tokenise(&input);
            if case["fail"] == true {
                if error.is_none() {
                    failures.push(format!("{input:?} was read"));
                }
                continue;
            }
            let got: Vec<(usize, &str)> = tokens
                .iter()
                .filter(|token| token.span.start < token.span.end)
                .map(|token| (token.span.start, &input[token.span.start..token.span.end]))
                .collect();
            let want: Vec<(usize, String)> = case["expected"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|item| !matches!(item["Typ"].as_str(), Some("COMMENT" | "EOF")))
                .map(|item| (item["Pos"].as_u64().unwrap_or(0) as usize, text(&item["Val"])))
                .collect();
            let agree = got.len() == want.len() && got.iter().zip(&want).all(|(a, b)| a.0 == b.0 && a.1 == b.1);
            if error.is_some() || !agree {
                failures.push(format!("{input:?}: got {got:?} {error:?}, want {want:?}"));
            }
        }
    }
    println!("EXCLUDED: {excluded} cases of lexer.json (series descriptions, and tokens behind an error)");
    report("lexer.json", total, &failures);
}

#[test]
fn durations_agree() {
    let Some(cases) = cases("duration_parse.json") else { return };
    let mut failures = Vec::new();
    for case in &cases {
        let input = text(&case["in"]);
        let (negative, digits) = match input.strip_prefix('-') {
            Some(rest) if case["allowedNegative"] == true => (true, rest),
            _ => (false, input.as_str()),
        };
        let got = lgtm_model::parse_duration_ms(digits).ok().map(|ms| if negative { -ms } else { ms });
        let want = if case["kind"] == "bad" { None } else { case["out"].as_i64().map(|ns| ns / 1_000_000) };
        if got != want {
            failures.push(format!("{input:?}: got {got:?}, want {want:?}"));
        }
        let printed = case["expectedString"].as_str().filter(|printed| !printed.is_empty());
        if let (Some(got), Some(printed)) = (got, printed)
            && lgtm_model::format_duration_ms(got) != printed
        {
            failures.push(format!("{input:?}: printed {}, want {printed}", lgtm_model::format_duration_ms(got)));
        }
    }
    report("duration_parse.json", cases.len(), &failures);
}

//! The parser on random queries and on random text.

use lgtm_promql::{Expr, parse, parse_selector, parse_series_description};
use proptest::prelude::*;

fn pick(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(words).prop_map(str::to_owned)
}

fn duration() -> impl Strategy<Value = String> {
    let leaf = pick(&["5m", "1h30m", "90", "1.5", "step()", "range()", "-5s", "+2m", "0x10"]);
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), pick(&["+", "-", "*", "/", "%", "^"]), inner.clone())
                .prop_map(|(left, op, right)| format!("{left} {op} {right}")),
            inner.clone().prop_map(|inner| format!("({inner})")),
            inner.clone().prop_map(|inner| format!("-{inner}")),
            (pick(&["min_of", "max_of"]), inner.clone(), inner)
                .prop_map(|(name, left, right)| format!("{name}({left},{right})")),
        ]
    })
}

fn labels() -> impl Strategy<Value = String> {
    proptest::collection::vec(pick(&["a", "job", "by", "\"b.c\"", "'ä'", "offset"]), 0..3)
        .prop_map(|names| names.join(","))
}

fn selector() -> impl Strategy<Value = String> {
    let matcher = (
        pick(&["a", "job", "'b.c'"]),
        pick(&["=", "!=", "=~", "!~"]),
        pick(&["\"x\"", "'a\\'b'", "`c\\d`", "\"ä\\n\\u200b\""]),
    )
        .prop_map(|(name, op, value)| format!("{name} {op} {value}"));
    let braces = proptest::collection::vec(matcher, 0..3).prop_map(|list| format!("{{{}}}", list.join(" , ")));
    let modifiers = proptest::collection::vec(
        prop_oneof![
            duration().prop_map(|duration| format!(" offset ({duration})")),
            pick(&[" offset 5m", " offset -1h", " @ 10.5", " @ end()", " @ start()", " anchored", " smoothed"]),
        ],
        0..3,
    );
    let name = pick(&["x", "up", "a:b", "sum", "offset", "fill", "by", "start"]);
    (name, proptest::option::of(braces), proptest::option::of(duration()), modifiers).prop_map(
        |(name, braces, range, modifiers)| {
            let range = range.map_or_else(String::new, |range| format!("[{range}]"));
            format!("{name}{}{range}{}", braces.unwrap_or_default(), modifiers.concat())
        },
    )
}

/// Queries of which most are valid, and all others nearly.
fn query() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => selector(),
        1 => pick(&["1", "-2.5", "5m", "Inf", "NaN", "\"text\"", "time()", "1e30", "1e-9"]),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let matching =
            (pick(&["", " bool"]), labels(), labels(), 0..6_u8).prop_map(|(bool, on, include, kind)| match kind {
                0 => format!("{bool} on ({on})"),
                1 => format!("{bool} ignoring ({on}) group_left ({include})"),
                2 => format!("{bool} on ({on}) group_right"),
                3 => format!("{bool} fill_left (-1) fill_right (1e-7)"),
                _ => bool,
            });
        prop_oneof![
            (
                inner.clone(),
                pick(&["+", "-", "*", "^", "==", ">", "and", "or", "unless", "atan2", "</"]),
                matching,
                inner.clone()
            )
                .prop_map(|(left, op, matching, right)| format!("{left} {op}{matching} {right}")),
            (pick(&["rate", "abs", "vector", "scalar", "floor", "sort"]), inner.clone())
                .prop_map(|(name, arg)| format!("{name}({arg})")),
            (pick(&["sum", "avg", "count"]), pick(&["by", "without"]), labels(), inner.clone())
                .prop_map(|(op, word, names, inner)| format!("{op} {word} ({names}) ({inner})")),
            inner.clone().prop_map(|inner| format!("topk(3, {inner}) by (a)")),
            inner.clone().prop_map(|inner| format!("({inner})")),
            inner.clone().prop_map(|inner| format!("-{inner}")),
            (inner, duration(), proptest::option::of(duration())).prop_map(|(inner, range, step)| {
                format!("({inner})[{range}:{}] @ 5 offset 1m", step.unwrap_or_default())
            }),
        ]
    })
}

/// The tree without its places, which printing changes.
fn shape(expr: &Expr) -> String {
    let mut text = format!("{expr:?}");
    while let Some(start) = text.find("Span {") {
        let end = start + text[start..].find('}').map_or(0, |end| end + 1);
        text.replace_range(start..end, "_");
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_parses_to_the_same_tree(query in query()) {
        if let Ok(expr) = parse(&query) {
            let printed = expr.to_string();
            let again = parse(&printed);
            prop_assert!(again.is_ok(), "{query} was printed as {printed}: {again:?}");
            let again = again.unwrap();
            prop_assert_eq!(again.to_string(), printed.clone(), "{}", query);
            prop_assert_eq!(sorted(&shape(&again)), sorted(&shape(&expr)), "{} was printed as {}", query, printed);
            let pretty = expr.pretty_within(10);
            let Ok(reread) = parse(&pretty) else { panic!("{query} was printed as {pretty}") };
            prop_assert_eq!(reread.to_string(), printed, "{} was printed as {}", query, pretty);
        }
    }

    #[test]
    fn every_place_is_in_the_text(query in query()) {
        match parse(&query) {
            Ok(expr) => expr.walk(&mut |expr| assert!(query.get(expr.span().start..expr.span().end).is_some())),
            Err(errors) => {
                for error in &errors.errors {
                    prop_assert!(query.get(error.span.start..error.span.end).is_some(), "{query}: {error:?}");
                }
                prop_assert!(errors.render(&query).contains('^'));
            }
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let text = String::from_utf8_lossy(&bytes);
        if let Err(errors) = parse(&text) {
            errors.render(&text);
        }
        let _ = (parse_selector(&text), parse_series_description(&text));
    }

    #[test]
    fn no_words_make_the_parser_panic(words in proptest::collection::vec(pick(&[
        "x", "sum", "rate", "(", ")", "[", "]", "{", "}", ",", "=", "==", "=~", "!", "5m", "1", "offset", "@", "by", "on", "group_left",
        "fill", "bool", "step", "start", "min_of", "+", "-", "^", "\"", "'a'", "`", "\\", "#", "\n", "“", "\u{fffd}", ":", "_", "x3", "{{", "}}", " ",
    ]), 0..25)) {
        let text = words.concat();
        if let Err(errors) = parse(&text) {
            errors.render(&text);
        }
        let _ = (parse_selector(&text), parse_series_description(&text));
    }
}

/// Printing sorts matchers, so that trees are compared by their letters where there are several.
fn sorted(text: &str) -> Vec<char> {
    let mut characters: Vec<char> = text.chars().collect();
    characters.sort_unstable();
    characters
}

//! What to write instead of a function that does not exist: most are habits from Helm and its library Sprig.

use super::ast::{Pipe, Word, WordKind};
use crate::error::Source;
use crate::functions::Functions;
use lgtm_settings::nearest;

/// Where an unknown function stands.
pub struct Place<'a> {
    pub source: &'a Source,
    pub pipe: &'a Pipe,
    /// The command within the pipeline, from zero.
    pub stage: usize,
    /// The word within the command, from zero.
    pub index: usize,
    /// Whether the pipeline is a whole action, whose value is printed.
    pub is_action: bool,
}

/// Sprig's name, the function of ours that the equivalent needs (empty for none), and the equivalent.
const SPRIG: &[(&str, &str, &str)] = &[
    ("upper", "toUpper", "write toUpper"),
    ("lower", "toLower", "write toLower"),
    ("trim", "trimSpace", "write trimSpace"),
    ("trim", "reReplaceAll", r#"write reReplaceAll "^\\s+|\\s+$" "" .Text"#),
    ("trimAll", "reReplaceAll", r#"write reReplaceAll "^x+|x+$" "" .Text"#),
    ("trimPrefix", "reReplaceAll", r#"write reReplaceAll "^prefix" "" .Text"#),
    ("trimSuffix", "reReplaceAll", r#"write reReplaceAll "suffix$" "" .Text"#),
    ("quote", "", r#"write printf "%q" .Text"#),
    ("squote", "", r#"write printf "'%s'" .Text"#),
    ("toString", "", r#"write print .Value"#),
    ("replace", "reReplaceAll", r#"write reReplaceAll "old" "new" .Text"#),
    ("regexReplaceAll", "reReplaceAll", r#"write reReplaceAll "pattern" "new" .Text"#),
    ("regexMatch", "match", r#"write match "pattern" .Text"#),
    ("mustRegexMatch", "match", r#"write match "pattern" .Text"#),
    ("contains", "match", r#"write match "part" .Text"#),
    ("hasPrefix", "match", r#"write match "^prefix" .Text"#),
    ("hasSuffix", "match", r#"write match "suffix$" .Text"#),
    ("trunc", "", r#"write printf "%.10s" .Text"#),
    ("substr", "", "write slice .Text 0 10"),
    ("round", "", r#"write printf "%.2f" .Value"#),
    ("ternary", "", "write {{ if .Condition }}a{{ else }}b{{ end }}"),
    ("coalesce", "", "write or .First .Second"),
    ("empty", "", "write not .Text"),
    ("get", "", r#"write index .Labels "name""#),
    ("hasKey", "", r#"write {{ if index .Labels "name" }}"#),
    ("last", "", "take one element with index; there is no function for the last one"),
    ("first", "", "write index .List 0"),
    ("include", "", r#"write {{ template "name" . }}"#),
    ("tpl", "", r#"write {{ template "name" . }}"#),
    ("b64enc", "base64encode", "write base64encode (in the alphabet for URLs)"),
    ("b64dec", "base64decode", "write base64decode (in the alphabet for URLs)"),
    ("urlquery", "", "write urlquery"),
    ("toYaml", "toJson", "there is no YAML here; toJson writes JSON, which YAML contains"),
    ("toPrettyJson", "toJson", "write toJson"),
    ("toRawJson", "toJson", "write toJson"),
    ("dateInZone", "tz", r#"write .StartsAt | tz "Europe/Vienna" | date "2006-01-02 15:04""#),
    ("htmlDate", "date", r#"write date "2006-01-02" .StartsAt"#),
    ("ago", "since", "write since .StartsAt | humanizeDuration"),
    ("duration", "humanizeDuration", "write humanizeDuration"),
    ("urlParse", "", ""),
];

/// Sprig's functions that have no equivalent, by why that is so.
const WITHOUT_EQUIVALENT: &[(&[&str], &str)] = &[
    (
        &["add", "add1", "sub", "mul", "div", "mod", "addf", "subf", "mulf", "divf", "max", "min", "floor", "ceil"],
        "templates have no arithmetic; do it in the expression of the rule",
    ),
    (
        &["int", "int64", "float64", "atoi", "toDecimal"],
        "numbers are not converted; printf \"%.0f\" prints without fraction",
    ),
    (
        &["indent", "nindent", "nospace", "wrap", "repeat", "cat"],
        "there is no equivalent; lay the text out in the template",
    ),
    (
        &["toYaml", "fromYaml", "fromJson", "toJson", "toPrettyJson", "toRawJson", "toToml"],
        "there is no equivalent here",
    ),
    (
        &["split", "splitList", "sortAlpha", "uniq", "reverse", "without", "has", "concat", "prepend", "rest"],
        "there is no equivalent; lists are as the data gives them",
    ),
    (&["env", "expandenv", "lookup", "getHostByName", "readFile"], "templates reach nothing outside of their data"),
    (&["required", "fail"], "templates cannot refuse; check with promtool or in the rule"),
    (&["uuidv4", "randAlphaNum", "genCA", "sha256sum", "md5sum"], "there is no equivalent"),
    (&["list", "dict", "append", "set", "merge", "keys", "values", "pick", "omit"], "there is no equivalent here"),
];

/// Functions that one of the two dialects has and the other has not.
const ELSEWHERE: &[(&str, &str)] = &[
    ("query", "queries run in rules only, not in notifications: put the value into an annotation of the rule"),
    ("humanize", "this exists in rules only, not in notifications: put the value into an annotation of the rule"),
    ("humanize1024", "this exists in rules only, not in notifications: put the value into an annotation of the rule"),
    ("humanizePercentage", "this exists in rules only, not in notifications: put the value into an annotation"),
    ("humanizeTimestamp", "in notifications write date \"2006-01-02 15:04\" .StartsAt"),
    ("toTime", "this exists in rules only; in notifications .StartsAt is a time already"),
    ("date", "this exists in notifications only; in rules write (.Value | toTime).Format \"2006-01-02\""),
    ("tz", "this exists in notifications only, not in rules"),
    ("since", "this exists in notifications only, not in rules"),
    ("trimSpace", "this exists in notifications only; in rules write reReplaceAll \"^\\\\s+|\\\\s+$\" \"\" .Text"),
    ("join", "this exists in notifications only, not in rules"),
    ("toJson", "this exists in notifications only, not in rules"),
    ("tmpl", "this exists in console pages only; write {{ template \"name\" . }}"),
];

/// What to write instead of `name`.
pub fn hint(name: &str, place: &Place<'_>, functions: &Functions) -> Option<String> {
    if name == "default" {
        return Some(default(place));
    }
    let equivalent = SPRIG
        .iter()
        .find(|(sprig, needs, _)| *sprig == name && (needs.is_empty() || functions.contains(needs)))
        .map(|(_, _, text)| (*text).to_owned())
        .filter(|text| !text.is_empty());
    let elsewhere = || ELSEWHERE.iter().find(|(other, _)| *other == name).map(|(_, text)| (*text).to_owned());
    let without = || {
        let found = WITHOUT_EQUIVALENT.iter().find(|(names, _)| names.contains(&name));
        found.map(|(_, why)| format!("this is a function of Helm's; {why}"))
    };
    let typo = || nearest(name, functions.names()).map(|name| format!("did you mean {name}?"));
    let text_in_quotes =
        || name.chars().all(char::is_alphanumeric).then(|| format!("a text stands in quotes: \"{name}\""));
    let as_argument = || if place.index > 0 { text_in_quotes() } else { None };
    equivalent.or_else(elsewhere).or_else(without).or_else(typo).or_else(as_argument)
}

/// The form that does what `default` does, from the person's own words.
fn default(place: &Place<'_>) -> String {
    let source = place.source;
    let Some(command) = place.pipe.commands.get(place.stage) else { return String::new() };
    let words: Vec<&Word> = command.words.iter().skip(1).collect();
    let before = match (place.stage.checked_sub(1), place.pipe.commands.first()) {
        (Some(last), Some(first)) => {
            let end = place.pipe.commands.get(last).map_or(first.span.end, |command| command.span.end);
            Some(source.get(&(first.span.start..end)))
        }
        _ => None,
    };
    let (fallback, value) = match (words.as_slice(), before) {
        ([fallback], Some(value)) => (*fallback, value),
        ([fallback, value], None) => (*fallback, source.get(&value.span)),
        _ => return "write {{ if .Value }}{{ .Value }}{{ else }}N/A{{ end }}".to_owned(),
    };
    let behind = place.pipe.commands.get(place.stage + 1..).unwrap_or_default();
    let behind = match (behind.first(), behind.last()) {
        (Some(first), Some(last)) => format!(" | {}", source.get(&(first.span.start..last.span.end))),
        _ => String::new(),
    };
    let fallback_text = source.get(&fallback.span);
    if !place.is_action || place.index > 0 {
        return format!("there is no default; write (or ({value}) {fallback_text})")
            .replace("((", "(")
            .replace("))", ")");
    }
    let shown = match &fallback.kind {
        WordKind::String(text) if behind.is_empty() && !text.contains("{{") => text.to_string(),
        _ => format!("{{{{ {fallback_text}{behind} }}}}"),
    };
    let names = place.pipe.variables.names.first();
    if let Some(name) = names {
        let sign = if place.pipe.variables.assigns { "=" } else { ":=" };
        return format!("there is no default; write {{{{ ${name} {sign} or ({value}) {fallback_text}{behind} }}}}");
    }
    format!(
        "there is no default; write {{{{ if {value} }}}}{{{{ {value}{behind} }}}}{{{{ else }}}}{shown}{{{{ end }}}}"
    )
}

#[cfg(test)]
mod tests {
    use crate::{Functions, Templates};

    fn hint(functions: Functions, text: &str) -> String {
        let error = Templates::new(functions).parse("t", text).unwrap_err();
        error.list[0].hint.clone().unwrap_or_default()
    }

    #[test]
    fn default_is_rewritten_with_the_persons_own_words() {
        for (text, form) in [
            (
                r#"{{ .Labels.instance | default "N/A" }}"#,
                "{{ if .Labels.instance }}{{ .Labels.instance }}{{ else }}N/A{{ end }}",
            ),
            (r#"{{ default "x" .A }}"#, "{{ if .A }}{{ .A }}{{ else }}x{{ end }}"),
            (r#"{{ .A | default 3 | toUpper }}"#, "{{ if .A }}{{ .A | toUpper }}{{ else }}{{ 3 | toUpper }}{{ end }}"),
            (r#"{{ if .A | default "x" }}{{ end }}"#, r#"(or (.A) "x")"#),
            (r#"{{ $x := .A | default "x" }}"#, r#"{{ $x := or (.A) "x" }}"#),
        ] {
            let hint = hint(Functions::alertmanager(), text);
            assert!(hint.ends_with(form), "{text}: {hint}");
            let rest = hint.split_once("write ").unwrap().1;
            let whole = if rest.starts_with('(') { format!("{{{{ {rest} }}}}") } else { rest.to_owned() };
            Templates::new(Functions::alertmanager()).parse("t", &whole).unwrap();
        }
    }

    #[test]
    fn habits_and_typos_get_their_hint() {
        assert_eq!(hint(Functions::prometheus(), "{{ .A | upper }}"), "write toUpper");
        assert!(hint(Functions::prometheus(), "{{ .A | trim }}").contains("reReplaceAll"));
        assert_eq!(hint(Functions::alertmanager(), "{{ .A | trim }}"), "write trimSpace");
        assert!(hint(Functions::alertmanager(), "{{ .A | humanize }}").contains("in rules only"));
        assert!(hint(Functions::prometheus(), "{{ add 1 2 }}").contains("no arithmetic"));
        assert!(hint(Functions::prometheus(), "{{ .A | nindent 4 }}").contains("no equivalent"));
        assert_eq!(hint(Functions::prometheus(), "{{ .A | humanise }}"), "did you mean humanize?");
        assert!(hint(Functions::prometheus(), "{{ eq .A firing }}").contains("\"firing\""));
    }
}

//! Printing over several lines: whatever is longer than a line is split, its parts indented one level deeper.

use super::{aggregation, continues_durations, operator, suffix};
use crate::ast::Expr;

/// The longest text that stays on one line, in bytes; upstream's.
const LINE_BYTES_MAX: usize = 100;

impl Expr {
    /// The expression over as many lines as it needs.
    pub fn pretty(&self) -> String {
        self.pretty_within(LINE_BYTES_MAX)
    }

    /// The same with lines of another length, which upstream's own tests use.
    pub fn pretty_within(&self, line_bytes_max: usize) -> String {
        pretty(self, 0, line_bytes_max, false)
    }
}

/// `closed` as in the alternate form of the printer.
fn pretty(expr: &Expr, level: usize, max: usize, closed: bool) -> String {
    let indent = "  ".repeat(level);
    let line = if closed { format!("{expr:#}") } else { expr.to_string() };
    let fits = line.len() <= max;
    let deeper = |expr: &Expr| pretty(expr, level + 1, max, false);
    match expr {
        // A subquery that fits is not indented: upstream's slip, kept, as its answers are compared to ours.
        Expr::Subquery(_) if fits => line,
        Expr::Subquery(subquery) => {
            format!("{}{}", pretty(&subquery.expr, level, max, false), suffix(subquery, closed))
        }
        Expr::Unary(unary) => {
            let inner = pretty(&unary.expr, level, max, closed);
            format!("{indent}{}{}", unary.op.as_str(), inner.trim())
        }
        _ if fits => format!("{indent}{line}"),
        Expr::Number(_) | Expr::String(_) | Expr::Vector(_) | Expr::Matrix(_) => format!("{indent}{line}"),
        Expr::Paren(paren) => format!("{indent}(\n{}\n{indent})", deeper(&paren.expr)),
        Expr::Binary(binary) => {
            let left = pretty(&binary.left, level + 1, max, continues_durations(binary.op));
            let right = pretty(&binary.right, level + 1, max, closed);
            format!("{left}\n{indent}{}\n{right}", operator(binary))
        }
        Expr::Call(call) => {
            let args: Vec<String> = call.args.iter().map(deeper).collect();
            format!("{indent}{}(\n{}\n{indent})", call.function.name, args.join(",\n"))
        }
        Expr::Aggregate(aggregate) => {
            let param = aggregate.param.as_ref().map_or_else(String::new, |param| deeper(param) + ",\n");
            format!("{indent}{}(\n{param}{}\n{indent})", aggregation(aggregate), deeper(&aggregate.expr))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn long_expressions_are_split() {
        let expr = parse("sum by (job) (rate(x[5m])) / topk(3, y)").unwrap();
        let want = "  sum by (job) (\n    rate(x[5m])\n  )\n/\n  topk(3, y)";
        assert_eq!(expr.pretty_within(15), want);
        assert_eq!(expr.pretty(), expr.to_string());
    }
}

//! Turns the parsed tree into the one that is evaluated.
//!
//! On the way down it knows at which times each node will be needed, so that a selector can say exactly which samples
//! it needs. On the way up it knows which nodes give the same value at each step (those whose selectors all have `@`):
//! the highest such nodes are wrapped, to be evaluated once. Which functions may be inside follows upstream, since
//! some depend on the evaluation time whatever their arguments are.

use crate::Span;
use crate::ast::{self, At, DurationContext, DurationExpr, Expr, ValueType, VectorEdges, VectorSelector};
use crate::eval::engine::EngineOptions;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::{Aggregate, Binary, Call, InstantSelector, Lookup, Node, NodeKind, RangeSelector, Subquery};
use crate::eval::slots::Slots;
use crate::functions;

/// Functions whose value depends on the evaluation time even when their arguments do not.
const TIME_DEPENDENT: [&str; 16] = [
    "days_in_month",
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "end",
    "hour",
    "minute",
    "month",
    "year",
    "predict_linear",
    "range",
    "start",
    "step",
    "time",
    "timestamp",
    "start_timestamp",
];

/// Compiles one query.
pub(crate) struct Compiler<'a> {
    options: &'a EngineOptions,
    lookback_ms: i64,
    /// The query's own times.
    grid: Grid,
    end_ms: i64,
    context: DurationContext,
    pub slots: Slots,
}

/// A node with what is known of it.
struct Compiled {
    node: Node,
    /// The same at each step.
    invariant: bool,
    /// Worth evaluating once: not a literal text or a range, which its function evaluates itself.
    wrap: bool,
}

impl<'a> Compiler<'a> {
    /// A compiler for a query over `grid`; a range query has an end of its own, which may lie past the last step.
    pub fn new(options: &'a EngineOptions, lookback_ms: i64, grid: Grid, range: Option<(i64, i64)>) -> Self {
        let end_ms = range.map_or(grid.start_ms, |(end_ms, _)| end_ms);
        let context = match range {
            Some((end_ms, step_ms)) => DurationContext { step_ms, range_ms: end_ms.saturating_sub(grid.start_ms) },
            None => DurationContext { step_ms: 0, range_ms: 0 },
        };
        Self { options, lookback_ms, grid, end_ms, context, slots: Slots::default() }
    }

    /// Compiles the whole query.
    pub fn root(&mut self, expr: &Expr) -> Result<Node, EvalError> {
        let grid = self.grid;
        let compiled = self.node(expr, &grid)?;
        Ok(if compiled.wrap { wrapped(compiled.node) } else { compiled.node })
    }

    fn node(&mut self, expr: &Expr, grid: &Grid) -> Result<Compiled, EvalError> {
        let span = expr.span();
        match expr {
            Expr::Number(number) => Ok(literal(NodeKind::Number(number.value), ValueType::Scalar, span)),
            Expr::String(text) => {
                Ok(Compiled { wrap: false, ..literal(NodeKind::Text(text.value.clone()), ValueType::String, span) })
            }
            Expr::Paren(paren) => self.node(&paren.expr, grid),
            Expr::Vector(selector) => self.instant(selector, grid, span),
            Expr::Matrix(matrix) => self.range(matrix, grid, span),
            Expr::Subquery(subquery) => self.subquery(subquery, grid, span),
            Expr::Unary(unary) => self.unary(unary, grid),
            Expr::Binary(binary) => self.binary(binary, grid, span),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate, grid),
            Expr::Call(call) => self.call(call, grid),
        }
    }

    fn at_ms(&self, at: Option<At>) -> Option<i64> {
        at.map(|at| match at {
            At::Timestamp(time) => time.0,
            At::Start => self.grid.start_ms,
            At::End => self.end_ms,
        })
    }

    fn duration_ms(&self, expr: &DurationExpr, allow_negative: bool) -> Result<i64, EvalError> {
        expr.resolve_ms(&self.context, allow_negative).map_err(|error| EvalError::Invalid(error.to_string()))
    }

    fn lookup(&self, at: Option<At>, offset: Option<&DurationExpr>) -> Result<Lookup, EvalError> {
        let offset_ms = offset.map_or(Ok(0), |offset| self.duration_ms(offset, true))?;
        Ok(Lookup { at_ms: self.at_ms(at), offset_ms })
    }

    fn instant(&mut self, selector: &VectorSelector, grid: &Grid, span: Span) -> Result<Compiled, EvalError> {
        let lookup = self.lookup(selector.at, selector.offset.as_ref())?;
        let first_ms = lookup.reference_ms(grid.start_ms).saturating_sub(self.lookback_ms).saturating_add(1);
        let mut last_ms = lookup.reference_ms(grid.last_ms());
        if selector.edges == VectorEdges::Smoothed {
            last_ms = last_ms.saturating_add(self.lookback_ms);
        }
        let slot = self.slots.request(&selector.matchers, first_ms, last_ms);
        let (matchers, edges) = (selector.matchers.clone(), selector.edges);
        let kind = NodeKind::Instant(InstantSelector { slot, matchers, lookup, edges });
        let invariant = lookup.at_ms.is_some();
        Ok(Compiled { node: Node { kind, value: ValueType::Vector, span }, invariant, wrap: invariant })
    }

    fn range(&mut self, matrix: &ast::MatrixSelector, grid: &Grid, span: Span) -> Result<Compiled, EvalError> {
        let selector = &matrix.selector;
        let lookup = self.lookup(selector.at, selector.offset.as_ref())?;
        let range_ms = self.duration_ms(&matrix.range, false)?;
        let mut first_ms = lookup.reference_ms(grid.start_ms).saturating_sub(range_ms).saturating_add(1);
        let mut last_ms = lookup.reference_ms(grid.last_ms());
        if selector.edges != VectorEdges::Samples {
            first_ms = first_ms.saturating_sub(self.lookback_ms);
        }
        if selector.edges == VectorEdges::Smoothed {
            last_ms = last_ms.saturating_add(self.lookback_ms);
        }
        let slot = self.slots.request(&selector.matchers, first_ms, last_ms);
        let (matchers, edges) = (selector.matchers.clone(), selector.edges);
        let kind = NodeKind::Range(RangeSelector { slot, matchers, lookup, range_ms, edges });
        let node = Node { kind, value: ValueType::Matrix, span };
        Ok(Compiled { node, invariant: lookup.at_ms.is_some(), wrap: false })
    }

    fn subquery(&mut self, subquery: &ast::Subquery, grid: &Grid, span: Span) -> Result<Compiled, EvalError> {
        let lookup = self.lookup(subquery.at, subquery.offset.as_ref())?;
        let range_ms = self.duration_ms(&subquery.range, false)?;
        let step_ms = match &subquery.step {
            Some(step) => self.duration_ms(step, false)?,
            None => 0,
        };
        // A step of less than a millisecond, or none, means the default.
        let step_ms = if step_ms == 0 { self.options.subquery_step_ms.max(1) } else { step_ms };
        let nothing = Node { kind: NodeKind::Number(0.0), value: ValueType::Scalar, span };
        let mut inner = Subquery { expr: nothing, lookup, range_ms, step_ms };
        let compiled = self.node(&subquery.expr, &inner.grid(grid))?;
        inner.expr = if compiled.invariant { wrapped(compiled.node) } else { compiled.node };
        let node = Node { kind: NodeKind::Subquery(Box::new(inner)), value: ValueType::Matrix, span };
        Ok(Compiled { node, invariant: lookup.at_ms.is_some(), wrap: false })
    }

    fn unary(&mut self, unary: &ast::Unary, grid: &Grid) -> Result<Compiled, EvalError> {
        let inner = self.node(&unary.expr, grid)?;
        if unary.op == ast::UnaryOp::Plus {
            return Ok(inner);
        }
        let value = inner.node.value;
        let kind = NodeKind::Negate(Box::new(inner.node));
        Ok(Compiled { node: Node { kind, value, span: unary.span }, ..inner })
    }

    fn binary(&mut self, binary: &ast::Binary, grid: &Grid, span: Span) -> Result<Compiled, EvalError> {
        let left = self.node(&binary.left, grid)?;
        let right = self.node(&binary.right, grid)?;
        let invariant = left.invariant && right.invariant;
        let side = |compiled: Compiled| {
            if !invariant && compiled.wrap { wrapped(compiled.node) } else { compiled.node }
        };
        let kind = NodeKind::Binary(Box::new(Binary {
            op: binary.op,
            left: side(left),
            right: side(right),
            return_bool: binary.return_bool,
            matching: binary.matching.clone().unwrap_or_default(),
        }));
        Ok(Compiled { node: Node { kind, value: binary.value_type(), span }, invariant, wrap: invariant })
    }

    fn aggregate(&mut self, aggregate: &ast::Aggregate, grid: &Grid) -> Result<Compiled, EvalError> {
        let param = aggregate.param.as_ref().map(|param| self.node(param, grid)).transpose()?;
        let inner = self.node(&aggregate.expr, grid)?;
        let invariant = inner.invariant && param.as_ref().is_none_or(|param| param.invariant);
        let side = |compiled: Compiled| {
            if !invariant && compiled.wrap { wrapped(compiled.node) } else { compiled.node }
        };
        let mut grouping = aggregate.grouping.clone();
        grouping.sort_unstable();
        grouping.dedup();
        let kind = NodeKind::Aggregate(Box::new(Aggregate {
            op: aggregate.op,
            expr: side(inner),
            param: param.map(side),
            grouping,
            without: aggregate.without,
        }));
        let node = Node { kind, value: ValueType::Vector, span: aggregate.span };
        Ok(Compiled { node, invariant, wrap: invariant })
    }

    fn call(&mut self, call: &ast::Call, grid: &Grid) -> Result<Compiled, EvalError> {
        let name = call.function.name;
        if let Some(value) = self.query_context(name) {
            return Ok(literal(NodeKind::Number(value), ValueType::Scalar, call.span));
        }
        let body = functions::body(name)
            .ok_or_else(|| EvalError::Invalid(format!("function {name:?} is not supported yet")))?;
        let info = if name == "info" { Some(self.info(call, grid)?) } else { None };
        // The second argument of `info` is no selector to evaluate, only conditions.
        let args = if info.is_some() { &call.args[..1] } else { &call.args[..] };
        let compiled = args.iter().map(|arg| self.node(arg, grid)).collect::<Result<Vec<_>, _>>()?;
        let all_invariant = compiled.iter().all(|arg| arg.invariant);
        // The time of a sample does not change with the evaluation time, that of a computed vector does.
        let of_selectors = compiled.iter().all(|arg| matches!(arg.node.kind, NodeKind::Instant(_)));
        let reads_samples = name == "timestamp" && of_selectors;
        let invariant = all_invariant && (reads_samples || !TIME_DEPENDENT.contains(&name));
        let side = |compiled: Compiled| {
            if !invariant && compiled.wrap { wrapped(compiled.node) } else { compiled.node }
        };
        let args = compiled.into_iter().map(side).collect();
        let kind = NodeKind::Call(Box::new(Call { name, body, args, info, span: call.span }));
        let node = Node { kind, value: call.function.returns, span: call.span };
        Ok(Compiled { node, invariant, wrap: invariant })
    }

    /// `start()`, `end()`, `range()` and `step()` are numbers of the query, known now.
    fn query_context(&self, name: &str) -> Option<f64> {
        let seconds = |ms: i64| ms as f64 / 1000.0;
        match name {
            "start" => Some(seconds(self.grid.start_ms)),
            "end" => Some(seconds(self.end_ms)),
            "range" => Some(seconds(self.context.range_ms)),
            "step" if self.context.range_ms == 0 => Some(0.0),
            "step" => Some(seconds(self.context.step_ms)),
            _ => None,
        }
    }

    fn info(&mut self, call: &ast::Call, grid: &Grid) -> Result<crate::eval::node::InfoSelection, EvalError> {
        let lookup = self.info_lookup(&call.args[0])?.unwrap_or(Lookup { at_ms: None, offset_ms: 0 });
        let conditions = match call.args.get(1).map(Expr::unparenthesised) {
            Some(Expr::Vector(selector)) => selector.matchers.as_slice(),
            _ => &[],
        };
        let (name_matchers, data_matchers) = functions::info::conditions(conditions);
        let all: Vec<_> = data_matchers.iter().chain(&name_matchers).cloned().collect();
        let first_ms = lookup.reference_ms(grid.start_ms).saturating_sub(self.lookback_ms).saturating_add(1);
        let slot = self.slots.request(&all, first_ms, lookup.reference_ms(grid.last_ms()));
        Ok(crate::eval::node::InfoSelection { slot, lookup, name_matchers, data_matchers })
    }

    /// The time of the first selector: its own `@`, or that of the subqueries around it, offsets added up to there.
    fn info_lookup(&self, expr: &Expr) -> Result<Option<Lookup>, EvalError> {
        let selector = match expr {
            Expr::Vector(selector) => Some(&**selector),
            Expr::Matrix(matrix) => Some(&matrix.selector),
            _ => None,
        };
        if let Some(selector) = selector {
            return self.lookup(selector.at, selector.offset.as_ref()).map(Some);
        }
        for child in expr.children() {
            let Some(mut lookup) = self.info_lookup(child)? else { continue };
            if let (Expr::Subquery(subquery), None) = (expr, lookup.at_ms) {
                let outer = self.lookup(subquery.at, subquery.offset.as_ref())?;
                lookup.offset_ms = lookup.offset_ms.saturating_add(outer.offset_ms);
                lookup.at_ms = outer.at_ms;
            }
            return Ok(Some(lookup));
        }
        Ok(None)
    }
}

fn literal(kind: NodeKind, value: ValueType, span: Span) -> Compiled {
    Compiled { node: Node { kind, value, span }, invariant: true, wrap: true }
}

fn wrapped(node: Node) -> Node {
    let (value, span) = (node.value, node.span);
    Node { kind: NodeKind::StepInvariant(Box::new(node)), value, span }
}

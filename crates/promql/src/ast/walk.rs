//! Going through a tree without knowing every kind of node.

use super::{Expr, VectorSelector};

impl Expr {
    /// The direct sub-expressions, in the order they are evaluated: an aggregation's vector before its parameter.
    pub fn children(&self) -> Vec<&Expr> {
        match self {
            Self::Number(_) | Self::String(_) | Self::Vector(_) | Self::Matrix(_) => Vec::new(),
            Self::Subquery(subquery) => vec![&subquery.expr],
            Self::Unary(unary) => vec![&unary.expr],
            Self::Binary(binary) => vec![&binary.left, &binary.right],
            Self::Aggregate(aggregate) => std::iter::once(&aggregate.expr).chain(aggregate.param.as_ref()).collect(),
            Self::Call(call) => call.args.iter().collect(),
            Self::Paren(paren) => vec![&paren.expr],
        }
    }

    /// The direct sub-expressions, to change.
    pub fn children_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Self::Number(_) | Self::String(_) | Self::Vector(_) | Self::Matrix(_) => Vec::new(),
            Self::Subquery(subquery) => vec![&mut subquery.expr],
            Self::Unary(unary) => vec![&mut unary.expr],
            Self::Binary(binary) => vec![&mut binary.left, &mut binary.right],
            Self::Aggregate(aggregate) => {
                std::iter::once(&mut aggregate.expr).chain(aggregate.param.as_mut()).collect()
            }
            Self::Call(call) => call.args.iter_mut().collect(),
            Self::Paren(paren) => vec![&mut paren.expr],
        }
    }

    /// Visits this node and all below it, parents first. The parser bounds the depth.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Expr)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }

    /// Every selector, those inside ranges included.
    pub fn selectors(&self) -> Vec<&VectorSelector> {
        let mut found = Vec::new();
        self.walk(&mut |expr| match expr {
            Self::Vector(selector) => found.push(&**selector),
            Self::Matrix(matrix) => found.push(&matrix.selector),
            _ => {}
        });
        found
    }
}

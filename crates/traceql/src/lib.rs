//! TraceQL: lexer, parser, checker.

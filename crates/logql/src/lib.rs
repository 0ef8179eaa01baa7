//! LogQL: lexer, parser, checker.

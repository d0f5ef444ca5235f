"""One module a peer, each a program that speaks the line protocol of `elman-bench` (see program/src/main.rs)."""

# Every chore of the project. `just` lists them.

default:
    @just --list

# All tests; those on real data too if ELMAN_DATA names a folder that holds it
test:
    cargo test --workspace

# Formatting, lints and documentation, warnings denied
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
    -cargo deny check
    -typos
    -cargo machete

# What CI runs
ci:
    .ci/run

# The PyTorch cases that the recurrent layers are held against (needs Python with torch, numpy, safetensors)
golden:
    cd crates/elman/tests/golden && python3 generate.py

# A training step of an Lstm against PyTorch's, run in turn (needs Python with torch)
bench python="python3":
    cargo build --release -p elman-kernels --example time_step
    {{python}} bench/lstm_step.py target/release/examples/time_step

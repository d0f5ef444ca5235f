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

# A million mutated inputs for everything that is read; `cargo test` gives ten thousand to each reader
fuzz inputs="1000000" *options:
    cargo run --release -p elman-fuzz -- --total {{inputs}} {{options}}

# What CI runs
ci:
    .ci/run

# The PyTorch cases that layers and networks are held against (needs Python with torch, torchvision, numpy, safetensors)
golden:
    cd crates/elman/tests/golden && python3 generate.py && python3 vision.py

# PYTHON and KERAS_PYTHON name interpreters that have what is compared (bench/README.md)

# Elman's layers, shares of the peak; `just bench peers` compares them with others', `just bench models` whole training
# steps, `just bench command` times the command
bench what="alone" *options:
    {{env("PYTHON", "python3")}} bench/{{ if what == "peers" { "layers.py --keras-python " + env("KERAS_PYTHON", env("PYTHON", "python3")) } else if what == "models" { "models.py --keras-python " + env("KERAS_PYTHON", env("PYTHON", "python3")) } else if what == "command" { "command.py" } else { "layers.py --peers autodiff" } }} {{options}}

# The kernels' tests on NEON, emulated (needs the aarch64-unknown-linux-gnu target, aarch64-linux-gnu-gcc and qemu-aarch64)
neon:
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu" \
    cargo test --release -p elman-kernels --lib --target aarch64-unknown-linux-gnu

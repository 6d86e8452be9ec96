#!/usr/bin/env bash
# run.sh [SECONDS [TARGET...]]: runs each fuzzer for so long (60 seconds unless said otherwise). The
# coverage instrumentation is unstable, so the stable compiler is told to allow it; nothing else of the
# project is built that way. Needs cargo-fuzz (`cargo install cargo-fuzz --locked`) and a C++ compiler.
# Says how many inputs were tried; ends with 1 when one of them broke a promise, and keeps it in
# fuzz/artifacts.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(checklist journal env_editor form error_mapper)
export RUSTC_BOOTSTRAP=1
# The corpus in the repository is kept small by hand: what is found goes into a folder of its own.
found=${FUZZ_FOUND:-target/found}
failed=0
for target in "${targets[@]}"; do
    mkdir -p "$found/$target"
    log=$(mktemp)
    if cargo fuzz run --sanitizer none --dev "$target" "$found/$target" "corpus/$target" -- \
        -max_total_time="$seconds" -max_len=16384 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 >"$log" 2>&1; then
        printf '%-14s %s inputs in %s s\n' "$target" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" "$seconds"
    else
        tail -n 40 "$log"
        printf '%-14s FAILED\n' "$target"
        failed=1
    fi
    rm -f "$log"
done
exit $failed

#!/usr/bin/env bash
# run.sh [SECONDS [TARGET...]]: runs each fuzzer for so long (60 seconds unless said otherwise). Needs a
# stable Rust toolchain and a C++ compiler, which builds libFuzzer; instrument.sh says what is compiled how.
# How many inputs were tried is written to fuzz/figures/TARGET, which docs/reliability.md is made of. Ends
# with 1 when an input broke a promise, and keeps it in fuzz/artifacts/TARGET: it becomes a test and a seed.
# `run.sh corpus` makes the seeds of what was found: the fewest inputs that reach as much, small ones only.
set -euo pipefail
cd "$(dirname "$0")"
all=(checklist journal env_editor markdown form error_mapper)
first=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=("${all[@]}")

RUSTC_WRAPPER=$PWD/instrument.sh cargo build --quiet --locked --bins
built=${CARGO_TARGET_DIR:-target}/debug
# The corpus in the repository is kept small: what is found goes into a folder of its own.
found=${FUZZ_FOUND:-target/found}
# Bytes of an input at most. A document is read by many rules: many short ones find more than a few long ones.
declare -A most=([markdown]=2048)

try() {
    local target=$1 log count
    mkdir -p "$found/$target" "artifacts/$target" figures
    log=$(mktemp)
    if ! "$built/$target" "$found/$target" "corpus/$target" -artifact_prefix="artifacts/$target/" \
        -max_total_time="$first" -max_len="${most[$target]:-16384}" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 >"$log" 2>&1; then
        tail -n 40 "$log"
        printf '%-14s FAILED\n' "$target"
        rm -f "$log"
        return 1
    fi
    count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    rm -f "$log"
    printf '%-14s %s inputs in %s s\n' "$target" "$count" "$first"
    printf 'fuzz.%s %s\nfuzz.seconds %s\n' "$target" "$count" "$first" >"figures/$target"
}

# Seeds with a name of their own stay; those that a run made are named after what is in them.
seeds() {
    local target=$1 made=$found/$1.least
    rm -rf "$made"
    mkdir -p "$made" "$found/$target"
    "$built/$target" -set_cover_merge=1 -max_len=512 "$made" "corpus/$target" "$found/$target" >/dev/null 2>&1
    find "corpus/$target" -type f -regextype egrep -regex '.*/[0-9a-f]{40}' -delete
    # The smallest first, until there are enough; the rest is found again in a minute.
    find "$made" -type f -printf '%s %p\n' | sort -n | awk '{ sum += $1 } sum <= 12288 { print $2 }' \
        | while read -r input; do cmp -s "$input" corpus/"$target"/* 2>/dev/null || cp "$input" "corpus/$target/"; done
    printf '%-14s %s seeds\n' "$target" "$(find "corpus/$target" -type f | wc -l)"
}

failed=0
for target in "${targets[@]}"; do
    if [ "$first" = corpus ]; then seeds "$target"; else try "$target" || failed=1; fi
done
exit $failed

#!/usr/bin/env bash
# instrument.sh RUSTC ARGUMENTS: what cargo calls in rustc's place while fuzz/run.sh builds. golive, the
# fuzzers and the parsers that bytes go through count what they reach, as with cargo-fuzz, without a sanitizer
# (golive has no unsafe code of its own for one to watch). The rest, which is mostly the generated types of
# Stripe's API, is compiled as it always is: it would take most of an hour and leads the fuzzer nowhere.
set -euo pipefail
level='-Cllvm-args=-sanitizer-coverage-'
flags=(-Cpasses=sancov-module "${level}level=4" "${level}inline-8bit-counters" "${level}pc-table" "${level}trace-compares")
counted=(golive checklist journal env_editor markdown form error_mapper
    dotenvy form_urlencoded pulldown_cmark serde_json toml toml_edit toml_parser)
name=
for at in $(seq 2 $#); do [ "${!at}" != --crate-name ] || { next=$((at + 1)); name=${!next}; }; done
case " ${counted[*]} " in
    *" $name "*) exec "$@" "${flags[@]}" --cfg fuzzing ;;
    *) exec "$@" ;;
esac

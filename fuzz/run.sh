#!/usr/bin/env bash
# Builds the fuzz targets on the stable toolchain, runs each, and prints the number of executions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
    cat <<'USAGE'
usage: fuzz/run.sh [--seeds | --smoke | --long] [TARGET...]

  --seeds  the seeds alone, without instrumentation: the build shares dependencies with the tests
  --smoke  up to 20,000 executions or 5 seconds per target (default)
  --long   up to 10,000,000 executions per parser, 1,000,000 per sequence or ceremony, or FUZZ_SECONDS per target
           (default 600)

Inputs with new coverage and crashing inputs are kept in found/ of the target directory. corpus/ has the seeds.
USAGE
}

mode=smoke
targets=()
for argument in "$@"; do
    case "$argument" in
        --seeds) mode=seeds ;;
        --smoke) mode=smoke ;;
        --long) mode=long ;;
        -h | --help) usage; exit ;;
        -*) usage >&2; exit 2 ;;
        *) targets+=("$argument") ;;
    esac
done

parsers=(addresses answer_forms client_data key_ring outbound push_subscription record redis_reply redis_value)
others=(attestation authenticator_data challenge_sequence enrollment_sequence http_request import_row
    webauthn_differential webauthn_registration)
((${#targets[@]})) || targets=("${parsers[@]}" "${others[@]}")

limits() {
    if [[ $mode = smoke ]]; then
        echo "-runs=20000 -max_total_time=5"
    elif [[ " ${parsers[*]} " = *" $1 "* ]]; then
        echo "-runs=10000000 -max_total_time=${FUZZ_SECONDS:-600}"
    else
        echo "-runs=1000000 -max_total_time=${FUZZ_SECONDS:-600}"
    fi
}

bins=()
for name in "${targets[@]}"; do bins+=(--bin "$name"); done

if [[ $mode = seeds ]]; then
    target=${CARGO_TARGET_DIR:-../target}
    CARGO_TARGET_DIR=$target cargo build --locked "${bins[@]}"
    for name in "${targets[@]}"; do
        seeds=("corpus/$name"/*)
        if ! log=$("$target/debug/$name" -timeout=25 -rss_limit_mb=4096 -artifact_prefix="$target/" "${seeds[@]}" 2>&1); then
            printf '%s\n' "$log" >&2
            printf 'fuzz/run.sh: %s failed on its seeds\n' "$name" >&2
            exit 1
        fi
        printf '%-24s %d seeds\n' "$name" "${#seeds[@]}"
    done
    exit
fi

profile=smoke
[[ $mode = smoke ]] || profile=release
host=$(rustc -vV | sed -n 's/^host: //p')
target=${CARGO_TARGET_DIR:-../target/fuzz}
mkdir -p "$target"
target=$(cd "$target" && pwd)
# The flags of cargo-fuzz, without the address sanitizer: it needs a nightly toolchain, and this code is not unsafe.
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing"
CARGO_TARGET_DIR=$target cargo build --profile "$profile" --locked --target "$host" "${bins[@]}"

printf '%-24s %12s %10s %8s\n' target executions seconds inputs
for name in "${targets[@]}"; do
    found=$target/found/$name
    log=$target/found/$name.log
    mkdir -p "$found" "corpus/$name"
    read -ra limit <<<"$(limits "$name")"
    if ! "$target/$host/$profile/$name" "${limit[@]}" -print_final_stats=1 -timeout=25 -rss_limit_mb=4096 \
        -artifact_prefix="$found/" "$found" "corpus/$name" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        printf 'fuzz/run.sh: %s failed; see the log: %s\n' "$name" "$log" >&2
        exit 1
    fi
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    seconds=$(sed -n 's/^Done [0-9]* runs in \([0-9]*\) second.*/\1/p' "$log")
    printf '%-24s %12s %10s %8s\n' "$name" "$executions" "$seconds" "$(find "$found" -type f | wc -l)"
done

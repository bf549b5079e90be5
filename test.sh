#!/usr/bin/env bash
# Every test of the project, from a clean clone: Rust tests, fuzz targets, the demos driven by the real
# client, and their pages in a browser.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
    cat <<'USAGE'
usage: ./test.sh [--full]

  --full   longer loops (kill -9, races, fuzz targets) and tests that wait for real time; sets CHALLENGES_FULL=1

Needs cargo, a C and C++ compiler and python3 (3.10 or newer). Missing Debian packages are installed with apt-get
where that is possible, and named where it is not. SCREENSHOTS=DIR keeps pictures of the demos' pages.
USAGE
}

for argument in "$@"; do
    case "$argument" in
        --full) export CHALLENGES_FULL=1 ;;
        -h | --help) usage; exit ;;
        *) usage >&2; exit 2 ;;
    esac
done

step() { printf '\n==> %s\n' "$*"; }
fail() { printf 'test.sh: %s\n' "$*" >&2; exit 1; }

target=${CARGO_TARGET_DIR:-target}
[[ $target = /* ]] || target=$PWD/$target
export CARGO_TARGET_DIR=$target
python=$target/venv/bin/python

require_tools() {
    local tool
    for tool in cargo cc; do
        command -v "$tool" >/dev/null || fail "$tool is missing: install it first"
    done
}

missing_packages() {
    command -v c++ >/dev/null || echo g++
    command -v python3 >/dev/null || echo python3
    command -v chromium >/dev/null || echo chromium
    command -v chromedriver >/dev/null || echo chromium-driver
    command -v redis-server >/dev/null && command -v redis-cli >/dev/null || echo redis-server
    python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
}

install_packages() {
    local packages root=()
    mapfile -t packages < <(missing_packages)
    ((${#packages[@]})) || return 0
    command -v apt-get >/dev/null || fail "please install: ${packages[*]}"
    if ((EUID != 0)); then
        sudo -n true 2>/dev/null || fail "please install: apt-get install ${packages[*]}"
        root=(sudo -n)
    fi
    step "apt-get install ${packages[*]}"
    "${root[@]}" apt-get -qq update
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install --yes --no-install-recommends "${packages[@]}"
    mapfile -t packages < <(missing_packages)
    ((${#packages[@]} == 0)) || fail "still missing after apt-get: ${packages[*]}"
}

make_environment() {
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail "python3 is older than 3.10"
    local made_for=$target/venv/requirements.txt
    if cmp -s tests/requirements.txt "$made_for" && "$python" -c '' 2>/dev/null; then
        return
    fi
    python3 -m venv --clear "$target/venv"
    "$python" -m pip --quiet --disable-pip-version-check --no-input install --requirement tests/requirements.txt
    cp tests/requirements.txt "$made_for"
}

pytest_group=

# The tests end what they start, also when interrupted; whatever is left after a while ends here.
end_pytest() {
    [[ -n $pytest_group ]] || return 0
    kill -INT "$pytest_group" 2>/dev/null || true
    for _ in {1..100}; do
        kill -0 "$pytest_group" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL -- "-$pytest_group" 2>/dev/null || true
}
trap end_pytest EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

run_pytest() {
    # A process group of its own, so that nothing in it can outlive this script.
    set -m
    DEMOS=$target/debug PYTHONDONTWRITEBYTECODE=1 \
        "$python" -m pytest -c tests/pytest.ini -p no:cacheprovider \
        --numprocesses auto --maxprocesses 4 --dist worksteal tests </dev/null &
    pytest_group=$!
    set +m
    wait "$pytest_group"
}

require_tools
install_packages

step "Rust tests"
cargo test --workspace --all-features

step "Fuzz targets"
fuzz_run=--smoke
[[ -z ${CHALLENGES_FULL-} ]] || fuzz_run=--long
CARGO_TARGET_DIR=$target/fuzz fuzz/run.sh "$fuzz_run"

step "Demos build"
# With the tests, whose dependencies have features of their own: without them half of all would be built again.
cargo build --workspace --all-features --tests --bin demo-axum --bin demo-actix

step "Python environment"
make_environment

step "The real client and the browser against the demos"
run_pytest

step "All tests passed"

#!/usr/bin/env bash
# Runs every test of the project: Rust tests, fuzz targets, and the demos driven by the real client and a browser.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
    cat <<'USAGE'
usage: ./test.sh [--install] [--full]

  --install  install missing Debian packages with apt-get; without it, the script names them and exits with 1
  --full     every test on every combination of framework and store, longer races, kill loops and fuzzing (hours);
             the same as CHALLENGES_FULL=1

Needs cargo, a C compiler and python3 (3.10 or newer). SCREENSHOTS=DIR saves pictures of the demos' pages.
USAGE
}

install=
for argument in "$@"; do
    case "$argument" in
        --install) install=yes ;;
        --full) export CHALLENGES_FULL=1 ;;
        -h | --help) usage; exit ;;
        *) usage >&2; exit 2 ;;
    esac
done
full=
[[ ${CHALLENGES_FULL-} != 1 ]] || full=yes

target=${CARGO_TARGET_DIR:-target}
[[ $target = /* ]] || target=$PWD/$target
export CARGO_TARGET_DIR=$target
python=$target/venv/bin/python

if [[ $full ]]; then
    combinations="every test on every framework and store"
    fuzzing="each target for up to 10 minutes"
    duration="several hours"
else
    combinations="every test on axum and SQLite, smoke tests on the others"
    fuzzing="each target on its seeds"
    duration="about 16 minutes on 2 cores from a cold cache, 12 minutes from a warm one"
fi
cat <<PLAN
./test.sh takes $duration. Steps:
  1. packages   look for C compiler, Python, Redis, PostgreSQL and Chromium${install:+, and install what is missing with apt-get}
  2. rust       cargo test --workspace --all-features
  3. fuzz       $fuzzing
  4. python     virtual environment in $target/venv, from tests/requirements.txt and tests/axe.txt
  5. demos      the real client and Chromium against both demos: $combinations
PLAN

fail() { printf 'test.sh: %s\n' "$*" >&2; exit 1; }

step_name=
step_start=0
end_step() { [[ -z $step_name ]] || printf '==> %s: %d s\n' "$step_name" $((SECONDS - step_start)); }
step() {
    end_step
    step_name=$1 step_start=$SECONDS
    printf '\n==> %s\n' "$step_name"
}

require_tools() {
    local tool
    for tool in cargo cc; do
        command -v "$tool" >/dev/null || fail "$tool is missing: install Rust (https://rustup.rs) and a C compiler"
    done
}

missing_packages() {
    [[ -n $(type -P c++) ]] || echo g++
    [[ -n $(type -P python3) ]] || echo python3
    [[ -n $(type -P chromium) ]] || echo chromium
    [[ -n $(type -P chromedriver) ]] || echo chromium-driver
    [[ -n $(type -P redis-server) && -n $(type -P redis-cli) ]] || echo redis-server
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || echo postgresql
    [[ -n $(type -P pgbouncer) || -x /usr/sbin/pgbouncer ]] || echo pgbouncer
    python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
}

require_packages() {
    local packages as_root=()
    mapfile -t packages < <(missing_packages)
    ((${#packages[@]})) || return 0
    [[ $install ]] || fail "missing Debian packages: ${packages[*]}
Install them, or let the script do so: ./test.sh --install"
    [[ -n $(type -P apt-get) ]] || fail "no apt-get here; please install: ${packages[*]}"
    if ((EUID != 0)); then
        sudo -n true 2>/dev/null || fail "no rights to run: apt-get install ${packages[*]}"
        as_root=(sudo -n)
    fi
    echo "apt-get install ${packages[*]}"
    "${as_root[@]}" apt-get -qq update
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install --yes --no-install-recommends "${packages[@]}" >/dev/null
    mapfile -t packages < <(missing_packages)
    ((${#packages[@]} == 0)) || fail "still missing after apt-get: ${packages[*]}"
}

make_environment() {
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail "python3 is older than 3.10"
    local made_for=$target/venv/requirements.txt
    if cat tests/requirements.txt tests/axe.txt | cmp -s - "$made_for" && "$python" -c '' 2>/dev/null; then
        return
    fi
    python3 -m venv --clear "$target/venv"
    "$python" -m pip --quiet --disable-pip-version-check --no-input install --requirement tests/requirements.txt
    # Without the dependencies: only the script inside is used, by the browser that is here already.
    "$python" -m pip --quiet --disable-pip-version-check --no-input install --no-deps --requirement tests/axe.txt
    cat tests/requirements.txt tests/axe.txt >"$made_for"
}

pytest_group=

# The tests stop their own servers, also on SIGINT. Whatever is left after 10 seconds is killed.
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
    # In a process group of its own, so that no server outlives this script.
    set -m
    DEMOS=$target/debug PYTHONDONTWRITEBYTECODE=1 \
        "$python" -m pytest -c tests/pytest.ini -p no:cacheprovider \
        --numprocesses 4 --dist worksteal tests </dev/null &
    pytest_group=$!
    set +m
    wait "$pytest_group"
}

require_tools

step packages
require_packages

step rust
cargo test --workspace --all-features --no-fail-fast
# Built together with the tests, the demos share the features, and so the builds, of all dependencies.
cargo build --workspace --all-features --tests --bin demo-axum --bin demo-actix --example pages

step fuzz
if [[ $full ]]; then
    CARGO_TARGET_DIR=$target/fuzz fuzz/run.sh --long
else
    fuzz/run.sh --seeds
fi

step python
make_environment

step demos
run_pytest

end_step
printf '\n==> All tests passed in %d minutes %d seconds\n' $((SECONDS / 60)) $((SECONDS % 60))

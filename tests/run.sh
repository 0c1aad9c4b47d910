#!/usr/bin/env bash
# Installs what is missing, builds, starts the real servers and runs every test. The last line is
# `N passed, N failed, N skipped`; the exit status is 1 when anything failed or could not be built
# or started.
# usage: tests/run.sh [--only REGEX] [--keep]
#   --only REGEX   only the suites whose name matches (unit_base, e2e_movies, tidy_test, ...)
#   --keep         leave the servers running
set -uo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
report=$tree/build/report
only=.
keep=false
suite_timeout_s=${ROWFERRY_SUITE_TIMEOUT:-900}
build_timeout_s=2400
passed=0
failed=0
skipped=0
failed_suites=()
services_started=()
running=

usage() {
  sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
  exit 2
}

while [ $# -gt 0 ]; do
  case $1 in
    --only)
      [ $# -ge 2 ] || usage
      only=$2
      shift
      ;;
    --keep) keep=true ;;
    *) usage ;;
  esac
  shift
done

cd "$tree" || exit 1
exec </dev/null
mkdir -p "$report"
rm -f "$report"/*

export CCACHE_BASEDIR=$tree CCACHE_NOHASHDIR=true
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
export PYTHONDONTWRITEBYTECODE=1
export ROWFERRY_TEST_BINARY=$tree/build/release/bin/rowferry
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=0}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1}

service=run.sh
# shellcheck source=services/lib.sh
source "$tree/tests/services/lib.sh"
set +e

line() { printf '%-6s %-36s %5s s  %s\n' "$1" "$2" "$3" "$4"; }

matches() { [[ $1 =~ $only ]]; }

# Counts a step that is no test (a build, the servers) when it fails, and remembers its log.
step() {
  local name=$1 start=$SECONDS
  shift
  if "$@" >"$report/$name.log" 2>&1; then
    line ok "$name" $((SECONDS - start)) ''
    return 0
  fi
  line FAILED "$name" $((SECONDS - start)) "see the end of this output"
  failed=$((failed + 1))
  failed_suites+=("$name")
  return 1
}

# Runs a command with a time limit in seconds, so that an interrupt ends it at once.
bounded() {
  timeout -k 30 "$@" &
  running=$!
  wait "$running"
}

interrupted() {
  [ -z "$running" ] || kill "$running" 2>/dev/null
  exit 130
}

install_all() { require_packages $(cat deploy/apt-packages tests/apt-packages); }

# What runs already belongs to somebody else and stays up at the end.
start_services() {
  local name
  for name in $all_services; do
    tests/services/"$name" status >/dev/null 2>&1 || services_started+=("$name")
  done
  tests/services/up >"$report/services.log" 2>&1 &
  services_job=$!
}

stop_services() {
  if [ "$keep" = false ] && [ "${#services_started[@]}" -gt 0 ]; then
    tests/services/down "${services_started[@]}" >/dev/null 2>&1
  fi
}

finish_services() { wait "$services_job" || { cat "$report/services.log"; return 1; }; }

check_format() {
  git ls-files '*.cpp' '*.hpp' | xargs clang-format --dry-run -Werror
}

configure() { cmake --preset "$1" -DROWFERRY_WARNINGS_AS_ERRORS=ON; }

# build PRESET TARGET...: goes on after an error, so that what can be built is tested.
build() {
  local preset=$1
  shift
  bounded "$build_timeout_s" cmake --build "$tree/build/$preset" -j "$(nproc)" --target "$@" -- -k 0
}

# The gtest programs of a configured build, in the order in which they should fail.
programs() {
  local name
  ctest --test-dir "$tree/build/asan" -N 2>/dev/null |
    sed -n 's/^ *Test *#[0-9]*: \([a-z0-9_]*\).*/\1/p' >"$report/programs"
  for name in tidy_test $(grep '^unit_' "$report/programs") \
    $(grep '_contract$' "$report/programs") $(grep '^integration_' "$report/programs"); do
    if matches "$name" && grep -qx "$name" "$report/programs"; then printf '%s\n' "$name"; fi
  done
}

python_files() {
  local file name
  for file in tests/e2e/test_*.py tests/chaos/test_*.py; do
    name=$(python_suite "$file")
    if [ -e "$file" ] && matches "$name"; then printf '%s\n' "$file"; fi
  done
}

python_suite() { sed 's|^tests/||; s|/test_|_|; s|\.py$||' <<<"$1"; }

# suite NAME COMMAND...: runs one bounded suite whose report will be $report/NAME.xml.
suite() {
  local name=$1 start=$SECONDS status counts
  shift
  bounded "$suite_timeout_s" "$@" >"$report/$name.log" 2>&1
  status=$?
  read -r -a counts <<<"$(/usr/bin/python3 tests/count_results.py "$report/$name.xml")"
  [ "$status" -ne 124 ] || echo "timed out after $suite_timeout_s s" >>"$report/$name.log"
  # A crash after the last test, or no test at all, leaves a report without failures.
  if [ "$status" -ne 0 ] && [ "${counts[1]}" -eq 0 ]; then counts[1]=1; fi
  passed=$((passed + counts[0]))
  failed=$((failed + counts[1]))
  skipped=$((skipped + counts[2]))
  local summary="${counts[0]} passed, ${counts[1]} failed, ${counts[2]} skipped"
  if [ "${counts[1]}" -eq 0 ]; then
    line ok "$name" $((SECONDS - start)) "$summary"
  else
    line FAILED "$name" $((SECONDS - start)) "$summary (exit status $status)"
    failed_suites+=("$name")
  fi
}

program_suite() {
  suite "$1" "${fixed_addresses[@]}" "$tree/build/$2/bin/$3" --gtest_color=no \
    "--gtest_output=xml:$report/$1.xml"
}

python_file_suite() {
  local name
  name=$(python_suite "$1")
  suite "$name" "$ROWFERRY_TEST_PYTHON" -m pytest -q -p no:cacheprovider -o junit_family=xunit1 \
    "--junitxml=$report/$name.xml" "$1"
}

finish() {
  local name
  for name in "${failed_suites[@]}"; do
    printf '\n===== %s =====\n' "$name"
    tail -n 3000 "$report/$name.log"
  done
  printf '\nreports and logs: %s\n%s passed, %s failed, %s skipped\n' "${report#"$tree"/}" \
    "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

build_all() {
  local asan_targets=$1 with_python=$2 with_tsan=$3
  if [ -n "$with_python" ]; then
    step configure_release configure release && step build_release build release rowferry
  fi
  [ -z "$asan_targets" ] || step build_asan build asan $asan_targets
  if [ "$with_tsan" = true ]; then
    step configure_tsan configure tsan && step build_tsan build tsan unit_engine
  fi
}

main() {
  local asan_targets python_tests with_tsan=false name file
  step install install_all || return
  start_services
  if matches clang_format; then step clang_format check_format; fi
  step configure_asan configure asan
  asan_targets=$(programs)
  python_tests=$(python_files)
  if matches unit_engine_tsan; then with_tsan=true; fi
  build_all "$asan_targets" "$python_tests" "$with_tsan"
  step services_up finish_services
  # shellcheck disable=SC1091
  source "$data_root/env"
  # Sanitizers of this compiler do not know the address layout of newer kernels.
  fixed_addresses=()
  if setarch "$(uname -m)" -R true 2>/dev/null; then
    fixed_addresses=(setarch "$(uname -m)" -R)
  fi
  for name in $asan_targets; do program_suite "$name" asan "$name"; done
  [ "$with_tsan" = false ] || program_suite unit_engine_tsan tsan unit_engine
  for file in $python_tests; do python_file_suite "$file"; done
}

trap stop_services EXIT
trap interrupted INT TERM
main
finish

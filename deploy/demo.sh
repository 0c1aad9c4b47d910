#!/usr/bin/env bash
# Installs what is missing, builds rowferry, starts a private PostgreSQL with a film catalogue and an
# editor that keeps changing it, and shows the rows arrive in files (and in a search index, where one
# can be had). Ends by itself and cleans up; --keep leaves everything running.
set -euo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
keep=no
for word in "$@"; do
  case "$word" in
    --keep) keep=yes ;;
    -h | --help)
      echo "usage: bash deploy/demo.sh [--keep]"
      echo "  --keep   leave PostgreSQL and the daemon running at the end"
      echo "  ROWFERRY_DEMO_ELASTICSEARCH_URL=http://...   send the films there too"
      exit 0 ;;
    *) echo "demo: unknown option: $word (try --help)" >&2; exit 2 ;;
  esac
done

if [ -t 1 ]; then bold=$'\033[1m' plain=$'\033[0m'; else bold='' plain=''; fi
say() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }

folder=$(mktemp -d /tmp/rowferry-demo.XXXXXX)
chmod 755 "$folder"
daemon_process='' writer_process='' own_search=no
port=8470

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
# initdb and postgres refuse to run as root.
as_owner() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

clean_up() {
  trap - EXIT INT TERM
  if [ -n "$writer_process" ]; then kill "$writer_process" 2>/dev/null || true; fi
  if [ "$keep" = yes ] && [ -n "$daemon_process" ]; then
    say "left running (--keep)"
    echo "  curl -s http://127.0.0.1:$port/v1/jobs"
    echo "  psql -h $folder/socket -p $pg_port -U postgres demo"
    echo "  end it: kill $daemon_process; $binaries/pg_ctl -D $folder/data stop (as its owner)"
    if [ "$own_search" = yes ]; then
      echo "          ROWFERRY_SERVICES_DIR=$ROWFERRY_SERVICES_DIR $tree/tests/services/elasticsearch stop"
    fi
    echo "          rm -r $folder"
    return
  fi
  if [ -n "$daemon_process" ]; then
    kill "$daemon_process" 2>/dev/null || true
    wait "$daemon_process" 2>/dev/null || true
  fi
  if [ -n "${index:-}" ]; then curl -s -o /dev/null -X DELETE "$search_url/$index" || true; fi
  if [ "$own_search" = yes ]; then "$tree/tests/services/elasticsearch" stop || true; fi
  if [ -s "$folder/data/postmaster.pid" ]; then
    as_owner "$binaries/pg_ctl" -D "$folder/data" -m fast stop >/dev/null 2>&1 || true
  fi
  rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

install_missing() {
  local missing=() package
  for package in $(cat "$tree/deploy/apt-packages") postgresql-15 curl; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
      missing+=("$package")
  done
  if [ ${#missing[@]} = 0 ]; then return; fi
  say "installing ${#missing[@]} packages"
  as_root apt-get update -qq </dev/null >"$folder/apt.log" 2>&1 &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      "${missing[@]}" </dev/null >>"$folder/apt.log" 2>&1 ||
    { tail -20 "$folder/apt.log"; exit 1; }
}

build() {
  say "building rowferry (some minutes the first time)"
  # The tests' release build serves as well, when it is there.
  local build="$tree/build/release"
  if [ ! -x "$build/bin/rowferry" ]; then build="$tree/build/demo"; fi
  export CCACHE_SLOPPINESS=pch_defines,time_macros
  if [ "$build" = "$tree/build/demo" ]; then
    cmake -S "$tree" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DROWFERRY_TESTS=OFF \
      -DCMAKE_CXX_COMPILER_LAUNCHER=ccache >"$folder/build.log" 2>&1 ||
      { tail -30 "$folder/build.log"; exit 1; }
  fi
  ninja -C "$build" rowferry >>"$folder/build.log" 2>&1 || { tail -30 "$folder/build.log"; exit 1; }
  program="$build/bin/rowferry"
  "$program" --version
}

free_port() {
  local candidate=$1
  while (exec 3<>"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null; do candidate=$((candidate + 1)); done
  echo "$candidate"
}

start_postgres() {
  say "a private PostgreSQL with a film catalogue"
  binaries=/usr/lib/postgresql/15/bin
  pg_port=$(free_port 25432)
  mkdir "$folder/data" "$folder/socket"
  if [ "$(id -u)" = 0 ]; then chown postgres "$folder/data" "$folder/socket"; fi
  as_owner "$binaries/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
    >"$folder/initdb.log" 2>&1
  as_owner "$binaries/pg_ctl" -D "$folder/data" -w -l "$folder/data/log" \
    -o "-p $pg_port -k $folder/socket -c listen_addresses=" start >/dev/null
  sql -d postgres -c 'CREATE DATABASE demo' >/dev/null
  sql -d demo -f "$tree/deploy/demo/catalogue.sql" >/dev/null
  echo "$(sql -d demo -Atc 'SELECT count(*) FROM content.film_work') films"
}

sql() {
  "$binaries/psql" -X -q -v ON_ERROR_STOP=1 -h "$folder/socket" -p "$pg_port" -U postgres "$@"
}

find_search() {
  search_url=${ROWFERRY_DEMO_ELASTICSEARCH_URL:-}
  if [ -z "$search_url" ] && { command -v mvn && command -v java; } >/dev/null 2>&1; then
    say "starting a private Elasticsearch"
    export ROWFERRY_SERVICES_DIR="$folder/services" ROWFERRY_ELASTICSEARCH_PORT
    ROWFERRY_ELASTICSEARCH_PORT=$(free_port 29200)
    export ROWFERRY_ELASTICSEARCH_TRANSPORT_PORT
    ROWFERRY_ELASTICSEARCH_TRANSPORT_PORT=$(free_port 29300)
    if "$tree/tests/services/elasticsearch" start >"$folder/search.log" 2>&1; then
      own_search=yes
      search_url="http://127.0.0.1:$ROWFERRY_ELASTICSEARCH_PORT"
    fi
  fi
  if [ -n "$search_url" ]; then
    index="rowferry-demo-$$"
    echo "search index: $search_url/$index"
  else
    echo "no search server (set ROWFERRY_DEMO_ELASTICSEARCH_URL, or install java and maven): files only"
  fi
}

write_configuration() {
  port=$(free_port 8470)
  mkdir "$folder/out"
  cat >"$folder/rowferry.yaml" <<YAML
daemon:
  listen: 127.0.0.1:$port
  state: {store: sqlite, path: $folder/state.db}
connections:
  shop: {type: postgres, dsn: "host=$folder/socket port=$pg_port user=postgres dbname=demo"}
  disk: {type: file, path: $folder/out}
jobs:
  films-to-files:
    source: {connection: shop, table: content.film_work, cursor: updated_at, deleted: {column: deleted_at}}
    sink: {connection: disk, format: ndjson, change_columns: true, key: "films/{run_seq:06}-{part:04}.ndjson"}
    schedule: {fetch_delay: 500ms}
YAML
  if [ -n "$search_url" ]; then
    sed -i "s|^jobs:|  search: {type: elasticsearch, urls: [\"$search_url\"]}\njobs:|" "$folder/rowferry.yaml"
    cat >>"$folder/rowferry.yaml" <<YAML
  films-to-search:
    source: {connection: shop, table: content.film_work, cursor: updated_at, deleted: {column: deleted_at}}
    sink: {connection: search, index: $index}
    schedule: {fetch_delay: 500ms}
YAML
  fi
  echo "configuration: $folder/rowferry.yaml"
  sed 's/^/  | /' "$folder/rowferry.yaml"
}

start_daemon() {
  "$program" serve --config "$folder/rowferry.yaml" </dev/null >>"$folder/daemon.log" 2>&1 &
  daemon_process=$!
  for _ in $(seq 100); do
    if curl -sf -o /dev/null "http://127.0.0.1:$port/livez"; then return; fi
    if ! kill -0 "$daemon_process" 2>/dev/null; then break; fi
    sleep 0.1
  done
  tail -20 "$folder/daemon.log"
  exit 1
}

api() { curl -s "http://127.0.0.1:$port$1"; }

# The field of a job as a word: jq is not asked for.
job_number() {
  api "/v1/jobs/$1" | grep -o "\"$2\":[0-9.]*" | tail -1 | cut -d: -f2
}

jobs() { echo films-to-files; if [ -n "$search_url" ]; then echo films-to-search; fi; }

show_jobs() {
  local job
  for job in $(jobs); do
    printf '  %-16s written %5s  deleted %3s  lag %s s\n' "$job" "$(job_number "$job" rows_written)" \
      "$(job_number "$job" rows_deleted)" "$(job_number "$job" lag_seconds)"
  done
}

run_writer() {
  while sql -d demo -f "$tree/deploy/demo/change.sql" >/dev/null 2>&1; do sleep 0.2; done
}

# A job knows its lag when its first run has ended.
wait_for_first_copy() {
  local job copied
  for _ in $(seq 300); do
    copied=yes
    for job in $(jobs); do
      if [ "$(job_number "$job" rows_written)" != 1000 ] ||
        [ -z "$(job_number "$job" lag_seconds)" ]; then copied=no; fi
    done
    if [ "$copied" = yes ]; then return; fi
    sleep 0.1
  done
  echo "the first copy did not end; the log:"; tail -20 "$folder/daemon.log"; exit 1
}

# The rows as the change log leaves them: the last line of each id wins.
films_in_files() {
  cat "$folder"/out/films/0*.ndjson | sed -E 's/.*"id":"([^"]+)".*"_op":"([a-z]+)".*/\1 \2/' |
    awk '{last[$1] = $2} END {for (id in last) if (last[id] == "upsert") count++; print count + 0}'
}

compare() {
  local source sink job answer
  for job in $(jobs); do
    api_run=$(curl -s -X POST "http://127.0.0.1:$port/v1/jobs/$job/runs")
    answer=$(grep -o '"id":[0-9]*' <<<"$api_run" | head -1 | cut -d: -f2)
    for _ in $(seq 100); do
      if api "/v1/runs/$answer" | grep -q '"state":"succeeded"'; then break; fi
      sleep 0.1
    done
  done
  source=$(sql -d demo -Atc 'SELECT count(*) FROM content.film_work WHERE deleted_at IS NULL')
  sink=$(films_in_files)
  echo "  films in PostgreSQL: $source, in the files: $sink"
  [ "$source" = "$sink" ] || { echo "  they differ: a defect"; exit 1; }
  if [ -n "$search_url" ]; then
    curl -s -o /dev/null -X POST "$search_url/$index/_refresh"
    sink=$(curl -s "$search_url/$index/_count" | grep -o '"count":[0-9]*' | cut -d: -f2)
    echo "  films in the search index: $sink"
    [ "$source" = "$sink" ] || { echo "  they differ: a defect"; exit 1; }
  fi
}

install_missing
build
start_postgres
find_search
write_configuration

say "the daemon starts; the first copy"
start_daemon
wait_for_first_copy
show_jobs
echo "  the first line of the first file:"
head -1 "$folder"/out/films/000001-*.ndjson | cut -c1-150 | sed 's/^/  | /'

say "an editor changes films, now and then in a transaction that commits late"
run_writer &
writer_process=$!
for _ in 1 2 3 4; do sleep 2; show_jobs; done

say "kill -9 in the middle, and a restart"
kill -9 "$daemon_process"
wait "$daemon_process" 2>/dev/null || true
sleep 1
start_daemon
for _ in 1 2; do sleep 2; show_jobs; done

say "the editor rests: sink and source are compared"
kill "$writer_process" 2>/dev/null || true
wait "$writer_process" 2>/dev/null || true
writer_process=''
sleep 1
compare

say "what an operator can ask"
for call in /v1/jobs /v1/runs?limit=1 /readyz /metrics; do echo "  curl -s http://127.0.0.1:$port$call"; done
api "/v1/runs?limit=1" | cut -c1-300 | sed 's/^/  | /'
api /metrics | grep -E '^rowferry_(rows_written_total|lag_seconds)' | sed 's/^/  | /'
say "done"

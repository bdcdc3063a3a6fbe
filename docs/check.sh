#!/usr/bin/env bash
# Checks the documentation: every relative link leads to a file (and to a heading, where it names one), and every
# block of commands below a line "<!-- checked -->" runs. Prints what is wrong.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

problems=0
problem() { printf '%s\n' "$1" >&2; problems=$((problems + 1)); }

# text FILE: without code, in which brackets are no links and # is no heading
text() { awk '/^ *(```|~~~)/ { code = !code; next } !code' "$1" | sed 's/`[^`]*`//g'; }

# anchors FILE: of its headings, as the pages that show Markdown make them
anchors() {
  awk '/^ *(```|~~~)/ { code = !code; next } !code && /^#+ /' "$1" |
    sed -E 's/^#+ +//; s/[`*]//g; s/\[([^]]*)\]\([^)]*\)/\1/g' | tr '[:upper:]' '[:lower:]' | sed -E 's/[^[:alnum:] _-]//g; s/ /-/g'
}

links=0
while IFS= read -r file; do
  while IFS= read -r link; do
    case $link in '' | *://* | mailto:*) continue ;; esac
    links=$((links + 1))
    path=${link%%#*}
    target=$file
    [ -z "$path" ] || target=$(dirname "$file")/$path
    case $path in /*) target=.$path ;; esac
    if [ ! -e "$target" ]; then
      problem "$file: $link leads nowhere"
    elif [[ $link == *#* && $target == *.md ]] && ! anchors "$target" | grep -qxF -- "${link#*#}"; then
      problem "$file: $link leads to no heading"
    fi
  done < <(text "$file" | grep -oE '\]\([^)[:space:]]+' | cut -c3- || true)
done < <(git ls-files --cached --others --exclude-standard -- '*.md')

blocks=0
while IFS= read -r file; do
  count=$(grep -c '^<!-- checked -->$' "$file")
  for number in $(seq "$count"); do
    commands=$(awk -v number="$number" '
      /^<!-- checked -->$/ { seen++; waiting = seen == number; next }
      waiting && /^```/ { inside = 1; waiting = 0; next }
      inside && /^```/ { exit }
      inside' "$file")
    blocks=$((blocks + 1))
    [ -n "$commands" ] || { problem "$file: no commands below checked block $number"; continue; }
    if ! output=$(timeout 300 bash -euo pipefail -c "$commands" 2>&1 </dev/null); then
      problem "$file: these commands fail:
$commands
$(tail -n 20 <<<"$output")"
    fi
  done
done < <(git grep --untracked -l '^<!-- checked -->$' -- '*.md' || true)

echo "$links links and $blocks blocks of commands checked, $problems problems"
[ $problems = 0 ]

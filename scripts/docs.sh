#!/usr/bin/env bash
# Pastes real output into Markdown: scripts/docs.sh [FILE]...; README.md and docs/*.md without an argument. Needs a build of the
# preset `release`. The comment on the line before a fenced block says what the block shows:
#
#   <!-- output: build/release/natsproof run baseline -->                         all that the command prints on standard output
#   <!-- output lines 1-22: build/release/natsproof run baseline -->              these lines of it
#   <!-- output sections HEAD CLAIMS VERDICT: build/release/natsproof run p -->   these sections of a report, `…` for the others;
#                                                                                 HEAD: what stands before the first one
#   <!-- output by hand: why -->                                                  left alone
#
# Commands run in the project's folder. Before them, every fenced block whose first line is `# NAME.yaml` is written to
# build/docs/NAME.yaml. Lines at a block's beginning that start with `$ `, the command as a reader types it, stay.
# A command that prints nothing, or ends with 2, 5 or more (bad usage, no stage, a crash), leaves the file as it was; a verdict
# (0, 1, 3, 4) is one, and has to be looked at: on a busy machine it may be INVALID.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH=$PATH:/usr/sbin # where Debian puts nats-server
fence='```'
new=$(mktemp) # the file that is being made
trap 'rm -f "$new"' EXIT

fail() {
  echo "docs: $*" >&2
  exit 1
}

# choose <lines or sections> <arguments>: what of a command's output, on standard input, a block shows.
choose() {
  case "$1" in
    '') cat ;;
    lines) sed -n "${2%%-*},${2##*-}p" ;;
    sections)
      awk -v wanted=" $2 " '
        BEGIN { section = "HEAD" }
        /^[A-Z][A-Z-]+( |$)/ { section = $1 }
        index(wanted, " " section " ") { print; left_out = 0; next }
        !left_out { print "…\n"; left_out = 1 }'
      ;;
    *) return 1 ;;
  esac
}

# output_of <file> <marker>: the new content of the block behind it.
output_of() {
  local what command output kind arguments status=0
  what=${2#'<!-- output'} what=${what%%:*}
  command=${2#*: } command=${command% -->}
  echo "docs: $1: $command" >&2
  output=$(bash -c "$command" </dev/null) || status=$?
  ((status < 5 && status != 2)) || fail "$1: \`$command\` ended with $status"
  read -r kind arguments <<<"$what" || true
  output=$(choose "$kind" "$arguments" <<<"$output") || fail "$1: \`$what\` is neither lines nor sections"
  [[ -n $output ]] || fail "$1: \`$command\` printed nothing that was asked for"
  printf '%s\n' "$output"
}

# write_plans <file>: its blocks that are plans with a file name.
write_plans() {
  mkdir -p build/docs
  awk -v fence="$fence" '
    index($0, fence) == 1 { plan = ""; begins = !inside; inside = !inside; next }
    begins && /^# [A-Za-z0-9_-]+\.yaml$/ { plan = "build/docs/" $2; printf "" >plan }
    { begins = 0; if (plan != "") print >plan }' "$1"
}

paste() {
  local file=$1 line marker='' state=text
  : >"$new"
  while IFS= read -r line || [[ -n $line ]]; do
    case $state in
      text) # a marker waits for its fence
        if [[ -n $marker && $line != "$fence"* ]]; then fail "$file: no fenced block behind $marker"; fi
        printf '%s\n' "$line" >>"$new"
        if [[ -n $marker ]]; then
          state=command
        elif [[ $line == '<!-- output'* && $line != '<!-- output by hand: '* ]]; then
          [[ $line == '<!-- output'*': '*' -->' ]] || fail "$file: $line names no command"
          marker=$line
        fi
        ;;
      command | old)
        if [[ $state == command && $line == '$ '* ]]; then
          printf '%s\n' "$line" >>"$new"
        elif [[ $line == "$fence" ]]; then
          output_of "$file" "$marker" >>"$new" || exit 1
          printf '%s\n' "$line" >>"$new"
          state=text marker=''
        else
          state=old
        fi
        ;;
    esac
  done <"$file"
  [[ $state == text && -z $marker ]] || fail "$file: the block behind $marker does not end"
  cat "$new" >"$file" # keeps its mode
}

(($#)) || set -- README.md docs/*.md
for file in "$@"; do
  [[ -f $file ]] || fail "there is no file $file"
  write_plans "$file"
  paste "$file"
done

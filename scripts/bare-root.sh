#!/usr/bin/env bash
# Runs one of the README's two commands as a fresh machine would: in a new, bare root of a Debian release, with nothing
# there but what set-up installs, on a clean clone of HEAD.
#
#   scripts/bare-root.sh bookworm run     # scripts/run.sh
#   scripts/bare-root.sh trixie test      # scripts/test.sh
#
# The output is also kept in build/bare-root/<release>-<command>.txt, and the exit status is the command's. 125: the
# arguments are wrong, or the root could not be made.
#
# Needs root and debootstrap. Packages come from the mirror that /etc/apt names. The root is removed in the end; its
# pristine state and the downloaded packages are kept for the next time in /var/cache/natsproof, which may be deleted.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

die() {
  printf 'bare-root: %s\n' "$@" >&2
  exit 125
}

release=${1-} command=${2:-run}
[[ $release =~ ^[a-z]+$ && $command =~ ^(run|test)$ ]] && (($# <= 2)) ||
  die "usage: scripts/bare-root.sh RELEASE [run|test], as in: scripts/bare-root.sh trixie test"
((EUID == 0)) || die "making a root needs root, and you are not. With sudo: sudo scripts/bare-root.sh $release $command"
command -v debootstrap >/dev/null || die "debootstrap is not installed. On Debian: apt-get install debootstrap"

cache=/var/cache/natsproof/$release
output=$top/build/bare-root/$release-$command.txt
mkdir -p "$cache/packages/partial" "$(dirname "$output")"
exec {lock}>"$cache/lock"
flock --nonblock "$lock" || die "another scripts/bare-root.sh $release is running; wait for its end (they share $cache)."

root=$(mktemp -d "/var/tmp/natsproof-$release.XXXXXX")
chmod 755 "$root"
child=
clean_up() {
  # The first process in a namespace takes the others with it, and the last one the mounts.
  [[ -z $child ]] || { kill -KILL "$(<"/proc/$child/task/$child/children")" || kill -KILL "$child"; } 2>/dev/null || true
  [[ -z $child ]] || wait "$child" || true
  rm -rf --one-file-system "$root"
}
trap clean_up EXIT
trap 'exit 125' HUP INT TERM

# apart <command>...: with processes and mounts of its own, which end with this script.
apart() {
  local status=0
  setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child "$@" &
  child=$!
  wait "$child" || status=$?
  child=
  return "$status"
}

if [[ -e $cache/root.tar ]]; then
  tar -C "$root" --numeric-owner -xpf "$cache/root.tar"
else
  mirror=$(apt-get indextargets --format '$(LABEL) $(SUITE) $(REPO_URI)' 'Created-By: Packages' |
    awk '$1 == "Debian" && $2 !~ /-/ {print $3; exit}')
  [[ -n $mirror ]] || die "apt knows no mirror of Debian. Does /etc/apt list one, and did apt-get update succeed?"
  echo "bare-root: makes a root of $release; a minute" >&2
  if ! apart debootstrap --variant=minbase "$release" "$root" "$mirror" >"$output" 2>&1; then
    tail -n 20 "$output" >&2
    die "debootstrap failed; the end of what it said stands before this line."
  fi
  rm -f "$root"/var/cache/apt/archives/*.deb
  tar -C "$root" --numeric-owner -cf "$cache/root.tar.new" .
  mv "$cache/root.tar.new" "$cache/root.tar"
fi

# What an installer writes. The network, and apt's way through it, are as outside.
cp --dereference /etc/resolv.conf "$root/etc/resolv.conf"
printf '%s\n' '127.0.0.1 localhost' '::1 localhost' >"$root/etc/hosts"
apt-config dump | grep -E '^Acquire::(Check-|[a-z]+::Proxy)' >"$root/etc/apt/apt.conf.d/90-as-outside" || true
git clone --quiet "$top" "$root/root/natsproof"
revision=$(git -C "$root/root/natsproof" rev-parse HEAD)

# Bash does not become the command: as the first process it reaps what the command leaves behind.
inside='
  mount --make-rprivate / &&
    mount -t proc proc "$1/proc" &&
    mount --rbind /dev "$1/dev" &&
    mount --rbind /sys "$1/sys" &&
    mount --bind "$2" "$1/var/cache/apt/archives" || exit 125
  env -i HOME=/root TERM="${TERM-dumb}" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    ${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} \
    chroot "$1" "/root/natsproof/scripts/$3.sh"
  exit $?'
echo "bare-root: scripts/$command.sh on $release, commit $revision; the output is kept in $output" >&2
exec {kept}> >(tee "$output")
tee=$!
SECONDS=0 status=0
apart bash -c "$inside" bare-root "$root" "$cache/packages" "$command" >&"$kept" 2>&1 || status=$?
echo "bare-root: scripts/$command.sh on $release, commit $revision: exit status $status after $((SECONDS / 60)) min $((SECONDS % 60)) s" >&"$kept"
exec {kept}>&-
wait "$tee"
exit "$status"

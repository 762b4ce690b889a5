#!/bin/sh
# Tests the systemd units for real: makes a small Debian in a folder (debootstrap), puts this clone into it as it is
# built now, boots it as a container (systemd-nspawn, a network of its own) and runs scripts/systemd-checks.sh there.
#   sudo scripts/test-systemd.sh                10 minutes; needs debootstrap, systemd-container and 2 GB in /var/tmp
#   sudo scripts/test-systemd.sh --keep DIR     keeps the Debian in DIR, or takes the one that it kept there
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "$0")")/.." && pwd)
suite=${LANECAST_TEST_SUITE:-bookworm}
mirror=${LANECAST_TEST_MIRROR:-http://deb.debian.org/debian}

fail() {
  echo "error: $1" >&2
  exit 1
}

keep=''
case "${1-}" in
  '') ;;
  --keep) keep=${2:?--keep needs a directory} ;;
  -h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) fail "unknown option $1 (known: --keep DIR, --help)" ;;
esac
[ "$(id -u)" = 0 ] || fail 'containers need root: sudo scripts/test-systemd.sh'
for program in debootstrap systemd-nspawn; do
  command -v "$program" >/dev/null || fail "$program is missing: apt-get install debootstrap systemd-container"
done
node=$(command -v node) || fail 'node is missing'
for built in server/dist/main.js scripts/dist/streams.js; do
  [ -f "$root/$built" ] || fail 'it is not built yet: npm ci && npm run build'
done

work=$(mktemp -d /var/tmp/lanecast-systemd.XXXXXX)
container=''
finish() {
  # SIGTERM: nspawn lets the system in it end in good order.
  [ -z "$container" ] || { kill "$container" 2>/dev/null && wait "$container"; } || true
  rm -rf --one-file-system "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
machine=${keep:-$work/root}

# Things are removed in there, and units installed: never in a system that somebody uses, `--keep /` for instance.
mark=$machine/.lanecast-test-systemd
if [ -e "$machine" ] && [ ! -f "$mark" ] && [ -n "$(ls -A -- "$machine")" ]; then
  fail "$machine is not empty and not of this script: name an empty directory, or one that it made"
fi
mkdir -p -- "$machine"
: >"$mark"

if [ ! -x "$machine/lib/systemd/systemd" ]; then
  echo "- making a Debian $suite in $machine"
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,curl,procps,ca-certificates \
    "$suite" "$machine" "$mirror" >"$work/debootstrap.log" 2>&1 || {
    tail -n 20 "$work/debootstrap.log" >&2
    fail 'debootstrap failed'
  }
fi

echo "- copying node $(node --version) and this clone into it"
install -D -m 755 "$(readlink -f "$node")" "$machine/usr/local/bin/node"
rm -rf --one-file-system "$machine/opt/lanecast" "$machine/etc/lanecast" "$machine/var/lib/lanecast" \
  "$machine/etc/systemd/system"/lanecast* "$machine/var/log/journal"
mkdir -p "$machine/opt/lanecast"
tar -C "$root" --exclude=./.git --exclude='./models/train' --exclude='./native/build/CMakeFiles' -cf - . |
  tar -C "$machine/opt/lanecast" --no-same-owner -xf -

# The checks are the one thing that this system boots for; its exit status is theirs.
mkdir -p "$machine/etc/systemd/system/multi-user.target.wants" "$machine/etc/systemd/system.conf.d"
cat >"$machine/etc/systemd/system/lanecast-checks.service" <<'UNIT'
[Unit]
Description=Checks of Lanecast's units
After=multi-user.target
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
ExecStart=/opt/lanecast/scripts/systemd-checks.sh --disposable
StandardOutput=append:/var/log/lanecast-checks.log
StandardError=inherit
TimeoutStartSec=1800
[Install]
WantedBy=multi-user.target
UNIT
ln -sf ../lanecast-checks.service "$machine/etc/systemd/system/multi-user.target.wants/"
printf '[Manager]\nShowStatus=no\n' >"$machine/etc/systemd/system.conf.d/quiet.conf"
for unit in console-getty.service apt-daily.timer apt-daily-upgrade.timer; do
  ln -sf /dev/null "$machine/etc/systemd/system/$unit"
done

# Where systemd does not run itself, there is nobody to register the container with.
set -- --quiet --directory="$machine" --machine="lanecast-test-$$" --private-network --console=pipe --boot
[ -d /run/systemd/system ] || set -- --register=no --keep-unit "$@"
echo '- booting it'
: >"$machine/var/log/lanecast-checks.log"
status=0
systemd-nspawn "$@" </dev/null >"$work/console.log" 2>&1 &
container=$!
tail -n +1 -f --pid="$container" "$machine/var/log/lanecast-checks.log"
wait "$container" || status=$?
container=''
[ "$status" = 0 ] || {
  tail -n 5 "$work/console.log" >&2
  fail "the checks failed (status $status)"
}

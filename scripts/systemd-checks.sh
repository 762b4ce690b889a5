#!/bin/sh
# What deploy/'s units promise, seen on a systemd that runs: installs both services from this clone, starts them against
# cameras of its own, and kills, stops, starves and upgrades them. A line for each check; status 1 when one is false.
# ONLY FOR A SYSTEM THAT MAY BE THROWN AWAY: it is what scripts/test-systemd.sh runs in a container.
#   scripts/systemd-checks.sh --disposable
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "$0")")/.." && pwd)
[ "${1-}" = --disposable ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }

http=http://127.0.0.1:8080
farm=rtsp://127.0.0.1:8554
yaml=/etc/lanecast/lanecast.yaml
failed=0
count=0

ok() { count=$((count + 1)); echo "ok     $1"; }
not_ok() {
  count=$((count + 1))
  failed=$((failed + 1))
  echo "FAILED $1"
  journalctl --no-pager -q -o cat -n 12 -u lanecast -u lanecast-watchdog | cut -c1-300 | sed 's/^/       | /'
}
# check TEXT COMMAND...: whether the command succeeds.
check() {
  text=$1
  shift
  if "$@" >/dev/null 2>&1; then ok "$text"; else not_ok "$text"; fi
}
# within SECONDS TEXT COMMAND...: whether it comes to succeed, and after how long.
within() {
  limit=$1 text=$2 begin=$(now)
  shift 2
  while ! "$@" >/dev/null 2>&1; do
    if [ "$(($(now) - begin))" -ge "$limit" ]; then not_ok "$text (not within $limit s)"; return; fi
    sleep 0.2
  done
  ok "$text ($(($(now) - begin)) s)"
}
now() { cut -d. -f1 /proc/uptime; }
not() { if "$@"; then return 1; fi; }
property() { systemctl show -P "$1" "${2:-lanecast}"; }
is() { [ "$(property "$1" "${3:-lanecast}")" = "$2" ]; }
pid() { property MainPID "${1:-lanecast}"; }
answers() { curl -fsS -m 4 "$http$1" >/dev/null; }
cameras_live() { property StatusText | grep -q "^$1 cameras live"; }
knows() { curl -fsS -m 4 "$http/api/streams" | grep -q "\"$1\""; }
new_pid() { [ "$(pid)" != 0 ] && [ "$(pid)" != "$1" ]; }
said() { journalctl -q -o cat --no-pager --since "@$2" -u "$1" | grep -q -e "$3"; }
# The connections that were made to a camera: one, unless it was disturbed.
connects() { curl -fsS -m 4 "$http/metrics" | sed -n "s/^lanecast_stream_connects_total{stream=\"$1\"} //p"; }
up() { answers /readyz && cameras_live "$1"; }
# inside COMMAND...: in the file system that the service sees.
inside() { nsenter -t "$(pid)" -m -- "$@"; }
writes() { inside sh -c ": >'$1'" 2>/dev/null; }
status_has() { grep -q -E "$1" "/proc/$(pid)/status"; }
exposed_less_than() {
  systemd-analyze security --no-pager "$1" | sed -n 's/.*exposure level for [^:]*: \([0-9.]*\).*/\1/p' |
    awk -v limit="$2" '{ seen = 1; if ($1 > limit) exit 1 } END { if (!seen) exit 1 }'
}
write_yaml() {
  {
    echo 'streams:'
    for id in "$@"; do
      case $id in
        dead) echo "  - { id: dead, url: 'rtsp://127.0.0.1:9/none' }" ;;
        *) echo "  - { id: $id, url: '$farm/stream0' }" ;;
      esac
    done
  } >"$yaml"
}
start_farm() {
  systemd-run -q --unit=farm -p WorkingDirectory="$root" -E HOME=/root -E XDG_CACHE_HOME=/var/tmp/farm \
    sh scripts/launch scripts/dist/streams.js --streams 1 --rtsp-base "$farm"
}

# --- install, as docs/operations.md says
check 'installs' "$root/scripts/install-service.sh"
check 'the user lanecast is made' id lanecast
check 'the configuration is readable by the service and by nobody else' \
  sh -c "[ \"\$(stat -c %U:%G:%a $yaml)\" = root:lanecast:640 ] && [ \"\$(stat -c %a /etc/lanecast)\" = 750 ]"
check 'systemd finds no fault with the units' systemd-analyze verify lanecast.service lanecast-watchdog.service
write_yaml one two dead
start_farm
within 60 'the cameras of this test publish' sh -c 'journalctl -q -o cat -u farm | grep -q "Ctrl-C"'
check 'enable --now: READY came from both' systemctl enable -q --now lanecast lanecast-watchdog
check 'both are enabled' systemctl is-enabled lanecast lanecast-watchdog
within 60 'frames flow: /readyz, and the status line says 2 of 3 cameras live' up '2 of 3'
within 30 'the watchdog watches' said lanecast-watchdog 0 'a process to watch'
echo "       | $(property StatusText)"

# --- the sandbox
check 'lanecast: exposure 2.0 at most' exposed_less_than lanecast.service 2.0
check 'lanecast-watchdog: exposure 2.0 at most' exposed_less_than lanecast-watchdog.service 2.0
check 'no capabilities, no new ones, system calls filtered' sh -c "
  grep -q 'CapEff:.0000000000000000' /proc/$(pid)/status && grep -q 'NoNewPrivs:.1' /proc/$(pid)/status &&
  grep -q 'Seccomp:.2' /proc/$(pid)/status"
for path in /usr/x /etc/x /etc/lanecast/x /opt/x "$root/server/dist/x" /boot/x /sys/kernel/x; do
  check "nothing is written to $path, not even by root" not writes "$path"
done
check 'home directories are out of sight' sh -c "[ -z \"\$(nsenter -t $(pid) -m ls -A /root 2>/dev/null)\" ]"
check 'its devices are null, zero, random and the like' not inside test -e /dev/kmsg
check 'its state, cache and /tmp are its own to write' \
  inside sh -c ': >/var/lib/lanecast/x && : >/var/cache/lanecast/x && : >/tmp/x && rm /var/lib/lanecast/x /var/cache/lanecast/x /tmp/x'

# --- reload
before=$(pid)
connected=$(connects one)
write_yaml one two three dead
check 'reload' systemctl reload lanecast
within 20 'a camera that was added is live' up '3 of 4'
check 'the same process, and camera one was not disturbed' sh -c "[ $(pid) = $before ] && [ '$(connects one)' = '$connected' ]"
begin=$(date +%s)
echo 'streams: [ { id: one' >>"$yaml"
check 'reload of a broken file' systemctl reload lanecast
within 10 'the log says what is wrong with it' said lanecast "$begin" 'lanecast.yaml'
check 'and all goes on as before' up '3 of 4'
write_yaml one two dead
systemctl reload lanecast
within 20 'a camera that was taken out is gone' up '2 of 3'

# --- set while it runs
check 'a calibration is set over HTTP' curl -fsS -m 5 -X PUT "$http/api/streams/one/calibration" \
  -H 'content-type: application/json' -d '{"scaleMPerPx": 0.04}'
check 'a camera is not added over HTTP: the configuration belongs to root' sh -c "
  curl -sS -m 5 $http/api/streams -H 'content-type: application/json' -d '{\"id\":\"http\",\"url\":\"$farm/stream0\"}' |
  grep -q config-not-saved"
mv "$yaml" /var/lib/lanecast/ && chown lanecast: /var/lib/lanecast/lanecast.yaml && ln -s /var/lib/lanecast/lanecast.yaml "$yaml"
systemctl reload lanecast
check 'a camera is added over HTTP where the file was moved to the state directory' curl -fsS -m 5 "$http/api/streams" \
  -H 'content-type: application/json' -d "{\"id\":\"http\",\"url\":\"$farm/stream0\"}"
within 20 'and is live' up '3 of 4'

# --- kill, hang, dead cameras
before=$(pid)
kill -KILL "$before"
within 15 'SIGKILL: another process' new_pid "$before"
within 60 'and frames flow again, with the camera that was added over HTTP' up '3 of 4'
check 'and the calibration that was set' sh -c "curl -fsS $http/api/streams/one/calibration | grep -q '\"scaleMPerPx\":0.04'"
rm "$yaml" && mv /var/lib/lanecast/lanecast.yaml "$yaml" && chown root:lanecast "$yaml"
write_yaml one two dead
systemctl reload lanecast
before=$(pid)
begin=$(date +%s)
kill -STOP "$before"
within 25 'SIGSTOP: the watchdog of systemd ends it, and there is another process' new_pid "$before"
check 'systemd says why' said lanecast "$begin" 'Watchdog timeout'
within 60 'and frames flow again' up '2 of 3'
before=$(pid)
systemctl stop farm
within 30 'all cameras dead: not ready' not answers /readyz
sleep 50
check 'but alive, and never restarted for that' sh -c "curl -fsS -m 4 $http/healthz && [ $(pid) = $before ]"
start_farm
within 60 'the cameras are back: frames flow' up '2 of 3'
check 'in the same process' [ "$(pid)" = "$before" ]

# --- lanecast-watchdog
before=$(pid)
begin=$(date +%s)
sed -i.kept -e 's/^LANECAST_WATCHDOG_MAX_RSS=.*/LANECAST_WATCHDOG_MAX_RSS=60M/' -e 's/^LANECAST_WATCHDOG_FOR=.*/LANECAST_WATCHDOG_FOR=4/' /etc/lanecast/watchdog.env
systemctl restart lanecast-watchdog
within 30 'over its limit of memory: the watchdog sends SIGTERM' said lanecast-watchdog "$begin" 'sent SIGTERM'
mv /etc/lanecast/watchdog.env.kept /etc/lanecast/watchdog.env
systemctl restart lanecast-watchdog
within 20 'another process' new_pid "$before"
check 'it closed by itself' said lanecast "$begin" 'SIGTERM: closing'
within 60 'frames flow again' up '2 of 3'
before=$(pid lanecast-watchdog)
kill -KILL "$before"
within 15 'the watchdog comes back itself' sh -c "[ \"\$(systemctl show -P MainPID lanecast-watchdog)\" != $before ] && systemctl is-active lanecast-watchdog"

# Whoever moves the server to another port and forgets watchdog.env.
before=$(pid)
begin=$(date +%s)
sed -i.kept -e 's/:8080/:9/' -e 's/^LANECAST_WATCHDOG_FOR=.*/LANECAST_WATCHDOG_FOR=3/' /etc/lanecast/watchdog.env
echo LANECAST_WATCHDOG_START=3 >>/etc/lanecast/watchdog.env
systemctl restart lanecast-watchdog
within 20 'a wrong address of health: the watchdog warns' said lanecast-watchdog "$begin" 'is the address right'
sleep 8
check 'and leaves the server alone' [ "$(pid)" = "$before" ]
mv /etc/lanecast/watchdog.env.kept /etc/lanecast/watchdog.env
systemctl restart lanecast-watchdog

# --- for ever
begin=$(now)
killed=0
while [ "$killed" -lt 12 ] && [ "$(($(now) - begin))" -lt 90 ]; do
  before=$(pid)
  if [ "$before" != 0 ] && kill -KILL "$before" 2>/dev/null; then killed=$((killed + 1)); fi
  sleep 0.5
done
check "killed $killed times in $(($(now) - begin)) s" [ "$killed" = 12 ]
within 90 'and it is back' up '2 of 3'
systemctl stop lanecast
echo 'streams: 7' >"$yaml"
systemctl --no-block start lanecast
sleep 15
write_yaml one two dead
within 90 'a broken configuration at the start: it tries until that is mended' up '2 of 3'

# --- a token as a credential, another address
sed -i 's/^#LoadCredential/LoadCredential/' /etc/systemd/system/lanecast.service.d/token.conf
(umask 077 && echo 0123456789abcdef0123456789abcdef >/etc/lanecast/token)
cp /etc/lanecast/lanecast.env /var/tmp/lanecast.env
sed -i 's/^LANECAST_ARGS=.*/LANECAST_ARGS=--host 0.0.0.0/' /etc/lanecast/lanecast.env
systemctl daemon-reload
check 'with --host 0.0.0.0 and the token as a credential it starts' systemctl restart lanecast
within 60 'the token opens' curl -fsS -m 4 -H 'Authorization: Bearer 0123456789abcdef0123456789abcdef' "$http/readyz"
check 'nothing else does' sh -c "[ \"\$(curl -s -o /dev/null -w '%{http_code}' $http/api/streams)\" = 401 ]"
sed -i 's/^LoadCredential/#LoadCredential/' /etc/systemd/system/lanecast.service.d/token.conf
cp /var/tmp/lanecast.env /etc/lanecast/lanecast.env
systemctl daemon-reload

# --- without the native addon systemd-notify, a child, sends the messages
mv "$root/native/build" "$root/native/build.kept"
begin=$(date +%s)
check 'without the native addon it starts too' systemctl restart lanecast
check 'and says how it tells systemd' said lanecast "$begin" 'go through systemd-notify'
before=$(pid)
sleep 30
check 'the watchdog is fed: the same process after 30 s' [ "$(pid)" = "$before" ]
within 5 'the status line is told' up '2 of 3'
mv "$root/native/build.kept" "$root/native/build"

# --- upgrade, stop, uninstall
sed -i 's/^RestartSec=.*/RestartSec=77/' /etc/systemd/system/lanecast.service
cp "$yaml" /var/tmp/before.yaml
check 'upgrade: the installer again' "$root/scripts/install-service.sh"
check 'upgrade: restart of both' systemctl restart lanecast lanecast-watchdog
check 'upgrade: the new unit is in force, the configuration is the old one' \
  sh -c "[ \"\$(systemctl show -P RestartUSec lanecast)\" = 2s ] && cmp $yaml /var/tmp/before.yaml"
within 60 'upgrade: frames flow' up '2 of 3'
begin=$(now)
systemctl stop lanecast
check "stop: $(($(now) - begin)) s, 5 s at most" [ "$(($(now) - begin))" -le 5 ]
check 'stop: success, exit status 0' sh -c "[ '$(property Result)/$(property ExecMainStatus)/$(property ActiveState)' = success/0/inactive ]"
check 'the watchdog waits for it' systemctl is-active lanecast-watchdog
systemctl start lanecast
check 'uninstall' "$root/scripts/install-service.sh" --uninstall
check 'uninstall: both are stopped, and unknown' sh -c "! systemctl cat lanecast && ! systemctl cat lanecast-watchdog && ! pgrep -u lanecast"
check 'uninstall: configuration and state are kept' test -f "$yaml" -a -d /var/lib/lanecast
systemctl stop farm

echo
echo "$count checks, $failed false"
[ "$failed" = 0 ]

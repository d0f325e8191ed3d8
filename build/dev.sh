#!/bin/sh
# dev.sh serves the screens from their source, through Vite, and the hub on the
# demo behind them. Run it through `make dev`. Ctrl+C ends both.
set -eu
cd "$(dirname "$0")/.."
(cd frontend && exec node_modules/.bin/vite --logLevel warn) &
vite=$!
trap 'kill "$vite" 2>/dev/null || true' EXIT
trap 'exit 0' INT TERM
build/bin/latchkey-dev --demo --addr 127.0.0.1:5174 --dev-origin http://localhost:5173

#!/bin/sh
# Deletes from node_modules what nothing needs at run time, and what is two thirds of it: the Temporal SDK's native part
# for other platforms, types, and source maps.
set -eu
cd node_modules
for platform in @temporalio/core-bridge/releases/*; do
  if [ "$(basename "$platform")" != "$(uname -m)-unknown-linux-gnu" ]; then rm -r "$platform"; fi
done
find . -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -exec rm {} +

#!/bin/sh
# Shows exits and resumes after a restart: the file $BOOKMARK keeps the cursor of the last exit
# shown, and the next run continues after it. No exit is missing. An exit is shown twice only if
# the script ends between showing it and saving its cursor. The first run starts ten minutes ago.
set -eu

if [ -s "$BOOKMARK" ]; then
  set -- --after "$(cat "$BOOKMARK")"
else
  set -- --since 10m
fi

foghorn events --format json "$@" 'topic=="/tasks/exit"' | while IFS= read -r line; do
  printf '%s\n' "$line"
  cursor=${line#*'"cursor":"'}
  # A rename replaces the file as a whole, so that it is never half written.
  printf '%s' "${cursor%%'"'*}" > "$BOOKMARK.new"
  mv "$BOOKMARK.new" "$BOOKMARK"
done

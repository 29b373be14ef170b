#!/bin/sh
# Shows exits, however often it is restarted: the cursor of the last one that was shown is kept in the file $BOOKMARK,
# and the next run goes on after it, on whichever broker. None is missing; one is shown again when this is ended between
# showing it and keeping its cursor. The first run begins ten minutes ago.
set -eu

if [ -s "$BOOKMARK" ]; then
  set -- --after "$(cat "$BOOKMARK")"
else
  set -- --since 10m
fi

foghorn events --format json "$@" 'topic=="/tasks/exit"' | while IFS= read -r line; do
  printf '%s\n' "$line"
  cursor=${line#*'"cursor":"'}
  # Renamed into its place, a bookmark is never half of one.
  printf '%s' "${cursor%%'"'*}" > "$BOOKMARK.new"
  mv "$BOOKMARK.new" "$BOOKMARK"
done

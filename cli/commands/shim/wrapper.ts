/**
 * The script of a wrapper: a shim that publishes to the broker while one listens, and to containerd
 * otherwise. A socket file outlives a broker that was killed, so the kernel's list of listening
 * sockets decides.
 *
 * @param shim path of the real shim
 * @param socket path of the broker's ttrpc socket
 */
export function wrapperScript(shim: string, socket: string): string {
  return `#!/bin/sh
# Written by \`foghorn shim install\`. Runs a containerd shim whose events go to Foghorn while it
# listens, and to containerd otherwise.
socket=${shellQuoted(socket)}
if grep -qs ${shellQuoted(` 00010000 .* ${regexQuoted(socket)}$`)} /proc/net/unix; then
  export TTRPC_ADDRESS="$socket"
fi
exec ${shellQuoted(shim)} "$@"
`;
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Quotes a text for a basic regular expression. */
function regexQuoted(text: string): string {
  return text.replaceAll(/[\\.*^$[\]]/g, String.raw`\$&`);
}

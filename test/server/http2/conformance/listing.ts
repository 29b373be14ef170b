import type { Case } from './case.js';

const INTRODUCTION = `# Conformance of the HTTP/2 server

The requirements of RFC 9113 and RFC 7541 that a server can violate, and that a test holds against
\`server/http2\`. Each line is the name of a test, whose subject is the server;
\`test/server/http2/conformance/\` has them. A test holds that this list is complete:
\`UPDATE_LISTING=1 npx mocha test/server/http2/conformance/listing.test.ts\` writes it.

Requirements without a test here do not concern a server (pushed responses, proxies, caches), or are
kept by what a caller cannot do otherwise: \`HeaderBlock\` refuses fields that HTTP/2 cannot carry.

## Other proofs

**h2spec** (2.6.0 and later commits; strict; generic, HTTP/2 and HPACK): 147 of 147 cases pass at a
server that answers with a body. At a broker, 140 pass and 7 say nothing about it. Four of these are
skipped, because they need a response with DATA, and a GET request is no gRPC call: it is refused
with headers alone. Two fail for the same reason (frames on a half-closed stream, where h2spec waits
for DATA), and one because 4,097 requests that are refused at once are never open together.

**Mutated traffic**: \`npm run torture:http2 -- --frames 10000000 --seed 20261130\` sent 10,002,307
frames in 2.3 million requests, of which up to a third were mutated. No exception, no wedge, and a
heap between 11.7 and 12.6 MiB in every round. With \`--layer grpc\` the same traffic carries calls
of most services to a broker, whose errors in the log count as violations: none in 766,189 frames,
the longest run so far.
`;

/** The page that lists all cases. */
export function listing(cases: Readonly<Record<string, readonly Case[]>>): string {
  const parts = Object.entries(cases).map(([rfc, ofRfc]) => {
    const sections = [...new Set(ofRfc.map(({ section }) => section))];
    const lists = sections.map((section) => {
      const titles = ofRfc.filter((one) => one.section === section).map(({ title }) => title);
      return [`**${section}**`, '', ...titles.map((title) => `- ${escape(title)}`)].join('\n');
    });
    return [`## ${rfc}: ${ofRfc.length} tests`, ...lists].join('\n\n');
  });
  return `${[INTRODUCTION.trimEnd(), ...parts].join('\n\n')}\n`;
}

function escape(title: string): string {
  return title.replace(/[*`\\<>]/g, '\\$&');
}

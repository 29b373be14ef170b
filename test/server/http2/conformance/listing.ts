import type { Case } from './case.js';

const INTRODUCTION = `# Conformance of the HTTP/2 server

The requirements of RFC 9113 and RFC 7541 that a server can violate, and that a test holds against
\`server/http2\`. Each line is the name of a test, whose subject is the server;
\`test/server/http2/conformance/\` has them. A test holds that this list is complete:
\`UPDATE_LISTING=1 npx mocha test/server/http2/conformance/listing.test.ts\` writes it.

Requirements without a test here do not concern a server (pushed responses, proxies, caches), or are
kept by what a caller cannot do otherwise: \`HeaderBlock\` refuses fields that HTTP/2 cannot carry.
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

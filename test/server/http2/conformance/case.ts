import { expect } from 'chai';
import type { Http2Options } from '../../../../server/http2/index.js';
import { FrameClient } from '../../../support/http2/frame-client.js';
import type { Responder } from './responder.js';

/** A requirement of RFC 9113 or RFC 7541, and how to find out whether the server meets it. */
export interface Case {
  readonly section: string;
  /** A sentence without its subject: the server. */
  readonly title: string;
  readonly options?: Partial<Http2Options>;
  /** The client has sent its preface and empty SETTINGS, unless `connects` says otherwise. */
  run(client: FrameClient, server: Responder): Promise<void>;
  connects?(path: string): Promise<FrameClient>;
}

/** Codes by their names in RFC 9113, section 7; kept apart from the server's. */
export const CODE = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  ENHANCE_YOUR_CALM: 11,
} as const;

type CodeName = keyof typeof CODE;

/** The frames end the connection, with GOAWAY and that code. */
export function endsConnection(
  section: string,
  title: string,
  code: CodeName,
  ...frames: readonly Uint8Array[]
): Case {
  return {
    section,
    title: `${title} with GOAWAY ${code}`,
    async run(client) {
      client.send(...frames);
      await client.closed();
      expect(client.goAways.map((one) => one.code)).to.deep.equal([CODE[code]]);
    },
  };
}

/** The frames end one stream, with RST_STREAM and that code, and the connection goes on. */
export function endsStream(
  section: string,
  title: string,
  streamId: number,
  code: CodeName,
  ...frames: readonly Uint8Array[]
): Case {
  return {
    section,
    title: `${title} with RST_STREAM ${code}`,
    async run(client) {
      client.send(...frames);
      await client.settled();
      expect(client.resetOf(streamId)).to.equal(CODE[code]);
      await expectAlive(client);
    },
  };
}

/** The frames are accepted; each of the streams is answered. */
export function answers(
  section: string,
  title: string,
  streamIds: readonly number[],
  ...frames: readonly Uint8Array[]
): Case {
  return {
    section,
    title,
    async run(client) {
      client.send(...frames);
      await client.settled();
      expect(client.goAways).to.deep.equal([]);
      expect(streamIds.filter((id) => !client.isAnswered(id))).to.deep.equal([]);
      await expectAlive(client);
    },
  };
}

/** A stream far above those of the cases is answered. */
export async function expectAlive(client: FrameClient): Promise<void> {
  expect(client.isClosed, 'the connection is closed').to.equal(false);
  client.request(10_001);
  await client.settled();
  expect(client.isAnswered(10_001), 'a later request is answered').to.equal(true);
}

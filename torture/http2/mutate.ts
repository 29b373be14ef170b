import type { Random } from '../random.js';

type Mutation = (frame: Buffer, random: Random) => Buffer;

const flipBit: Mutation = (frame, random) => {
  const at = random.between(0, frame.length - 1);
  frame[at] = frame[at]! ^ (1 << random.between(0, 7));
  return frame;
};

const setByte: Mutation = (frame, random) => {
  frame[random.between(0, frame.length - 1)] = random.pick([0, 1, 0x7f, 0x80, 0xff]);
  return frame;
};

/** Other lengths shift all frames after this one. */
const setLength: Mutation = (frame, random) => {
  frame.writeUIntBE(random.pick([0, 1, 4, 8, 255, 16_384, 16_385, 2 ** 24 - 1]), 0, 3);
  return frame;
};

const setType: Mutation = (frame, random) => {
  frame[3] = random.between(0, 10);
  return frame;
};

const setFlags: Mutation = (frame, random) => {
  frame[4] = random.between(0, 255);
  return frame;
};

const setStream: Mutation = (frame, random) => {
  frame.writeUInt32BE(random.pick([0, 1, 2, 3, 101, 2 ** 31 - 1, 2 ** 32 - 1]), 5);
  return frame;
};

const cut: Mutation = (frame, random) => frame.subarray(0, random.between(0, frame.length));

const repeat: Mutation = (frame) => Buffer.concat([frame, frame]);

const insertNoise: Mutation = (frame, random) => {
  const at = random.between(0, frame.length);
  const noise = Buffer.from(
    Array.from({ length: random.between(1, 40) }, () => random.between(0, 255)),
  );
  return Buffer.concat([frame.subarray(0, at), noise, frame.subarray(at)]);
};

/** Keeps the frame's length right, so that only its payload is wrong. */
const shortenPayload: Mutation = (frame, random) => {
  if (frame.length <= 9) return frame;
  const shorter = frame.subarray(0, random.between(9, frame.length - 1));
  shorter.writeUIntBE(shorter.length - 9, 0, 3);
  return shorter;
};

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  flipBit,
  setByte,
  setLength,
  setType,
  setFlags,
  setStream,
  cut,
  repeat,
  insertNoise,
  shortenPayload,
];

/** Returns a frame that breaks a rule, or happens not to. */
export function mutate(frame: Buffer, random: Random): Buffer {
  return random.pick(MUTATIONS)(Buffer.from(frame), random);
}

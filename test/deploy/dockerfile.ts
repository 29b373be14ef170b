import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './compose-file.js';

/** `RUN npm ci`: the word and the rest of the line. */
export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** What is between one FROM and the next, the FROM included. */
export type Stage = readonly Instruction[];

/** The stages of our Dockerfile, the last one being the image. */
export function readStages(): Stage[] {
  const stages: Instruction[][] = [];
  for (const instruction of instructions(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))) {
    if (instruction.name === 'FROM') stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  return stages;
}

function instructions(text: string): Instruction[] {
  return text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
      return { name, rest };
    });
}

/** The rest of the only instruction of that name. */
export function only(stage: Stage, name: string): string {
  const found = stage.filter((instruction) => instruction.name === name);
  if (found.length === 1) return found[0]!.rest;
  throw new Error(`expected one ${name} in the stage, found ${found.length}`);
}

/** A command in exec form. Throws for one in shell form. */
export function execForm(rest: string): string[] {
  const words: unknown = JSON.parse(rest);
  if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  throw new Error(`expected a list of words, got ${rest}`);
}

/** The image's variables. */
export function environment(stage: Stage): Record<string, string> {
  const pairs = only(stage, 'ENV').matchAll(/(\w+)=(\S+)/g);
  return Object.fromEntries([...pairs].map(([, name, value]) => [name!, value!]));
}

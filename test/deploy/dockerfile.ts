import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './compose-file.js';

/** An instruction such as `RUN npm ci`, split after the keyword. */
export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** A FROM and the instructions up to the next one. */
export type Stage = readonly Instruction[];

/** Reads the stages of the Dockerfile; the last one is the image. */
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

/** Arguments of the stage's only instruction with this name. */
export function only(stage: Stage, name: string): string {
  const found = stage.filter((instruction) => instruction.name === name);
  if (found.length === 1) return found[0]!.rest;
  throw new Error(`expected one ${name} in the stage, found ${found.length}`);
}

/** Words of a command in exec form. Throws for one in shell form. */
export function execForm(rest: string): string[] {
  const words: unknown = JSON.parse(rest);
  if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  throw new Error(`expected a list of words, got ${rest}`);
}

/** Variables of the stage's only ENV. */
export function environment(stage: Stage): Record<string, string> {
  const pairs = only(stage, 'ENV').matchAll(/(\w+)=(\S+)/g);
  return Object.fromEntries([...pairs].map(([, name, value]) => [name!, value!]));
}

import { readSync } from 'node:fs';
import {
  EMPTY_TREE,
  isInOrder,
  problemOfFreeLists,
  problemOfNodes,
  problemOfPage,
  type PageNode,
  type Tree,
} from './page-layout.js';

/*
 * LMDB follows page numbers and lengths in its file without checking them, so a single flipped bit
 * may end the process with a signal. This walk over trees checks them by ordinary reads.
 *
 * LMDB allocates pages at the end of its file, and does not write those that the same commit frees
 * again. So a file that is shorter than its last page number implies is intact as long as no page
 * in use lies beyond its end.
 */

export interface DataFile {
  readonly fd: number;
  readonly pageSize: number;
  /** In bytes. */
  readonly size: number;
  /** The newest transaction. LMDB takes a page of a later one for one in its memory. */
  readonly transaction: bigint;
}

/** A page that LMDB must not follow. */
export interface PageProblem {
  readonly page: bigint;
  /** A clause that says what is wrong with it. */
  readonly text: string;
  /** Whether it, or a value of it, lies beyond the end of the file. */
  readonly isBeyondEnd?: boolean;
}

/** The result of a walk. */
export interface PageWalk {
  /** The first problem, which ended the walk. */
  readonly problem: PageProblem | undefined;
  /**
   * The first page with keys that are not in order. LMDB survives it, but does not find some of
   * its rows.
   */
  readonly disordered: bigint | undefined;
}

/**
 * Walks trees and all trees within them.
 *
 * @param trees the tree of free pages, and the tree of tables
 * @param isWanted says of a named tree whether it is walked
 */
export function walkPages(
  file: DataFile,
  trees: readonly [free: Tree, tables: Tree],
  isWanted: (name: string) => boolean,
): PageWalk {
  const walk = new Walk(file);
  const waiting = [...trees];
  for (let tree = waiting.pop(); tree !== undefined; tree = waiting.pop()) {
    if (tree.name !== undefined && !isWanted(tree.name)) continue;
    const problem = walk.tree(tree, waiting, tree === trees[0]);
    if (problem !== undefined) return { problem, disordered: walk.disordered };
  }
  return { problem: undefined, disordered: walk.disordered };
}

const BEYOND_END = 'lies or has a value beyond the end of the file';

/** A page still to be walked. */
interface WaitingPage {
  readonly number: bigint;
  /** Levels of the tree from this page to its leaves, both included. */
  readonly height: number;
}

class Walk {
  disordered: bigint | undefined;
  /** A walk over more pages than the file has is going round in a circle. */
  #left: number;

  constructor(private readonly file: DataFile) {
    this.#left = file.size / file.pageSize;
  }

  /** Adds the trees within the tree to `found`. */
  tree(tree: Tree, found: Tree[], isOfFreePages: boolean): PageProblem | undefined {
    const { root, depth } = tree;
    if (root === EMPTY_TREE) return undefined;
    const counts = { branchPages: 0n, leafPages: 0n, overflowPages: 0n, entries: 0n };
    const waiting: WaitingPage[] = [{ number: root, height: depth }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { number, height } = next;
      const page = this.#page(number);
      if (page === undefined) return { page: number, text: BEYOND_END, isBeyondEnd: true };
      const isBranch = height > 1;
      const text = problemOfPage(page, number, isBranch, this.file.transaction);
      if (text !== undefined) return { page: number, text };
      counts[isBranch ? 'branchPages' : 'leafPages'] += 1n;
      const problem =
        this.#nodes(page, next, waiting, found, counts) ??
        (isOfFreePages && !isBranch ? problemOfFreeLists(page) : undefined);
      if (problem !== undefined) {
        return { page: number, text: problem, isBeyondEnd: problem === BEYOND_END };
      }
      if (!isInOrder(page, isBranch)) this.disordered ??= number;
    }
    const isCounted =
      counts.branchPages === tree.branchPages &&
      counts.leafPages === tree.leafPages &&
      counts.overflowPages === tree.overflowPages &&
      counts.entries === tree.entries;
    return isCounted ? undefined : { page: root, text: 'is the root of a tree that lacks rows' };
  }

  #nodes(
    page: Buffer,
    { height }: WaitingPage,
    waiting: WaitingPage[],
    found: Tree[],
    counts: { overflowPages: bigint; entries: bigint },
  ): string | undefined {
    const nodes: PageNode[] = [];
    const problem = problemOfNodes(page, height > 1, nodes);
    if (problem !== undefined) return problem;
    for (const node of nodes) {
      if (node.child !== undefined) waiting.push({ number: node.child, height: height - 1 });
      counts.entries += node.values;
      if (node.tree !== undefined) found.push(node.tree);
      if (node.overflow === undefined) continue;
      const { first, pages } = node.overflow;
      if (!this.#isIn(first + pages)) return BEYOND_END;
      counts.overflowPages += pages;
    }
    return undefined;
  }

  /** Returns undefined beyond the file's end. */
  #page(number: bigint): Buffer | undefined {
    if (--this.#left < 0 || !this.#isIn(number + 1n)) return undefined;
    const { fd, pageSize } = this.file;
    const page = Buffer.allocUnsafe(pageSize);
    const read = readSync(fd, page, 0, pageSize, number * BigInt(pageSize));
    return read < pageSize ? undefined : page;
  }

  #isIn(end: bigint): boolean {
    const { pageSize, size } = this.file;
    return end * BigInt(pageSize) <= BigInt(size);
  }
}

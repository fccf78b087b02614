import type { Links } from './links.ts';
import { noName } from './names.ts';

/** The fewest links from one node back to another that leads to it, both ends included. */
export function shortestPath(links: Links, start: number, end: number): readonly number[] {
  const cameFrom = new Map([[start, noName]]);
  for (const node of cameFrom.keys()) {
    if (node === end) break;
    for (const link of links.to(node)) if (!cameFrom.has(link.from)) cameFrom.set(link.from, node);
  }
  const path: number[] = [];
  for (let node = end; node !== noName; node = cameFrom.get(node) ?? noName) path.push(node);
  return path.reverse();
}

import { grown, noName, roomFor } from './names.ts';

const stride = 8;
const FLAGS = 0;
const ROLE_POLICY = 1;
const RESOURCE_POLICY = 2;
const OWNER = 3;
const FIRST_OWNED = 4;
const NEXT_OWNED = 5;
const PREVIOUS_OWNED = 6;

const isRoleFlag = 1;
const isResourceFlag = 2;

/**
 * What is known of each name: whether it is a role, a resource or both (they share a spelling
 * and so a number), who defined and who owns it, and the list of what it owns.
 */
export class Nodes {
  #cells = new Int32Array(0);
  /** Of the role and of the resource, side by side. */
  #createdAt = new Float64Array(0);

  isRole(node: number): boolean {
    return ((this.#cells[node * stride + FLAGS] ?? 0) & isRoleFlag) !== 0;
  }
  isResource(node: number): boolean {
    return ((this.#cells[node * stride + FLAGS] ?? 0) & isResourceFlag) !== 0;
  }
  rolePolicy(node: number): number {
    return this.#cell(node, ROLE_POLICY);
  }
  resourcePolicy(node: number): number {
    return this.#cell(node, RESOURCE_POLICY);
  }
  owner(node: number): number {
    return this.#cell(node, OWNER);
  }
  roleCreatedAt(node: number): number {
    return this.#createdAt[node * 2] ?? 0;
  }
  resourceCreatedAt(node: number): number {
    return this.#createdAt[node * 2 + 1] ?? 0;
  }
  /** Starts the list of what a node owns; {@link noName} ends it. */
  firstOwned(node: number): number {
    return this.#cell(node, FIRST_OWNED);
  }
  nextOwned(node: number): number {
    return this.#cell(node, NEXT_OWNED);
  }

  setRole(node: number, createdAt: number, policy: number): void {
    this.reach(node);
    this.#flag(node, isRoleFlag, true);
    this.#cells[node * stride + ROLE_POLICY] = policy;
    this.#createdAt[node * 2] = createdAt;
  }

  clearRole(node: number): void {
    this.#flag(node, isRoleFlag, false);
  }

  setResource(node: number, owner: number, createdAt: number, policy: number): void {
    this.reach(Math.max(node, owner));
    if (this.isResource(node)) this.#disown(node);
    this.#flag(node, isResourceFlag, true);
    this.#cells[node * stride + RESOURCE_POLICY] = policy;
    this.#createdAt[node * 2 + 1] = createdAt;
    this.#own(owner, node);
  }

  clearResource(node: number): void {
    this.#disown(node);
    this.#flag(node, isResourceFlag, false);
  }

  #own(owner: number, node: number): void {
    const cells = this.#cells;
    const next = this.firstOwned(owner);
    cells[node * stride + OWNER] = owner;
    cells[node * stride + NEXT_OWNED] = next;
    cells[node * stride + PREVIOUS_OWNED] = noName;
    if (next !== noName) cells[next * stride + PREVIOUS_OWNED] = node;
    cells[owner * stride + FIRST_OWNED] = node;
  }

  #disown(node: number): void {
    const cells = this.#cells;
    const next = this.nextOwned(node);
    const previous = this.#cell(node, PREVIOUS_OWNED);
    if (next !== noName) cells[next * stride + PREVIOUS_OWNED] = previous;
    if (previous !== noName) cells[previous * stride + NEXT_OWNED] = next;
    else cells[this.owner(node) * stride + FIRST_OWNED] = next;
    cells[node * stride + OWNER] = noName;
  }

  #cell(node: number, field: number): number {
    return this.#cells[node * stride + field] ?? noName;
  }

  #flag(node: number, flag: number, on: boolean): void {
    const flags = this.#cell(node, FLAGS);
    this.#cells[node * stride + FLAGS] = on ? flags | flag : flags & ~flag;
  }

  /** Makes room up to a node; new cells name nothing and have no flag. */
  reach(node: number): void {
    const known = this.#cells.length / stride;
    if (node < known) return;
    const room = roomFor(node + 1, known);
    this.#cells = grown(this.#cells, room * stride, noName);
    for (let fresh = known; fresh < room; fresh++) this.#cells[fresh * stride + FLAGS] = 0;
    const createdAt = new Float64Array(room * 2);
    createdAt.set(this.#createdAt);
    this.#createdAt = createdAt;
  }
}

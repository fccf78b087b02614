/** An account to load policies into: text is parsed, resolved, planned and applied to a graph. */
import {
  partsOf,
  storedAccount,
  storedResourceId,
  storedRoleId,
  type RoleId,
} from '../../../src/domain/ids.ts';
import { applyPlan } from '../../../src/domain/policy/apply-plan.ts';
import { parsePolicy } from '../../../src/domain/policy/parse.ts';
import { planLoad, type Plan, type PlanMode } from '../../../src/domain/policy/plan.ts';
import { resolvePolicy } from '../../../src/domain/policy/resolve.ts';
import { AccessGraph } from '../../../src/domain/rbac/graph.ts';
import type { GraphRow } from '../../../src/domain/records/rows.ts';

export const account = storedAccount('acct');
export const admin = storedRoleId('acct:user:admin');
const root = storedResourceId('acct:policy:root');
const modes = { POST: 'create', PATCH: 'update', PUT: 'replace' } as const satisfies Record<string, PlanMode>;

/** What every account is made with. */
export function newAccount(): AccessGraph {
  const graph = new AccessGraph();
  graph.put({ table: 'role', role: admin, createdAt: 0 });
  graph.put({ table: 'role', role: storedRoleId(root), createdAt: 0 });
  graph.put({ table: 'resource', resource: root, owner: admin, createdAt: 0 });
  graph.put({
    table: 'membership',
    role: storedRoleId(root),
    member: admin,
    ownership: true,
    admin: true,
  });
  return graph;
}

export class World {
  readonly graph = newAccount();
  #now = 0;

  POST(branch: string, text: string): Plan {
    return this.#load('POST', branch, text);
  }
  PATCH(branch: string, text: string): Plan {
    return this.#load('PATCH', branch, text);
  }
  PUT(branch: string, text: string): Plan {
    return this.#load('PUT', branch, text);
  }

  /** Every row but those of a new account, in few words, sorted; `‹p›` is the defining policy. */
  lines(): string[] {
    const made = new Set([...newAccount().rows()].map(lineOf));
    return [...this.graph.rows()]
      .map(lineOf)
      .filter((line) => !made.has(line))
      .sort();
  }

  /** The lines that have a word. */
  about(word: string): string[] {
    return this.lines().filter((line) => line.split(' ').includes(word));
  }

  #load(method: keyof typeof modes, branch: string, text: string): Plan {
    this.#now++;
    const policy = storedResourceId(`acct:policy:${branch}`);
    const owner = this.graph.resource(policy)?.owner ?? admin;
    const resolved = resolvePolicy(parsePolicy(Buffer.from(text)), {
      account,
      branch: policy,
      branchOwner: owner,
    });
    const plan = planLoad(this.graph, resolved, modes[method], this.#now);
    applyPlan(this.graph, plan);
    return plan;
  }
}

export function lineOf(row: GraphRow): string {
  const by = row.policy === undefined ? '' : ` ‹${partsOf(row.policy).identifier}›`;
  switch (row.table) {
    case 'role':
      return `role ${short(row.role)}${by}`;
    case 'resource':
      return `resource ${short(row.resource)} owner ${short(row.owner)}${by}`;
    case 'membership': {
      const edge = row.ownership ? 'owner' : row.admin ? 'admin' : 'member';
      return `${edge} ${short(row.member)} of ${short(row.role)}${by}`;
    }
    case 'permission':
      return `permit ${short(row.role)} ${row.privilege} ${short(row.resource)}${by}`;
    case 'annotation':
      return `note ${short(row.resource)} ${row.name}=${row.value}${by}`;
  }
}

export function short(id: string): string {
  return id.slice('acct:'.length);
}

export function restrictionOf(world: World, id: string): readonly string[] {
  return world.graph.restrictedTo(roleId(id));
}

export function roleId(id: string): RoleId {
  return storedRoleId(`acct:${id}`);
}

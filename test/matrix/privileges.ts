/** What `x-privilege` demands of an operation, and the roles that hold it, a part of it, or all but it. */
import type { Operation } from '../support/openapi.ts';
import type { Row, Texts } from './row.ts';

interface Demand {
  readonly privilege: string;
  readonly resource: string;
  readonly unseen: number;
  readonly refused?: number;
  readonly when?: string;
}

/** A demand on a resource that is there, by its kind and id. */
export interface Need {
  readonly privilege: string;
  readonly kind: string;
  readonly id: string;
  /** The status for who cannot see the resource, and for who can and lacks the privilege. */
  readonly unseen: number;
  readonly refused: number;
}

/** A role of a row: the name of its case, and what it is permitted, as policy. */
export interface Permitted {
  readonly role: string;
  readonly policy: string;
}

/** All that policies, faces and tests know of; `see` means nothing to anybody. */
const everyPrivilege = ['read', 'execute', 'update', 'create', 'delete', 'authenticate', 'sign', 'see'];

export function needsOf(operation: Operation, row: Row, account: string): readonly Need[] {
  // Whose proof is of another kind has roles of its own.
  if (row.attempts !== undefined) return [];
  const demands = operation['x-privilege'] as readonly Demand[];
  return demands
    .filter(({ when }) => row.when === undefined || when === row.when)
    .map(({ privilege, resource, unseen, refused = unseen }) => {
      const named = row.resources?.[resource] ?? filled(resource, row.with ?? {});
      const [kind = '', ...id] = named.startsWith(`${account}:`)
        ? named.slice(account.length + 1).split(':')
        : named.split(':');
      return { privilege, kind, id: id.join(':'), unseen, refused };
    });
}

/** A text with the parameters that it names in braces; what is not known stays. */
export function filled(text: string, parameters: Texts): string {
  return text.replace(/\{([\w.]+)\}/g, (whole, name: string) => parameters[name] ?? whole);
}

/** Where the roles of a row are. */
export function roleFolder(name: string): string {
  return `r/${name.replaceAll(/\W+/g, '-')}`;
}

/** The roles of a row: `right`, `lesser` (everything else on the same resources), and one for each need that it lacks. */
export function rolesOf(name: string, needs: readonly Need[]): readonly Permitted[] {
  const role = (called: string, permits: readonly string[]): Permitted => {
    const id = `${roleFolder(name)}/${called}`;
    return {
      role: called,
      policy: [`- !host ${id}`, ...permits.map((each) => each.replace('ROLE', `!host ${id}`))].join('\n'),
    };
  };
  if (needs.length === 0) return [];
  const lacking =
    needs.length === 1
      ? []
      : needs.map((need, index) =>
          role(`lacks-${String(index)}`, needs.filter((each) => each !== need).map(permit)),
        );
  const lesser = needs.every(({ privilege }) => privilege === 'visible')
    ? []
    : [role('lesser', lesserPermits(needs))];
  return [role('right', needs.map(permit)), ...lesser, ...lacking];
}

function permit({ privilege, kind, id }: Need): string {
  // An owner is a member of the group that the row made the owner.
  if (privilege === 'owner') return `- !grant { role: !group ${id}-owners, member: ROLE }`;
  return permitOf([privilege === 'visible' ? 'see' : privilege], kind, id);
}

function lesserPermits(needs: readonly Need[]): readonly string[] {
  const resources = new Map(needs.map(({ kind, id }) => [`${kind}:${id}`, { kind, id }]));
  return [...resources.values()].map(({ kind, id }) => {
    const needed = needs.filter((each) => each.kind === kind && each.id === id);
    const others = everyPrivilege.filter((each) => !needed.some(({ privilege }) => privilege === each));
    return permitOf(others, kind, id);
  });
}

function permitOf(privileges: readonly string[], kind: string, id: string): string {
  const tag = kind.replaceAll('_', '-');
  return `- !permit { role: ROLE, privileges: [${privileges.join(', ')}], resource: !${tag} ${JSON.stringify(id)} }`;
}

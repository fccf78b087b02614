/**
 * From statements to what they mean in one account and branch: full ids, owners, pairs. The text
 * is walked once in its order, so that a record that aliases lead to means the same everywhere
 * as where it stands first.
 */
import type { Position } from '../errors.ts';
import { partsOf, rootPolicyOf, type Account, type ResourceId, type RoleId } from '../ids.ts';
import { storedAnnotations } from './annotation-values.ts';
import { Declarations, type Mention } from './declarations.ts';
import type { Identity } from './identifiers.ts';
import { invalid } from './invalid.ts';
import { ordered } from './order.ts';
import { addDelete, addGrants, addPermissions, addRevokes } from './pairs.ts';
import { publicKeyOf } from './public-keys.ts';
import { identityOf, noteOwnUser, refer, type Resolution, type Scope } from './resolution.ts';
import { addWarnings } from './warnings.ts';
import type { Definition, PublicKeyLine, RecordNode, ResolvedPolicy, Statement } from './statements.ts';

/** Where a text is loaded to. */
export interface Branch {
  readonly account: Account;
  readonly branch: ResourceId;
  /** The present owner of the branch: the default owner at the root. */
  readonly branchOwner: RoleId;
}

/**
 * Resolves a policy for the branch that it is loaded to.
 *
 * A text for another branch than the root stands in that branch's policy, as if a `!policy`
 * were written around it. Nothing is looked up: whether what is referred to exists is for the
 * planner.
 *
 * @throws LatchkeyError `POLICY_INVALID`: a blank, absolute, relative or malformed id where none may
 *   be, a foreign account, a record declared twice, owners in a circle; `at` is the place of the
 *   statement or reference
 * @throws LatchkeyError `POLICY_TOO_LARGE`: its lists multiply out to too many grants and permits
 * @see Conjur: policy load, resolution of ids and owners
 */
export function resolvePolicy(statements: readonly Statement[], target: Branch): ResolvedPolicy {
  const { account, branch } = target;
  const resolution: Resolution = {
    account,
    declarations: new Declarations(account),
    namespaces: new Map(),
    defined: new Set(),
    grants: [],
    permits: [],
    revokes: [],
    denies: [],
    deletes: [],
    ownUsers: [],
    warnings: new Set(),
    entries: 0,
  };
  addStatements(resolution, statements, scopeOf(resolution, target));
  const { grants, permits, revokes, denies, deletes, ownUsers } = resolution;
  const definitions = ordered(resolution.declarations.inOrder);
  return {
    account,
    branch,
    definitions,
    grants,
    permits,
    revokes,
    denies,
    deletes,
    ownUsers,
    warnings: [...resolution.warnings],
  };
}

/** A text stands at the root, or in the policy that is implied around it. */
function scopeOf({ declarations }: Resolution, { account, branch, branchOwner }: Branch): Scope {
  const at = { line: 1, column: 1 };
  const owner = mentionOf(declarations, branchOwner, at);
  if (branch === rootPolicyOf(account)) return { namespace: '', owner };
  const policy = mentionOf(declarations, branch, at);
  const definition: Definition = {
    tag: 'policy',
    id: branch,
    kind: 'policy',
    hasRole: true,
    hasResource: true,
    owner: branchOwner,
    annotations: [],
    restrictedTo: undefined,
    publicKeys: [],
    layers: [],
    implied: true,
    at,
  };
  declarations.declare(policy, definition, owner, []);
  return { namespace: partsOf(branch).identifier, owner: policy };
}

function mentionOf(declarations: Declarations, id: RoleId | ResourceId, at: Position): Mention {
  const { kind, identifier } = partsOf(id);
  return declarations.mention({ kind, identifier, path: identifier }, at);
}

function addStatements(resolution: Resolution, statements: readonly Statement[], scope: Scope): void {
  for (let index = 0; index < statements.length; index++) {
    const statement = statements[index];
    if (statement === undefined) continue;
    switch (statement.tag) {
      case 'grant':
        addGrants(resolution, statement, scope);
        break;
      case 'revoke':
        addRevokes(resolution, statement, scope);
        break;
      case 'permit':
      case 'deny':
        addPermissions(resolution, statement, scope);
        break;
      case 'delete':
        addDelete(resolution, statement, scope);
        break;
      case 'policy':
      case 'user':
      case 'host':
      case 'group':
      case 'layer':
      case 'variable':
      case 'webservice':
      case 'host-factory':
      case 'role':
      case 'resource':
        define(resolution, statement, scope, index + 1 < statements.length);
    }
  }
}

/** A record, and for a policy its body. A record that aliases lead to is defined where it stands first. */
function define(resolution: Resolution, node: RecordNode, scope: Scope, followed: boolean): void {
  if (node.shared) {
    if (resolution.defined.has(node)) return;
    resolution.defined.add(node);
  }
  const identity = identityOf(resolution, node, scope, 'definition');
  const mention = resolution.declarations.mention(identity, node.at);
  noteOwnUser(resolution, identity, mention, node.at);
  const inner: Scope = { namespace: identity.path, owner: mention };
  const bodyFirst = ownerStandsInBody(node);
  if (bodyFirst) addStatements(resolution, node.body, inner);
  const owner = node.owner === undefined ? scope.owner : refer(resolution, node.owner, scope, 'receiver');
  const layers = layersOf(resolution, node, identity, scope);
  resolution.declarations.declare(
    mention,
    definitionOf(node, identity, mention, owner, layers),
    owner,
    layers,
  );
  if (!bodyFirst && node.body.length > 0) addStatements(resolution, node.body, inner);
  addWarnings(resolution.warnings, node, identity, followed);
}

/** An owner that is an alias of something in the body: there it gets its meaning. */
function ownerStandsInBody({ owner, body: [first] }: RecordNode): boolean {
  if (first === undefined || owner?.shared !== true) return false;
  return (
    first.at.line < owner.at.line || (first.at.line === owner.at.line && first.at.column <= owner.at.column)
  );
}

function definitionOf(
  node: RecordNode,
  identity: Identity,
  { id }: Mention,
  owner: Mention,
  layers: readonly Mention[],
): Definition {
  return {
    tag: node.tag,
    id,
    kind: identity.kind,
    hasRole: node.tag !== 'resource' && node.tag !== 'variable' && node.tag !== 'webservice',
    hasResource: node.tag !== 'role',
    owner: owner.id,
    annotations: storedAnnotations(node.annotations, identity.path),
    restrictedTo: node.restrictedTo,
    publicKeys: publicKeysOf(node),
    layers: layers.length === 0 ? nothing : layers.map((layer) => layer.id),
    implied: false,
    at: node.at,
  };
}

const nothing: readonly never[] = [];

/** Of two keys with one name the last counts. */
function publicKeysOf(node: RecordNode): readonly PublicKeyLine[] {
  if (node.publicKeys.length === 0) return nothing;
  const lines = node.publicKeys.map(publicKeyOf).filter((line) => line !== undefined);
  return [...new Map(lines.map((line) => [line.name, line])).values()];
}

function layersOf(
  resolution: Resolution,
  node: RecordNode,
  { identifier }: Identity,
  scope: Scope,
): readonly Mention[] {
  if (node.tag !== 'host-factory') return nothing;
  if (node.layers !== undefined) return node.layers.map((layer) => refer(resolution, layer, scope, 'own'));
  throw invalid(
    node.at,
    `Host factory '${identifier}' does not include any layers`,
    "Write 'layers:' with the layers that its hosts join, or 'layers: []'",
  );
}

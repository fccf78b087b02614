/** Who may do what: every operation of the OpenAPI document, asked for by everybody. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { operations, type Operation } from '../support/openapi.ts';
import { akamaiRows } from './akamai.ts';
import { akeylessRows } from './akeyless.ts';
import {
  askServed,
  askUnserved,
  foreignAnswers,
  makeReady,
  type Outcome,
  unprivilegedAnswers,
} from './ask.ts';
import { conjurRows } from './conjur.ts';
import { foreignProofRows } from './foreign-proofs.ts';
import { proofRows } from './proofs.ts';
import { protocolRows } from './protocol.ts';
import { operationIdOf, type Row, type Rows } from './row.ts';
import { renderTable } from './table.ts';
import { vaultRows } from './vault.ts';
import { versionedRows } from './versioned.ts';
import { openWorld, type Prepared, type World } from './world.ts';

const expectedPath = 'test/matrix/expected.txt';
const rows: Rows = {
  ...conjurRows,
  ...versionedRows,
  ...proofRows,
  ...foreignProofRows,
  ...vaultRows,
  ...akeylessRows,
  ...akamaiRows,
  ...protocolRows,
};

/** Some operations are there to be refused, and the document says so. */
function mayBeServed({ responses }: Operation): boolean {
  return Object.keys(responses).some((status) => /^[23]/.test(status));
}

/** Whether anybody may ask. */
function isOpen({ security, tags = [] }: Operation): boolean {
  if (tags.includes('Akeyless management')) return false;
  return (
    security !== undefined &&
    (security.length === 0 || security.some((each) => Object.keys(each).length === 0))
  );
}

describe('the authorization matrix', function () {
  this.timeout(120_000);
  let world: World;
  const outcomes = new Map<Prepared, Outcome>();

  before(async () => {
    world = await openWorld(operations, rows);
    for (const prepared of world.prepared) await makeReady(world, prepared);
    const before = await world.epochs();
    for (const prepared of world.prepared) outcomes.set(prepared, await askUnserved(world, prepared));
    assert.deepEqual(await world.epochs(), before, 'what was refused changed something');
    for (const prepared of world.prepared) {
      outcomes.set(
        prepared,
        new Map([...(outcomes.get(prepared) ?? []), ...(await askServed(world, prepared))]),
      );
    }
  });
  after(() => world.close());

  function each(check: (prepared: Prepared, outcome: Outcome, row: Row) => void): void {
    const faults: string[] = [];
    for (const [prepared, outcome] of outcomes) {
      try {
        check(prepared, outcome, prepared.row);
      } catch (error) {
        const { operationId } = prepared.operation;
        faults.push(
          `${operationId} ${JSON.stringify([...outcome])}: ${(error as Error).message.split('\n')[0] ?? ''}`,
        );
      }
    }
    assert.deepEqual(faults, []);
  }

  it('has a row for every operation that anybody may ever be served, and no other', () => {
    const served = operations.filter(mayBeServed).map(({ operationId }) => operationId);
    const known = new Set(operations.map(({ operationId }) => operationId));
    const asked = new Set(Object.keys(rows).map(operationIdOf));
    assert.deepEqual(
      served.filter((id) => !asked.has(id)),
      [],
      'operations without a row',
    );
    assert.deepEqual(
      [...asked].filter((id) => !known.has(id)),
      [],
      'rows without an operation',
    );
  });

  it('serves whoever has what the document demands', () => {
    each(({ operation }, outcome, { neverServed }) => {
      if (neverServed !== undefined || !mayBeServed(operation)) return;
      for (const status of outcome.get('right') ?? [0])
        assert.ok(status >= 200 && status < 400, String(status));
    });
  });

  it('serves nobody who proves nothing, or what does not hold', () => {
    const unproven = ['none', 'garbage', 'expired', 'signature', 'other-kid', 'alg-none'] as const;
    each(({ operation }, outcome) => {
      if (isOpen(operation)) return;
      for (const name of unproven) {
        for (const status of outcome.get(name) ?? []) assert.ok(status >= 400 && status < 500, name);
      }
    });
  });

  it('serves nobody who lacks a privilege, and answers as the document says', () => {
    each(({ needs }, outcome) => {
      if (needs.length === 0) return;
      for (const name of ['nobody', 'lesser', 'but-one', 'foreign'] as const) {
        for (const status of outcome.get(name) ?? []) assert.ok(status >= 400 && status < 500, name);
      }
      const [first] = needs;
      for (const status of outcome.get('nobody') ?? []) assert.equal(status, first?.unseen, 'nobody');
      for (const status of outcome.get('lesser') ?? []) {
        assert.ok(
          needs.some(({ refused }) => refused === status),
          `lesser ${String(status)}`,
        );
      }
    });
  });

  it('shows nothing of an account to the administrator of another', () => {
    const shown = world.prepared.filter(({ operation }) => !isOpen(operation));
    const told = shown.filter((prepared) => foreignAnswers.get(prepared)?.includes('acct:') === true);
    assert.deepEqual(
      told.map(({ name }) => name),
      [],
    );
  });

  it('shows nothing that policies define to a role without any privilege', () => {
    // One of each kind: a policy, a group, a variable, a user, a webservice, and a host beside the caller.
    // Which authenticators there are is told to anybody (GET /authenticators).
    const defined = /load-policy|vault-group|get-secret|rotate-own|conjur\/mesh|r\/getSecret/;
    const asked = world.prepared.filter(
      ({ operation, row }) => !isOpen(operation) && row.attempts === undefined,
    );
    const told = asked.filter((prepared) => defined.test(unprivilegedAnswers.get(prepared) ?? ''));
    assert.deepEqual(
      told.map(({ name }) => name),
      [],
    );
  });

  it('answers everybody as the table says', () => {
    const lines = [...outcomes].map(([{ name, operation, row }, outcome]) => {
      return { name, operation, method: row.method, outcome };
    });
    const table = renderTable(lines);
    if (process.env['UPDATE_MATRIX'] === '1') writeFileSync(expectedPath, table);
    assert.deepEqual(
      table.split('\n'),
      existsSync(expectedPath) ? readFileSync(expectedPath, 'utf8').split('\n') : [],
    );
  });
});

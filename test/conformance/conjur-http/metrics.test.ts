import assert from 'node:assert/strict';
import {
  load,
  secretPath,
  send,
  setSecret,
  signIn,
  type Answer,
  type Session,
} from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { startTestService } from '../../support/service.ts';

/** The samples of a page: what stands before the value, and the value. */
function samplesOf(page: Answer): ReadonlyMap<string, number> {
  const samples = page.text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line): [string, number] => {
      const blank = line.lastIndexOf(' ');
      return [line.slice(0, blank), Number(line.slice(blank + 1))];
    }),
  );
}

describeOnStores(
  'figures for Prometheus',
  (on) => {
    let admin: Session;

    before(async () => {
      admin = await signIn(on.service);
      await load(admin, '- !variable one\n- !group team\n- !webservice conjur/authn-oidc/okta\n');
      await setSecret(admin, 'one', 'value');
    });

    const page = (headers: Record<string, string> = {}): Promise<Answer> =>
      send(`${on.service.url}/metrics`, 'GET', { headers });

    it('are shown to anybody, as text', async () => {
      const answer = await page();
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
      assert.match(answer.text, /^# HELP /);
    });

    it('are shown to whoever accepts plain text, and 406 to others', async () => {
      const prometheus =
        'application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
      for (const accept of ['*/*', 'text/plain', 'text/plain; version=0.0.4', 'text/*', prometheus]) {
        assert.equal((await page({ accept })).status, 200, accept);
      }
      for (const accept of ['application/json', 'text/html', 'text/plain;q=0']) {
        const answer = await page({ accept });
        assert.deepEqual([answer.status, answer.text], [406, 'Supported media types: text/plain'], accept);
      }
    });

    it('answer HEAD, and no other method', async () => {
      const head = await send(`${on.service.url}/metrics`, 'HEAD');
      assert.deepEqual([head.status, head.text], [200, '']);
      assert.equal((await admin.send('POST', '/metrics')).status, 404);
    });

    it('count requests by code and operation', async () => {
      const counted = async (code: number, operation: string): Promise<number> => {
        const name = `conjur_http_server_requests_total{code="${code}",operation="${operation}"}`;
        return samplesOf(await page()).get(name) ?? 0;
      };
      const before = [await counted(200, 'getSecret'), await counted(404, 'getSecret')];
      await admin.send('GET', secretPath(on.service, 'one'));
      await admin.send('GET', secretPath(on.service, 'one'));
      await admin.send('GET', secretPath(on.service, 'none'));
      assert.equal(await counted(200, 'getSecret'), (before[0] ?? 0) + 2);
      assert.equal(await counted(404, 'getSecret'), (before[1] ?? 0) + 1);
      await send(`${on.service.url}/nothing`, 'GET');
      assert.ok((await counted(401, 'unknown')) > 0);
      assert.ok((await counted(201, 'loadPolicy')) > 0);
      assert.ok((await counted(200, 'getMetrics')) > 0);
    });

    it('time requests by operation', async () => {
      const name = 'conjur_http_server_request_duration_seconds';
      const count = `${name}_count{operation="whoAmI"}`;
      const before = samplesOf(await page()).get(count) ?? 0;
      await admin.send('GET', '/whoami');
      const samples = samplesOf(await page());
      assert.equal(samples.get(count), before + 1);
      assert.equal(samples.get(`${name}_bucket{le="+Inf",operation="whoAmI"}`), before + 1);
      assert.ok((samples.get(`${name}_sum{operation="whoAmI"}`) ?? 0) > 0);
    });

    it('count resources, roles and authenticators', async () => {
      // What was counted last is good for a second.
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      const samples = samplesOf(await page());
      assert.equal(samples.get('conjur_resource_count{kind="variable"}'), 1);
      assert.equal(samples.get('conjur_resource_count{kind="webservice"}'), 1);
      assert.equal(samples.get('conjur_role_count{kind="group"}'), 1);
      assert.equal(samples.get('conjur_server_authenticator{type="authn-oidc",status="installed"}'), 1);
      assert.equal(samples.get('conjur_server_authenticator{type="authn-oidc",status="configured"}'), 1);
      assert.equal(samples.get('conjur_server_authenticator{type="authn",status="enabled"}'), 1);
    });

    it('time the store, and tell of the process', async () => {
      const samples = samplesOf(await page());
      assert.ok((samples.get('latchkey_store_duration_seconds_count{call="read"}') ?? 0) > 0);
      assert.ok((samples.get('latchkey_store_duration_seconds_count{call="commit"}') ?? 0) > 0);
      assert.ok((samples.get('process_resident_memory_bytes') ?? 0) > 0);
    });

    it('name no id, no account, and nothing that a client made up', async () => {
      await admin.send('GET', secretPath(on.service, 'made-up-variable'));
      await admin.send('GET', '/made-up-path/made-up-segment');
      await send(`${on.service.url}/authn-madeup/s/a/authenticate`, 'POST');
      await send(`${on.service.url}/metrics?made-up=query`, 'GET');
      const { text } = await page();
      assert.doesNotMatch(text, /made-?up/);
      assert.doesNotMatch(text, new RegExp(`\\b${on.service.account}\\b`));
    });
  },
  { CONJUR_TELEMETRY_ENABLED: 'true' },
);

describe('figures of failures', () => {
  it('count requests that failed within the service, and audit records that could not be written', async () => {
    const service = await startTestService({
      LATCHKEY_TELEMETRY_ENABLED: 'true',
      LATCHKEY_AUDIT_FILE: '/dev/full',
    });
    try {
      const path = `${service.url}/authn/${service.account}/admin/authenticate`;
      assert.equal((await send(path, 'POST', { body: service.adminKey })).status, 503);
      const samples = samplesOf(await send(`${service.url}/metrics`, 'GET'));
      assert.equal(samples.get('latchkey_audit_failures_total'), 1);
      const failure =
        'operation="getAccessToken",exception="AUDIT_UNAVAILABLE",message="The audit record could not be written"';
      assert.equal(samples.get(`conjur_http_server_request_exceptions_total{${failure}}`), 1);
    } finally {
      await service.stop();
    }
  });
});

describe('figures that are switched off', () => {
  it('are like any unknown path', async () => {
    const service = await startTestService();
    try {
      const admin = await signIn(service);
      const anonymous = await send(`${service.url}/metrics`, 'GET');
      assert.deepEqual([anonymous.status, anonymous.text], [401, 'Authorization missing']);
      assert.equal((await admin.send('GET', '/metrics')).status, 404);
    } finally {
      await service.stop();
    }
  });
});

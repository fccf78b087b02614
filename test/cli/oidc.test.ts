/** The commands about the OpenID Provider against the real home.service. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, signIn } from '../support/client.ts';
import { AdminHome } from './admin-home.ts';
import { tokenFor } from './fake-service.ts';
import { serve } from './support.ts';

describe('latchkey oidc', () => {
  let home: AdminHome;

  before(async () => {
    home = await AdminHome.start();
  });
  after(async () => {
    await home.close();
  });

  const argumentsOf = (words: string): readonly string[] => ['oidc', ...words.split(' ')];
  const done = (words: string): Promise<string> => home.done(argumentsOf(words));
  const json = async (words: string): Promise<Record<string, unknown>> =>
    JSON.parse(await done(`${words} --output json`)) as Record<string, unknown>;
  const refused = async (code: number, message: RegExp, words: string): Promise<void> => {
    await home.refused(code, message, argumentsOf(words));
  };

  it('makes, changes, shows, lists and deletes each kind of object', async () => {
    for (const [kind, option, field, value] of [
      ['key', '--algorithm ES256', 'algorithm', 'ES256'],
      ['assignment', '--entity-ids b a', 'entity_ids', ['a', 'b']],
      ['scope', '--description words', 'description', 'words'],
      [
        'client',
        '-r https://a.example/cb https://b.example/cb',
        'redirect_uris',
        ['https://a.example/cb', 'https://b.example/cb'],
      ],
      ['provider', '--allowed-client-ids *', 'allowed_client_ids', ['*']],
    ] as const) {
      const title = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
      assert.equal(await done(`${kind} create -n mine`), `${title} mine is created\n`);
      assert.equal(await done(`${kind} update -n mine ${option}`), `${title} mine is updated\n`);
      assert.deepEqual((await json(`${kind} get -n mine`))[field], value);
      assert.match(await done(`${kind} list`), /^mine\b/m);
      assert.deepEqual(await json(`${kind} delete -n mine`), { name: 'mine', deleted: true });
      await refused(1, /does not exist/, `${kind} get -n mine`);
    }
  });

  it('names users and groups of an assignment by their names, beside ids', async () => {
    const made = await load(
      await signIn(home.service),
      '- !user ann\n- !host web/app\n- !group staff\n- !group web/admins\n',
    );
    assert.equal(made.version, 1);
    await done('assignment create -n named -u ann host/web/app -g staff web/admins --group-ids z');
    const { entity_ids: entities, group_ids: groups } = await json('assignment get -n named');
    const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    assert.ok(Array.isArray(entities) && Array.isArray(groups));
    assert.equal(entities.filter((id) => uuid.test(String(id))).length, 2);
    assert.equal(groups.filter((id) => uuid.test(String(id))).length, 2);
    assert.ok(groups.includes('z'));
    await refused(1, /cannot find group nothing/, 'assignment create -n other -g nothing');
    await refused(1, /does not exist/, 'assignment get -n other');
  });

  it('shows a client in two columns, and clients in a table', async () => {
    await done('client create -n table -a allow_all --id-token-ttl 1h');
    const fields = (await done('client get -n table')).trimEnd().split('\n');
    assert.ok(fields.includes('id_token_ttl      3600'), fields.join('\n'));
    assert.ok(fields.includes('redirect_uris     -'));
    assert.ok(fields.some((line) => /^client_secret {5}hvo_secret_\w{64}$/.test(line)));
    const [head = '', row = ''] = (await done('client list')).split('\n');
    assert.match(head, /^name {3}access_token_ttl {2}assignments {2}client_id/);
    assert.match(row, /^table {2}86400 {13}allow_all/);
    assert.ok(!row.includes('hvo_secret_'));
    await done('client delete -n table');
    assert.equal(await done('client list'), '');
    assert.deepEqual(await json('client list'), []);
  });

  it('sends every option of a client', async () => {
    const secret = join(home.path, 'secret');
    writeFileSync(secret, 'a-secret-that-came-from-elsewhere\n');
    await done(
      `client create -n full -k default -t confidential --client-id elsewhere --client-secret-file ${secret}` +
        ' --access-token-ttl 90s --access-token-format jwt --authorization-code true --client-credentials true' +
        ' --token-exchange true --refresh-token true --refresh-token-ttl 2d' +
        ' --post-logout-redirect-uris https://a.example/out --backchannel-logout-uri https://a.example/back' +
        ' --disabled true',
    );
    assert.deepEqual(await json('client get -n full'), {
      access_token_ttl: 90,
      assignments: [],
      client_id: 'elsewhere',
      client_secret: 'a-secret-that-came-from-elsewhere',
      client_type: 'confidential',
      id_token_ttl: 86_400,
      key: 'default',
      redirect_uris: [],
      client_credentials: true,
      refresh_token: true,
      refresh_token_ttl: 172_800,
      token_exchange: true,
      access_token_format: 'jwt',
      post_logout_redirect_uris: ['https://a.example/out'],
      backchannel_logout_uri: 'https://a.example/back',
      disabled: true,
    });
    await done('client delete -n full');
  });

  it('reads the template of a scope from a file, or from standard input', async () => {
    const template = '{"groups": {{identity.entity.groups.names}} }';
    const file = join(home.path, 'template.json');
    writeFileSync(file, `${template}\n`);
    await done(`scope create -n filed -f ${file}`);
    assert.equal((await json('scope get -n filed'))['template'], template);
    const piped = await home.run(['oidc', 'scope', 'create', '-n', 'piped', '-f', '-'], {
      input: template,
    });
    assert.equal(piped.code, 0, piped.stderr);
    assert.equal((await json('scope get -n piped'))['template'], template);
  });

  it('rotates the secret of a client', async () => {
    await done('client create -n rotating');
    const before = await json('client get -n rotating');
    const rotated = await json('client rotate-secret -n rotating --overlap 1h');
    assert.notEqual(rotated['client_secret'], before['client_secret']);
    assert.equal(typeof rotated['previous_secret_expires_at'], 'string');
    assert.equal((await json('client get -n rotating'))['client_secret'], rotated['client_secret']);
  });

  it('rotates a key', async () => {
    await done('key create -n turning');
    assert.equal(await done('key rotate -n turning --verification-ttl 1h'), 'Key turning is rotated\n');
    await refused(1, /no named key found/, 'key rotate -n missing');
  });

  it('lists the providers that serve a client', async () => {
    await done('provider create -n narrow --allowed-client-ids other');
    const listed = (await json('provider list --allowed-client-id mine')) as unknown as { name: string }[];
    assert.deepEqual(
      listed.map(({ name }) => name),
      ['default'],
    );
    await done('provider delete -n narrow');
  });

  it('shows warnings, and what the server says of a refusal', async () => {
    const warned = await home.run(argumentsOf('provider create -n elsewhere --issuer https://example.com'));
    assert.equal(warned.code, 0);
    assert.match(warned.stderr, /^warning: /m);
    await refused(
      1,
      /answered 400.*scope "nothing" does not exist/,
      'provider create -n x --scopes-supported nothing',
    );
    await refused(1, /cannot be deleted/, 'provider delete -n default');
  });

  it('makes nothing anew that is there, and changes nothing that is not', async () => {
    await done('assignment create -n there');
    await refused(1, /is there already/, 'assignment create -n there');
    await refused(1, /there is no assignment missing/, 'assignment update -n missing --entity-ids a');
    await refused(2, /nothing to change/, 'assignment update -n there');
  });

  it('prints no control character that a server sends', async () => {
    const name = 'na\u001b]0;x\u0007me\u009b2J';
    const data = { keys: [name], key_info: { [name]: { ['fi\u001b[1meld']: 'va\u202elue' } } };
    const server = await serve(({ target, method }, response) => {
      if (method === 'GET' && target.startsWith('/v1/')) {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ data, warnings: null }));
      } else response.end(tokenFor('admin'));
    });
    try {
      const hostile = { env: { ...home.env, LATCHKEY_URL: server.url } };
      for (const words of ['client list', 'client get -n x']) {
        const { code, stdout, stderr } = await home.run(argumentsOf(words), hostile);
        assert.equal(code, 0, stderr);
        assert.match(stdout, /na/);
        assert.doesNotMatch(stdout.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
      }
    } finally {
      await server.close();
    }
  });

  it('takes true and false for what is switched, and nothing else', async () => {
    await refused(2, /not one of those that may be given/, 'client create -n x --disabled maybe');
  });
});

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { isFailure, type ErrorCode } from '../../../src/domain/errors.ts';
import type { RequestContextOf } from '../../../src/http/context.ts';
import { bodyParameters, queryParameters, type Parameters } from '../../../src/http/conjur/parameters.ts';

const limits = { maxBytes: 1024 * 1024 };

function context(querystring: string, body = '', contentType?: string): RequestContextOf {
  const req = Object.assign(Readable.from([Buffer.from(body)]), {
    headers: contentType === undefined ? {} : { 'content-type': contentType },
    complete: true,
  });
  return { querystring, req, res: {} } as unknown as RequestContextOf;
}

const query = (text: string): Parameters => queryParameters(context(text));
const body = (text: string, type?: string, querystring = ''): Promise<Parameters> =>
  bodyParameters(context(querystring, text, type), limits);
const fails = (act: () => unknown, code: ErrorCode): void => {
  assert.throws(act, (error) => isFailure(error, code));
};

describe('queryParameters', () => {
  it('splits at ampersands and semicolons, and reads a plus as a blank', () => {
    const parameters = query('a=1;b=x+y&c=%2B');
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((name) => parameters.text(name)),
      ['1', 'x y', '+', undefined],
    );
  });

  it('counts the last of a name that comes twice', () => {
    assert.equal(query('a=1&a=2').text('a'), '2');
  });

  it('tells a name without a value from one that is missing', () => {
    const parameters = query('count&empty=');
    assert.deepEqual([parameters.has('count'), parameters.has('none')], [true, false]);
    assert.deepEqual([parameters.text('count'), parameters.text('empty')], ['', '']);
    assert.deepEqual(parameters.names(), ['count', 'empty']);
  });

  it('reads lists and maps of texts', () => {
    const parameters = query('kind[]=a&kind[]=b&one=x&annotations[a/b]=1&annotations[c]=2');
    assert.deepEqual(parameters.texts('kind'), ['a', 'b']);
    assert.deepEqual(parameters.texts('one'), ['x']);
    assert.equal(parameters.texts('none'), undefined);
    const annotations = [...(parameters.textMap('annotations') ?? [])];
    assert.deepEqual(annotations, [
      ['a/b', '1'],
      ['c', '2'],
    ]);
  });

  it('keeps the names that objects have by themselves apart from them', () => {
    const parameters = query('constructor=1&m[toString]=2&m[hasOwnProperty]=3&__proto__[x]=4&__proto__=5');
    assert.equal(parameters.text('constructor'), '1');
    assert.deepEqual(
      [...(parameters.textMap('m') ?? [])],
      [
        ['toString', '2'],
        ['hasOwnProperty', '3'],
      ],
    );
    assert.equal(({} as Record<string, unknown>)['x'], undefined);
    assert.equal(query('').has('toString'), false);
  });

  it('refuses a shape that was not asked for', () => {
    const parameters = query('text=x&list[]=x&map[a]=x&deep[a][b]=x');
    fails(() => parameters.text('list'), 'PARAMETER_INVALID');
    fails(() => parameters.text('map'), 'PARAMETER_INVALID');
    fails(() => parameters.texts('map'), 'PARAMETER_INVALID');
    fails(() => parameters.textMap('text'), 'PARAMETER_INVALID');
    fails(() => parameters.textMap('deep'), 'PARAMETER_INVALID');
  });

  it('refuses too many pairs, items and levels', () => {
    const many = (pair: string): string => Array.from({ length: 1_001 }, () => pair).join('&');
    for (const text of [many('a=1'), many('a[]=1'), 'a[b][c][d][e][f]=1']) {
      fails(() => query(text), 'PARAMETER_INVALID');
    }
  });

  it('takes what does not decode as it is', () => {
    assert.equal(query('a=%zz').text('a'), '%zz');
  });
});

describe('bodyParameters', () => {
  for (const type of [
    undefined,
    '',
    'application/x-www-form-urlencoded',
    'Application/X-WWW-Form-Urlencoded; charset=utf-8',
    'text\\plain',
  ]) {
    it(`reads a form where the type is ${type === undefined ? 'missing' : `'${type}'`}`, async () => {
      const parameters = await body('id=a%2Fb&cidr[]=10.0.0.0%2F8', type);
      assert.deepEqual([parameters.text('id'), parameters.texts('cidr')], ['a/b', ['10.0.0.0/8']]);
    });
  }

  it('reads an object of JSON, whose numbers and booleans count as texts, and null as absent', async () => {
    const text = '{"id":"a","count":2,"on":true,"none":null,"cidr":["x"],"annotations":{"a":1}}';
    const parameters = await body(text, 'application/json; charset=utf-8');
    assert.deepEqual(
      ['id', 'count', 'on', 'none'].map((name) => parameters.text(name)),
      ['a', '2', 'true', undefined],
    );
    assert.deepEqual(parameters.texts('cidr'), ['x']);
    assert.deepEqual([...(parameters.textMap('annotations') ?? [])], [['a', '1']]);
    assert.equal(parameters.value('count'), 2);
  });

  it('refuses JSON that is broken, empty or no object', async () => {
    for (const text of ['{broken', '', '[]', '"x"', 'null', '1']) {
      await assert.rejects(body(text, 'application/json'), (error) => isFailure(error, 'BODY_INVALID'));
    }
  });

  it('refuses a form past its limits', async () => {
    const deep = body('a[b][c][d][e][f]=1');
    await assert.rejects(deep, (error) => isFailure(error, 'BODY_INVALID'));
  });

  it('refuses a body past its limit', async () => {
    const large = bodyParameters(context('', 'a='.padEnd(20, 'x')), { maxBytes: 10 });
    await assert.rejects(large, (error) => isFailure(error, 'BODY_TOO_LARGE'));
  });

  it('takes no notice of a body of another type', async () => {
    const parameters = await body('id=a', 'text/plain', 'id=q');
    assert.equal(parameters.text('id'), 'q');
  });

  it('lays the body over the query, name by name', async () => {
    const parameters = await body('id=b', undefined, 'id=q&other=q');
    assert.deepEqual([parameters.text('id'), parameters.text('other')], ['b', 'q']);
  });
});

/**
 * A process of its own that reads a policy text with js-yaml's `load` and nothing else, which
 * is the least that any load of it could cost. Prints how long that took, as JSON.
 *   node plain-parse.js FILE
 */
import { readFileSync } from 'node:fs';
import { CORE_SCHEMA, defineMappingTag, defineScalarTag, load } from 'js-yaml';

interface Tagged {
  readonly tag: string;
  readonly fields: Map<unknown, unknown>;
}

const tags = [
  defineScalarTag('!', {
    matchByTagPrefix: true,
    resolve: (source, _isExplicit, tag) => ({ tag, id: source }),
    identify: () => false,
  }),
  defineMappingTag<Tagged>('!', {
    matchByTagPrefix: true,
    create: (tag) => ({ tag, fields: new Map() }),
    addPair: ({ fields }, key, value) => {
      fields.set(key, value);
      return '';
    },
    has: ({ fields }, key) => fields.has(key),
    keys: ({ fields }) => fields.keys(),
    get: ({ fields }, key) => fields.get(key),
    identify: () => false,
  }),
];

const text = readFileSync(process.argv[2] ?? '', 'utf8');
const schema = CORE_SCHEMA.withTags(tags);
const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
const tree = load(text, { schema });
const seconds = (performance.now() - startedAt) / 1_000;
const { user, system } = process.cpuUsage(cpuBefore);
if (!Array.isArray(tree)) throw new Error('the text is not a list');
process.stdout.write(`${JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6 })}\n`);

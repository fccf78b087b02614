/** The arrows of the design: http → domain → ports ← drivers; only app.ts and cli/ know every layer. */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'domain-stays-pure',
      comment: 'The domain knows no transport, no driver and nothing that opens a socket or a file.',
      severity: 'error',
      from: { path: '^src/domain' },
      to: {
        path: '^src/(http|drivers|cli|config|app)|node_modules/(koa|@koa|ioredis|lmdb|undici|openid-client|pino|commander)/|^(node:)?(fs|net|http|https|http2|tls|dns|dgram|child_process)(/|$)',
      },
    },
    {
      name: 'ports-are-types',
      comment: 'Ports hold interfaces and promises; they may name the leaf types of the domain.',
      severity: 'error',
      from: { path: '^src/ports' },
      to: { pathNot: '^src/(ports|domain/ids\\.ts|domain/audit/events\\.ts)' },
    },
    {
      name: 'drivers-see-ports-only',
      severity: 'error',
      from: { path: '^src/drivers' },
      to: {
        path: '^src',
        pathNot:
          '^src/(drivers|ports|(log|parse-json|private-file)\\.ts|domain/(ids|errors)\\.ts|domain/audit/)',
      },
    },
    {
      name: 'drivers-do-not-know-each-other',
      comment: 'But stores share the limits of their port, and all that call out the rules of doing so.',
      severity: 'error',
      from: { path: '^src/drivers/([^/]+)/' },
      to: { path: '^src/drivers/', pathNot: '^src/drivers/($1/|store-limits\\.ts$|outbound/)' },
    },
    {
      name: 'faces-do-not-know-each-other',
      severity: 'error',
      from: { path: '^src/http/(conjur|vault|akeyless|akamai|provider|ops)/' },
      to: { path: '^src/http/(conjur|vault|akeyless|akamai|provider|ops)/', pathNot: '^src/http/$1/' },
    },
    {
      name: 'faces-do-not-know-drivers',
      severity: 'error',
      from: { path: '^src/http' },
      to: { path: '^src/(drivers|cli|config|app)' },
    },
    {
      name: 'the-command-line-is-a-client',
      comment:
        'Only the server command starts the service, and only the account, backup and key commands open its store; the others speak HTTP.',
      severity: 'error',
      from: { path: '^src/cli', pathNot: '^src/cli/(server|account-store|backup-store|key-store)\\.ts$' },
      to: { path: '^src/(app|app-backup|domain|drivers|http)' },
    },
    {
      name: 'no-orphans',
      comment: 'Nothing imports the declarations of a library that has none of its own.',
      severity: 'error',
      from: { orphan: true, pathNot: 'main\\.ts$|\\.d\\.ts$' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};

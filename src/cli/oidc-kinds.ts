/** The objects of `latchkey oidc`: what each is called, and the options that say what it is to be. */

/** An option of `create` and `update`, and the field that it fills. */
export interface FieldOption {
  readonly flags: string;
  readonly field: string;
  readonly description: string;
  /**
   * `list` takes several words; `switch` takes `true` or `false`; `file` is read, and `-` is standard
   * input; `entities` and `groups` take names, and add the ids that these have to the field; the rest is
   * sent as it is.
   */
  readonly form: 'text' | 'list' | 'switch' | 'file' | 'entities' | 'groups';
  /** Only what is made can have it. */
  readonly onlyAtCreation?: true;
}

export interface ObjectKind {
  /** The command, and the last part of the path in the API. */
  readonly name: string;
  /** With its article, in messages. */
  readonly shown: string;
  /** For help texts. */
  readonly plural: string;
  readonly options: readonly FieldOption[];
  /** An option of `list`, and the parameter that it fills. */
  readonly filter?: { readonly flags: string; readonly parameter: string; readonly description: string };
}

const clientIds: FieldOption = {
  flags: '--allowed-client-ids <ids...>',
  field: 'allowed_client_ids',
  description: "the clients that may use it, by their client ids; '*' for all",
  form: 'list',
};

export const objectKinds: readonly ObjectKind[] = [
  {
    name: 'client',
    shown: 'a client',
    plural: 'clients',
    options: [
      {
        flags: '-r, --redirect-uris <uris...>',
        field: 'redirect_uris',
        description: 'where people are sent back to',
        form: 'list',
      },
      {
        flags: '-a, --assignments <names...>',
        field: 'assignments',
        description: 'who may sign in, by the names of assignments; allow_all for everybody',
        form: 'list',
      },
      {
        flags: '-k, --key <name>',
        field: 'key',
        description: 'the key that signs its tokens; default by default',
        form: 'text',
        onlyAtCreation: true,
      },
      {
        flags: '-t, --type <type>',
        field: 'client_type',
        description: 'confidential, or public if it cannot keep a secret',
        form: 'text',
        onlyAtCreation: true,
      },
      {
        flags: '--client-id <id>',
        field: 'client_id',
        description: 'the client id that it has already',
        form: 'text',
        onlyAtCreation: true,
      },
      {
        flags: '--client-secret-file <file>',
        field: 'client_secret',
        description: 'a file with the secret that it has already; - for standard input',
        form: 'file',
        onlyAtCreation: true,
      },
      {
        flags: '--id-token-ttl <duration>',
        field: 'id_token_ttl',
        description: 'how long ID tokens live, for example 90s or 1h',
        form: 'text',
      },
      {
        flags: '--access-token-ttl <duration>',
        field: 'access_token_ttl',
        description: 'how long access tokens live',
        form: 'text',
      },
      {
        flags: '--access-token-format <format>',
        field: 'access_token_format',
        description: 'opaque or jwt',
        form: 'text',
      },
      {
        flags: '--authorization-code <boolean>',
        field: 'authorization_code',
        description: 'whether people can sign in; true by default',
        form: 'switch',
      },
      {
        flags: '--client-credentials <boolean>',
        field: 'client_credentials',
        description: 'whether it gets tokens for itself',
        form: 'switch',
      },
      {
        flags: '--token-exchange <boolean>',
        field: 'token_exchange',
        description: 'whether it may exchange tokens',
        form: 'switch',
      },
      {
        flags: '--refresh-token <boolean>',
        field: 'refresh_token',
        description: 'whether it gets refresh tokens',
        form: 'switch',
      },
      {
        flags: '--refresh-token-ttl <duration>',
        field: 'refresh_token_ttl',
        description: 'how long refresh tokens live',
        form: 'text',
      },
      {
        flags: '--post-logout-redirect-uris <uris...>',
        field: 'post_logout_redirect_uris',
        description: 'where people may be sent after they signed out',
        form: 'list',
      },
      {
        flags: '--backchannel-logout-uri <uri>',
        field: 'backchannel_logout_uri',
        description: 'where it is told that somebody signed out',
        form: 'text',
      },
      {
        flags: '--disabled <boolean>',
        field: 'disabled',
        description: 'whether it is refused everywhere',
        form: 'switch',
      },
    ],
  },
  {
    name: 'provider',
    shown: 'a provider',
    plural: 'providers',
    filter: {
      flags: '--allowed-client-id <id>',
      parameter: 'allowed_client_id',
      description: 'only those that serve this client',
    },
    options: [
      clientIds,
      {
        flags: '--scopes-supported <names...>',
        field: 'scopes_supported',
        description: 'the scopes that may be asked for besides openid',
        form: 'list',
      },
      {
        flags: '--issuer <origin>',
        field: 'issuer',
        description: "what its issuer begins with, if not with the service's address: https://HOST[:PORT]",
        form: 'text',
      },
    ],
  },
  {
    name: 'scope',
    shown: 'a scope',
    plural: 'scopes',
    options: [
      {
        flags: '-f, --template-file <file>',
        field: 'template',
        description: 'a file with the template of its claims; - for standard input',
        form: 'file',
      },
      {
        flags: '--description <text>',
        field: 'description',
        description: 'what it is, for people to read',
        form: 'text',
      },
    ],
  },
  {
    name: 'assignment',
    shown: 'an assignment',
    plural: 'assignments',
    options: [
      {
        flags: '-u, --users <logins...>',
        field: 'entity_ids',
        description: 'the users and hosts that it names: alice, host/app',
        form: 'entities',
      },
      {
        flags: '-g, --groups <names...>',
        field: 'group_ids',
        description: 'the groups and layers whose members it names',
        form: 'groups',
      },
      {
        flags: '--entity-ids <ids...>',
        field: 'entity_ids',
        description: 'the same by their entity ids',
        form: 'list',
      },
      {
        flags: '--group-ids <ids...>',
        field: 'group_ids',
        description: 'the same by their group ids',
        form: 'list',
      },
    ],
  },
  {
    name: 'key',
    shown: 'a key',
    plural: 'keys',
    options: [
      {
        flags: '-a, --algorithm <algorithm>',
        field: 'algorithm',
        description: 'RS256, RS384, RS512, ES256, ES384, ES512 or EdDSA; RS256 by default',
        form: 'text',
      },
      {
        flags: '--rotation-period <duration>',
        field: 'rotation_period',
        description: 'how long a pair signs; a day by default',
        form: 'text',
      },
      {
        flags: '--verification-ttl <duration>',
        field: 'verification_ttl',
        description: 'how long what it signed can be verified after that; a day by default',
        form: 'text',
      },
      clientIds,
    ],
  },
];

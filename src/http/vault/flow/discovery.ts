/** What relying parties learn of a provider: its metadata and its public keys. */
import { keysOf, servedClients } from '../../../domain/provider/vault/flow/lookup.ts';
import { providerMetadata } from '../../../domain/provider/vault/flow/metadata.ts';
import { issuerOf, providerNamed } from '../../../domain/provider/vault/providers.ts';
import { EpochMemo } from '../../../domain/accounts/epoch-memo.ts';
import type { Services } from '../../../domain/services.ts';
import { openRoute, type Route } from '../routing.ts';

const metadataMaxAgeSeconds = 60 * 60;
/** Short: a key that begins to sign at once, as one of a new client may, is then soon known everywhere. */
const keysMaxAgeSeconds = 60;

const base = 'identity/oidc/provider/:name/.well-known';

const maxRememberedProviders = 256;

export function discoveryRoutes(services: Services): readonly Route[] {
  const { account } = services.settings;
  /** By the names of providers. */
  const documents = new EpochMemo<ReturnType<typeof providerMetadata>>(maxRememberedProviders);
  return [
    openRoute(
      { path: `${base}/openid-configuration`, access: 'public', anyOrigin: true, fields: {} },
      {
        read: async ({ captured }) => {
          const view = await services.authority.read(account, []);
          const provider = providerNamed(view.state, captured['name'] ?? '');
          if (provider === undefined) return undefined;
          return {
            raw: documents.of(view.state, provider.name, () =>
              providerMetadata(issuerOf(services, provider), provider, servedClients(view, provider)),
            ),
            headers: { 'Cache-Control': `max-age=${String(metadataMaxAgeSeconds)}` },
          };
        },
      },
    ),
    openRoute(
      { path: `${base}/keys`, access: 'public', anyOrigin: true, fields: {} },
      {
        read: async ({ captured }) => {
          const view = await services.authority.read(account, []);
          const provider = providerNamed(view.state, captured['name'] ?? '');
          if (provider === undefined) return undefined;
          return {
            raw: { keys: keysOf(view, provider, services.clock.now()) },
            headers: { 'Cache-Control': `max-age=${String(keysMaxAgeSeconds)}` },
          };
        },
      },
    ),
  ];
}

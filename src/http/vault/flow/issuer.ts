import type { AccountView } from '../../../domain/accounts/authority.ts';
import type { ProviderRecord } from '../../../domain/provider/registry/records.ts';
import { issuerOf, providerNamed } from '../../../domain/provider/vault/providers.ts';
import type { Services } from '../../../domain/services.ts';
import type { Engine } from '../../engine/engine-types.ts';
import type { IssuerEngine, IssuerSpec } from '../../engine/types.ts';
import { issuerSpec } from './issuer-spec.ts';

/** What the protocol endpoints of a provider work on. */
export interface FlowServices {
  readonly services: Services;
  readonly engine: Engine;
}

/** A provider, its issuer and the engine of it, as of one read of the account. */
export interface Issuer {
  readonly view: AccountView;
  readonly provider: ProviderRecord;
  readonly issuer: string;
  readonly engine: IssuerEngine;
}

/** The issuer of a name at the account's present state; undefined where there is no such provider. */
export async function issuerNamed(
  { services, engine }: FlowServices,
  name: string,
  view?: AccountView,
): Promise<Issuer | undefined> {
  const read = view ?? (await services.authority.read(services.settings.account, []));
  const provider = providerNamed(read.state, name);
  if (provider === undefined) return undefined;
  return {
    view: read,
    provider,
    issuer: issuerOf(services, provider),
    engine: await engine.issuer(specOf(services, provider), read),
  };
}

/** By the records that they are made of, each for as long as it is its account's. */
const specs = new WeakMap<Services, WeakMap<ProviderRecord, IssuerSpec>>();

function specOf(services: Services, provider: ProviderRecord): IssuerSpec {
  let ofServices = specs.get(services);
  if (ofServices === undefined) specs.set(services, (ofServices = new WeakMap<ProviderRecord, IssuerSpec>()));
  let spec = ofServices.get(provider);
  // The built-in provider is no account's, and where the service listens is known only once it does.
  if (spec?.issuer !== issuerOf(services, provider))
    ofServices.set(provider, (spec = issuerSpec(services, provider)));
  return spec;
}

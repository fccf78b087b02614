/** What the endpoints of an issuer are handed. */
import type Provider from 'oidc-provider';
import type { RequestContextOf } from '../context.ts';
import type { Exchange, Issuer } from './exchange.ts';
import type { IssuerEngine } from './types.ts';

/** A request on its way through an endpoint. */
export interface Serving {
  readonly ctx: RequestContextOf;
  readonly issuer: Issuer;
  readonly engine: IssuerEngine;
  readonly provider: Provider;
  readonly exchange: Exchange;
}

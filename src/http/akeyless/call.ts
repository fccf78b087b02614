/** A call of the management API. */
import type { ActorRequest } from '../../domain/request.ts';
import type { Parameters } from './body.ts';

export type Answer = Readonly<Record<string, unknown>>;

/** What a call does for somebody whose token was good. */
export type Call = (request: ActorRequest, parameters: Parameters) => Promise<Answer>;

import type { ManagementEvent } from './events.ts';
import { shown } from './one-line.ts';
import { head, reason, succeeded, tail, user } from './rfc5424-parts.ts';

/** Of each operation: what somebody did, and what somebody failed to do. */
const verbs: Readonly<Record<ManagementEvent['operation'], readonly [string, string]>> = {
  list: ['listed', 'list'],
  get: ['retrieved', 'retrieve'],
  create: ['created', 'create'],
  update: ['updated', 'update'],
  remove: ['removed', 'remove'],
  // Conjur's records say so of disabling, too.
  enable: ['enabled', 'enable'],
  delete: ['deleted', 'delete'],
};

/** The record of what was done over the versioned API; its message id is the type of the resource. */
export function managementLine(event: ManagementEvent): string {
  const { operation, name, body } = event;
  const [done, tried] = verbs[operation];
  const verb = succeeded(event) ? `successfully ${done}` : `failed to ${tried}`;
  const what = `${event.resourceType}${name === '' ? '' : ` ${shown(name)}`}`;
  const object = body === undefined ? '' : ` and JSON object: ${shown(body)}`;
  const data = `${user(event.role)}[subject@43868 edge=""]${tail(event, operation)}`;
  return `${head(event)}${data} ${shown(event.role)} ${verb} ${what} with URI path: '${shown(event.path)}'${object}${reason(event)}`;
}

/**
 * The pseudo-account `!`: what belongs to the whole store. It is made with the store and never
 * removed. Who may create, list and delete accounts is decided by privileges on a webservice in it.
 */
import { toAccount, toResourceId, toRoleId, type ResourceId, type RoleId } from '../ids.ts';

export const storeAccount = toAccount('!');

/** `!:webservice:accounts`: `read` on it lists accounts, `execute` makes them, `update` removes them. */
export const accountsWebservice: ResourceId = toResourceId(storeAccount, 'webservice', 'accounts');

/** `!:!:root`: owns the webservice. */
export const storeRoot: RoleId = toRoleId(storeAccount, '!', 'root');

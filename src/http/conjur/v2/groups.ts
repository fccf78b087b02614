/** Members of groups. */
import { addGroupMember } from '../../../domain/group-members/add.ts';
import { removeGroupMember } from '../../../domain/group-members/remove.ts';
import { LatchkeyError } from '../../../domain/errors.ts';
import type { Services } from '../../../domain/services.ts';
import { accountOf } from '../path.ts';
import type { Handler, Route } from '../routing.ts';
import { queryFields, requireFields, textField } from './fields.ts';
import { readObject } from './json-body.ts';
import { managed, recordBody } from './managed.ts';

export function groupRoutes(services: Services): readonly Route[] {
  return [
    ['post', '/groups/:account/*identifier/members', postMember(services)],
    ['delete', '/groups/:account/*identifier/members/:kind{/*id}', deleteMember(services)],
  ];
}

function postMember(services: Services): Handler {
  return managed(services, 'membership', 'create', async (managedRequest) => {
    const { ctx, request, params, trail } = managedRequest;
    const { identifier = '' } = params;
    trail.name = identifier;
    recordBody(managedRequest);
    queryFields(ctx, []);
    const body = readObject(managedRequest.text);
    requireFields(body, { texts: ['kind', 'id'] });
    const named = { kind: textField(body, 'kind'), id: textField(body, 'id') };
    const { kind, id } = await addGroupMember(
      services,
      request,
      accountOf(params.account),
      identifier,
      named,
    );
    return { status: 201, body: { kind, id } };
  });
}

function deleteMember(services: Services): Handler {
  return managed(services, 'membership', 'remove', async ({ ctx, request, params, trail }) => {
    const { identifier = '', kind = '', id } = params;
    trail.name = identifier;
    queryFields(ctx, []);
    if (id === undefined) {
      throw new LatchkeyError('FIELD_MISSING', { detail: 'Missing required parameter: id' });
    }
    await removeGroupMember(services, request, accountOf(params.account), identifier, { kind, id });
    return { status: 204 };
  });
}

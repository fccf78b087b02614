/** Branches: policies as the versioned API shows and changes them. */
import type { Branch } from '../../../domain/branches/branch.ts';
import { createBranch } from '../../../domain/branches/create.ts';
import { deleteBranch } from '../../../domain/branches/delete.ts';
import { pathIn } from '../../../domain/branches/names.ts';
import { listBranches, showBranch } from '../../../domain/branches/read.ts';
import { updateBranch } from '../../../domain/branches/update.ts';
import { readVersionedPage } from '../../../domain/paging.ts';
import type { Services } from '../../../domain/services.ts';
import { accountOf } from '../path.ts';
import type { Handler, Route } from '../routing.ts';
import { objectField, queryFields, requireFields, roleField, textField, type BodyFields } from './fields.ts';
import { readObject } from './json-body.ts';
import { managed, recordBody } from './managed.ts';

const changeable: BodyFields = {
  texts: [],
  objects: { owner: ['kind', 'id'], annotations: undefined },
};

export function branchRoutes(services: Services): readonly Route[] {
  return [
    ['post', '/branches/:account', postBranch(services)],
    ['get', '/branches/:account', getBranches(services)],
    ['get', '/branches/:account/*identifier', getBranch(services)],
    ['patch', '/branches/:account/*identifier', patchBranch(services)],
    ['delete', '/branches/:account/*identifier', removeBranch(services)],
  ];
}

function postBranch(services: Services): Handler {
  return managed(services, 'branch', 'create', async (managedRequest) => {
    const { ctx, request, params, trail } = managedRequest;
    const sent = recordBody(managedRequest) ?? {};
    trail.name = pathIn(textField(sent, 'branch'), textField(sent, 'name'));
    queryFields(ctx, []);
    const body = readObject(managedRequest.text);
    requireFields(body, { ...changeable, texts: ['name', 'branch'] });
    const owner = roleField(body, 'owner');
    const branch = await createBranch(services, request, accountOf(params.account), {
      name: textField(body, 'name'),
      branch: textField(body, 'branch'),
      ...(owner === undefined ? {} : { owner }),
      annotations: objectField(body, 'annotations'),
    });
    return { status: 201, body: branchBody(branch) };
  });
}

function getBranches(services: Services): Handler {
  return managed(services, 'branch', 'list', async ({ ctx, request, params, trail }) => {
    trail.name = 'root';
    const query = queryFields(ctx, ['offset', 'limit']);
    const paging = readVersionedPage(Object.fromEntries(query));
    const { branches, count } = await listBranches(services, request, accountOf(params.account), paging);
    return { status: 200, body: { branches: branches.map(branchBody), count } };
  });
}

function getBranch(services: Services): Handler {
  return managed(services, 'branch', 'get', async ({ ctx, request, params, trail }) => {
    const { identifier = '' } = params;
    trail.name = identifier;
    queryFields(ctx, []);
    const branch = await showBranch(services, request, accountOf(params.account), identifier);
    return { status: 200, body: branchBody(branch) };
  });
}

function patchBranch(services: Services): Handler {
  return managed(services, 'branch', 'update', async (managedRequest) => {
    const { ctx, request, params, trail } = managedRequest;
    const { identifier = '' } = params;
    trail.name = identifier;
    recordBody(managedRequest);
    queryFields(ctx, []);
    const body = readObject(managedRequest.text);
    requireFields(body, changeable);
    const owner = roleField(body, 'owner');
    const branch = await updateBranch(services, request, accountOf(params.account), identifier, {
      ...(owner === undefined ? {} : { owner }),
      annotations: objectField(body, 'annotations'),
    });
    return { status: 200, body: branchBody(branch) };
  });
}

function removeBranch(services: Services): Handler {
  return managed(services, 'branch', 'remove', async ({ ctx, request, params, trail }) => {
    const { identifier = '' } = params;
    trail.name = identifier;
    queryFields(ctx, []);
    await deleteBranch(services, request, accountOf(params.account), identifier);
    return { status: 204 };
  });
}

function branchBody({ name, branch, owner, annotations }: Branch): unknown {
  return {
    name,
    branch,
    owner: { kind: owner.kind, id: owner.id },
    annotations: Object.fromEntries(annotations),
  };
}

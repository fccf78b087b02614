import assert from 'node:assert/strict';
import { isUserAssigned, readManagedIdentity } from '../../../../src/domain/authn/azure/managed-identity.ts';
import { isFailure, type ErrorCode } from '../../../../src/domain/errors.ts';

const refuses = (claim: string, code: ErrorCode): void => {
  assert.throws(
    () => readManagedIdentity(claim),
    (error) => isFailure(error, code),
    claim,
  );
};

describe('readManagedIdentity', () => {
  it('reads subscription, resource group and provider, with the first slash and without', () => {
    const claim = '/subscriptions/s/resourcegroups/g/providers/Microsoft.Compute/virtualMachines/vm';
    const identity = {
      subscriptionId: 's',
      resourceGroup: 'g',
      provider: ['Microsoft.Compute', 'virtualMachines', 'vm'],
    };
    assert.deepEqual(readManagedIdentity(claim), identity);
    assert.deepEqual(readManagedIdentity(claim.slice(1)), identity);
  });

  it('refuses what is incomplete', () => {
    for (const claim of ['', '/', 'x', '/subscriptions/s', '/subscriptions/s/resourcegroups/g'])
      refuses(claim, 'AZURE_RESOURCE_INCOMPLETE');
  });

  it('refuses parts out of place, so that no name can pass for a part', () => {
    for (const claim of [
      '/resourcegroups/g/subscriptions/s/providers/a/b/c',
      '/x/subscriptions/s/resourcegroups/g/providers/a/b/c',
      '/subscriptions/s/t/resourcegroups/g/providers/a/b/c',
      '/subscriptions//resourcegroups/g/providers/a/b/c',
      '//subscriptions/s/resourcegroups/g/providers/a/b/c',
    ])
      refuses(claim, 'AZURE_RESOURCE_UNREADABLE');
  });

  it('refuses a provider of other than three elements', () => {
    for (const provider of ['a', 'a/b', 'a/b/', 'a/b/c/d', 'a//c'])
      refuses(`/subscriptions/s/resourcegroups/g/providers/${provider}`, 'AZURE_PROVIDER_INVALID');
  });

  it('knows identities that users assign by their namespace, not by a name', () => {
    const base = '/subscriptions/s/resourcegroups/g/providers';
    assert.ok(
      isUserAssigned(readManagedIdentity(`${base}/Microsoft.ManagedIdentity/userAssignedIdentities/x`)),
    );
    assert.ok(!isUserAssigned(readManagedIdentity(`${base}/Microsoft.Compute/x/Microsoft.ManagedIdentity`)));
  });
});

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { Secret } from 'kubernetes-models/v1/Secret';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { loadConfig } from '../../src/config/load.ts';
import { testDataKey } from '../support/service.ts';
import { assertKnownSettings } from './settings.ts';

const folder = 'deploy/kubernetes';
const files = readdirSync(folder).filter((file) => file !== 'kustomization.yaml');

/** Each checks against the schemas of Kubernetes' own OpenAPI document, which know no further fields. */
const models = [
  ConfigMap,
  Deployment,
  Namespace,
  NetworkPolicy,
  PodDisruptionBudget,
  Secret,
  Service,
  ServiceAccount,
] as const;

function read(file: string): Record<string, unknown> {
  return load(readFileSync(`${folder}/${file}`, 'utf8')) as Record<string, unknown>;
}

function validate(document: Record<string, unknown>): void {
  const model = models.find(
    ({ apiVersion, kind }) => apiVersion === document['apiVersion'] && kind === document['kind'],
  );
  assert.ok(model !== undefined, `${String(document['apiVersion'])} ${String(document['kind'])}`);
  new model(document).validate();
}

describe('deploy/kubernetes', () => {
  const deployment = read('deployment.yaml') as unknown as Deployment;
  const pod = deployment.spec?.template.spec;
  const container = pod?.containers[0];

  for (const file of files) {
    it(`is what Kubernetes accepts: ${file}`, () => {
      validate(read(file));
    });
  }

  it('would be told of a mistake by this test', () => {
    const wrong = structuredClone(read('deployment.yaml'));
    (wrong['spec'] as Record<string, unknown>)['replicas'] = 'three';
    assert.throws(() => {
      validate(wrong);
    }, /replicas/);
  });

  it('is applied whole, but for the example of the Secret', () => {
    const { resources } = read('kustomization.yaml') as unknown as { resources: readonly string[] };
    assert.deepEqual([...resources].sort(), files.filter((file) => !file.includes('example')).sort());
  });

  it('names settings that there are, with values that they take', () => {
    for (const file of ['config-map.yaml', 'secret.example.yaml']) {
      assertKnownSettings(readFileSync(`${folder}/${file}`, 'utf8'));
    }
    const { data = {} } = read('config-map.yaml') as unknown as ConfigMap;
    const env = { ...data, LATCHKEY_DATA_KEY: testDataKey, LATCHKEY_STORE: 'rediss://:p@valkey:6379/0' };
    const { warnings } = loadConfig({ argv: [], env, readFile: () => '' });
    assert.deepEqual(warnings, []);
  });

  it('shows no secret', () => {
    const { stringData = {} } = read('secret.example.yaml') as unknown as Secret;
    assert.deepEqual(Object.values(stringData), ['', '']);
  });

  it('runs without privileges, on a file system that it cannot write', () => {
    assert.equal(pod?.securityContext?.runAsNonRoot, true);
    assert.deepEqual(pod.securityContext.seccompProfile, { type: 'RuntimeDefault' });
    assert.equal(pod.automountServiceAccountToken, false);
    assert.deepEqual(container?.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    assert.deepEqual(
      container.volumeMounts?.map(({ mountPath }) => mountPath),
      ['/data'],
    );
  });

  it('gives a process that is told to stop the time that it takes', () => {
    const { data = {} } = read('config-map.yaml') as unknown as ConfigMap;
    const drainSeconds = Number(data['LATCHKEY_DRAIN_SECONDS']);
    assert.ok((pod?.terminationGracePeriodSeconds ?? 0) >= drainSeconds + 5 + 15);
  });

  it('keeps two of three through a roll-out and through the maintenance of nodes', () => {
    assert.equal(deployment.spec?.replicas, 3);
    assert.equal(deployment.spec.strategy?.rollingUpdate?.maxUnavailable, 0);
    const budget = read('pod-disruption-budget.yaml') as unknown as PodDisruptionBudget;
    assert.equal(budget.spec?.minAvailable, 2);
  });

  it('means the same pods everywhere', () => {
    const labels = deployment.spec?.template.metadata?.labels;
    assert.deepEqual(deployment.spec?.selector.matchLabels, labels);
    const policy = read('network-policy.yaml') as unknown as NetworkPolicy;
    const budget = read('pod-disruption-budget.yaml') as unknown as PodDisruptionBudget;
    assert.deepEqual(policy.spec?.podSelector.matchLabels, labels);
    assert.deepEqual(budget.spec?.selector?.matchLabels, labels);
    assert.deepEqual((read('service.yaml') as unknown as Service).spec?.selector, labels);
  });
});

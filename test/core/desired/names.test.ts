import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  certificateName,
  backendSecurityGroupName,
  loadBalancerName,
  managedSecurityGroupName,
  targetGroupName,
} from '../../../src/core/desired/names.ts';
import type { GroupIdentity } from '../../../src/core/domain/group-model.ts';
import { groupKey } from '../../../src/core/domain/ids.ts';
import { ref, targetGroup } from './models.ts';

const group = (key: string, clusterName = 'demo-cluster') => {
  const [namespace = '', name] = key.split('/');
  const identity: GroupIdentity =
    name === undefined ? { kind: 'explicit', name: key } : { kind: 'implicit', namespace, name };
  return { clusterName, key: groupKey(key), identity };
};
const ingress = group('awesome-ns/my-ingress');
const team = group('my-team.awesome-group');

// The vectors of albc-behaviour §5.6 and its anchors in ALBC's own unit tests.
test('load balancers have the names that ALBC gives them', () => {
  assert.equal(loadBalancerName(ingress, 'internal'), 'k8s-awesomen-myingres-eaf4a86e4b');
  assert.equal(loadBalancerName(ingress, 'internet-facing'), 'k8s-awesomen-myingres-8b4aeabe27');
  assert.equal(loadBalancerName(team, 'internal'), 'k8s-myteamawesomegrou-0e8047eb4b');
  assert.match(loadBalancerName(group('awesome-ns/ing-1', ''), 'internet-facing'), /-43b698093c$/);
  assert.match(loadBalancerName(group('ns-1/ing-1', 'cluster-dummy'), 'internal'), /-b7e914000d$/);
});

test('security groups have the names that ALBC gives them', () => {
  assert.equal(managedSecurityGroupName(ingress), 'k8s-awesomen-myingres-29f6a72c45');
  assert.equal(managedSecurityGroupName(team), 'k8s-myteamawesomegrou-af9e19615f');
  assert.equal(backendSecurityGroupName('demo-cluster'), 'k8s-traffic-democluster-36d0873f31');
  assert.match(backendSecurityGroupName('testCluster'), /-411a1bcdb1$/);
});

const echo = targetGroup({
  member: ref('awesome-ns/my-ingress'),
  service: { namespace: 'awesome-ns', name: 'echo-server', uid: '11111111-2222-3333-4444-555555555555' },
});

test('target groups have the names that ALBC gives them', () => {
  const name = (key: typeof team.key, overrides: Partial<typeof echo>) =>
    targetGroupName('demo-cluster', key, { ...echo, ...overrides });
  assert.equal(name(ingress.key, {}), 'k8s-awesomen-echoserv-89e921ad80');
  const ip = { backendPort: 'http', targetType: 'ip', port: 8080 } as const;
  assert.equal(name(ingress.key, ip), 'k8s-awesomen-echoserv-745e4b4f3f');
  const grpc = {
    ...ip,
    port: 1,
    protocol: 'HTTPS',
    protocolVersion: 'GRPC',
    targetControlPort: 3000,
  } as const;
  assert.equal(name(team.key, grpc), 'k8s-awesomen-echoserv-e8ccf758d2');
});

test('a name fits AWS whatever the Kubernetes names are', () => {
  const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,60}[a-z0-9])?$/);
  fc.assert(
    fc.property(label, label, label, (namespace, name, clusterName) => {
      const key = groupKey(`${namespace}/${name}`);
      const identity = { kind: 'implicit', namespace, name } as const;
      const names = [
        loadBalancerName({ clusterName, key, identity }, 'internal'),
        loadBalancerName({ clusterName, key, identity: { kind: 'explicit', name } }, 'internal'),
        targetGroupName(clusterName, key, { ...echo, service: { namespace, name, uid: 'u' } }),
      ];
      for (const text of names) assert.match(text, /^k8s-[A-Za-z0-9-]{1,28}$/);
      for (const text of names) assert.doesNotMatch(text, /-$/);
    }),
  );
});

test('NAM-03: certificates have the names that ALBC gives them', () => {
  const member = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    namespace: 'awesome-ns',
    name: 'my-ingress',
  };
  const name = (domain: string, authorityArn?: string): string =>
    certificateName({ member, domains: [domain, 'z.example.com'], authorityArn });
  assert.equal(name('app.example.com'), 'amazon_issued/app.example.com-29c55f0d');
  assert.equal(name('*.example.com'), 'amazon_issued/wildcard.example.com-29c55f0d');
  assert.equal(name('app.example.com', 'arn:aws:acm-pca:a'), 'private/app.example.com-29c55f0d');
});

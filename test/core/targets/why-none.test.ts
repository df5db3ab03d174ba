import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint, EndpointSlice } from '../../../src/core/domain/cluster.ts';
import type { TargetGroupArn } from '../../../src/core/domain/ids.ts';
import { snapshotOf } from '../../../src/core/domain/snapshot.ts';
import { firstLook } from '../../../src/core/targets/by-hand.ts';
import { filling } from '../../../src/core/targets/filling.ts';
import { meta, service } from '../../support/builders.ts';
import { coreConfig } from '../../support/core-config.ts';
import { targetGroup } from '../desired/models.ts';

const config = coreConfig();
const pod = { namespace: 'web', name: 'p', uid: 'u' };

function told(overrides: Partial<EndpointSlice>, endpoint: Partial<Endpoint> = {}): string {
  const slice: EndpointSlice = {
    kind: 'EndpointSlice',
    meta: meta('EndpointSlice', 'web/front-1'),
    serviceName: 'front',
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: [
      {
        addresses: ['10.0.0.1'],
        ready: true,
        serving: true,
        terminating: false,
        nodeName: 'a',
        zone: undefined,
        pod,
        ...endpoint,
      },
    ],
    ...overrides,
  };
  const { plan } = filling({
    name: 'tg',
    arn: 'arn' as TargetGroupArn,
    object: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'web', name: 'site' },
    intent: targetGroup({ targetType: 'ip', service: { namespace: 'web', name: 'front', uid: 'front' } }),
    snapshot: snapshotOf([service('web/front'), slice]),
    observed: [],
    vpc: undefined,
    quotas: [],
    config,
    hand: firstLook(config),
  });
  return plan.problems.map(({ message }) => message).join();
}

const nothing = 'Target group tg has no ready target, so its requests are answered with 503';

test('bad input: ready endpoints of which none can be a target: why is told', () => {
  assert.equal(told({}), '');
  assert.equal(told({}, { ready: false, serving: false }), nothing);
  assert.equal(
    told({ addressType: 'IPv6' }, { addresses: ['2600:1f14::1'] }),
    `${nothing}: the EndpointSlices of Service web/front have IPv6 addresses, and it takes IPv4`,
  );
  assert.equal(
    told({ addressType: 'FQDN' }, { addresses: ['a.example.com'] }),
    `${nothing}: the EndpointSlices of Service web/front have FQDN addresses, and it takes IPv4`,
  );
  for (const ports of [[], [{ name: 'other', port: 1, protocol: 'TCP' }]] as const)
    assert.equal(
      told({ ports }),
      `${nothing}: no EndpointSlice of Service web/front has a port without a name`,
    );
  assert.equal(
    told({}, { pod: undefined }),
    `${nothing}: no pod is behind the endpoints of Service web/front (targetRef), and what is none could be any address`,
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies } from '../../../src/core/domain/config.ts';
import type { ObservedLoadBalancer } from '../../../src/core/domain/observed-group.ts';
import { namesOf, withSecondNames } from '../../../src/core/desired/second-names.ts';
import { coreConfig } from '../../support/core-config.ts';
import {
  loadBalancerIntent,
  model,
  nothingObserved,
  observedLoadBalancer,
  observedTargetGroup,
  targetGroup,
} from './models.ts';

const config = coreConfig();
const intent = targetGroup();
const [first, second] = namesOf(intent, model(), config);

/** A load balancer whose listener forwards to the target group with this name. */
const serving = (scheme: ObservedLoadBalancer['scheme'], name: string): ObservedLoadBalancer =>
  observedLoadBalancer({
    name: scheme,
    scheme,
    listeners: [
      {
        arn: 'arn:listener' as never,
        port: 80,
        protocol: 'HTTP',
        defaultActions: [
          {
            kind: 'forward',
            targetGroups: [{ targetGroup: observedTargetGroup(name).arn, weight: 1 }],
            stickinessSeconds: undefined,
          },
        ],
        sslPolicy: undefined,
        defaultCertificate: undefined,
        certificates: undefined,
        mutualAuthentication: undefined,
        attributes: undefined,
        tags: {},
        rules: [],
      },
    ],
  });

test('NAM-12: a target group has its first name unless one with it cannot be had, and keeps the name that it serves under', () => {
  const [v4, v6] = ['ipv4', 'ipv6'] as const;
  for (const [says, family, loadBalancers, targetGroups, name] of [
    ['nothing is there', v4, [], [], first],
    ['it serves', v4, [serving('internal', first)], [observedTargetGroup(first)], first],
    [
      'it serves another load balancer',
      v4,
      [serving('internet-facing', first)],
      [observedTargetGroup(first)],
      second,
    ],
    [
      'both are there, neither serves',
      v4,
      [],
      [observedTargetGroup(first), observedTargetGroup(second)],
      first,
    ],
    [
      'the second one serves',
      v4,
      [serving('internal', second)],
      [observedTargetGroup(first), observedTargetGroup(second)],
      second,
    ],
    ['the second one is left', v4, [serving('internal', second)], [observedTargetGroup(second)], second],
    [
      'the second one serves another load balancer',
      v4,
      [serving('internet-facing', second)],
      [observedTargetGroup(second)],
      first,
    ],
    [
      'it has the other address family',
      v6,
      [serving('internal', first)],
      [observedTargetGroup(first)],
      second,
    ],
    [
      'its successor waits for traffic',
      v6,
      [serving('internal', first)],
      [observedTargetGroup(first), observedTargetGroup(second, v6)],
      second,
    ],
    ['its successor serves', v6, [serving('internal', second)], [observedTargetGroup(second, v6)], second],
  ] as const) {
    const wanted = model({
      loadBalancer: loadBalancerIntent,
      targetGroups: [{ ...intent, ipAddressType: family }],
    });
    const observed = { ...nothingObserved, loadBalancers, targetGroups };
    const named = withSecondNames(wanted, observed, config).targetGroups[0]?.second === true ? second : first;
    assert.equal(named, name, says);
    const albc = withSecondNames(wanted, observed, coreConfig({ policy: policies.albc }));
    assert.equal(albc, wanted, 'ALBC knows one name only');
  }
});

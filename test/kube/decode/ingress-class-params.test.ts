import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeObject } from '../../../src/kube/decode/decode-object.ts';

test('CLS-12: an empty text or list of IngressClassParams is as an absent one, so that the annotation counts', () => {
  const params = decodeObject({
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'IngressClassParams',
    metadata: { name: 'p' },
    spec: {
      certificateArn: [],
      inboundCIDRs: [],
      prefixListsIDs: [],
      PrefixListsIDs: ['pl-1'],
      sslPolicy: '',
    },
  });
  assert.ok(params?.kind === 'IngressClassParams');
  const { certificateArns, inboundCidrs, prefixListIds, sslPolicy } = params;
  assert.deepEqual([certificateArns, inboundCidrs, sslPolicy], [undefined, undefined, undefined]);
  assert.deepEqual(prefixListIds, ['pl-1']);
});

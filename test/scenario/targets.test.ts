// What must never happen to registered targets, with the whole controller: the traps that no single part can show.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { type LocalController, withController } from '../support/local-controller.ts';
import { ingress, services, yaml } from './manifests.ts';

const shop = [
  ...services('shop', 'web'),
  ingress('shop', { rules: [['a.example.com', '/', 'web']] }),
] as const;

const groups = (local: LocalController) => [...local.world.aws.state.targetGroups.values()];
const answers = (local: LocalController) =>
  eventually(async () => assert.equal((await local.request('http://a.example.com/')).status, 200));

/** As ALBC makes them: one for each target group of an Ingress, with the target group's name. */
const bookkeeping = (name: string, targetGroupARN: string): object => ({
  apiVersion: 'elbv2.k8s.aws/v1beta1',
  kind: 'TargetGroupBinding',
  metadata: {
    name,
    namespace: 'shop',
    labels: { 'ingress.k8s.aws/stack-name': 'shop', 'ingress.k8s.aws/stack-namespace': 'shop' },
  },
  spec: { targetGroupARN, targetType: 'ip', serviceRef: { name: 'web', port: 80 } },
});

describe('targets', { concurrency: 4 }, () => {
  for (const compatibility of ['none', 'albc']) {
    test(`Trap 13: deleting a bookkeeping object drains no target (--compatibility=${compatibility})`, () =>
      withController(
        { before: yaml(...shop).replaceAll('"alb"', '"ours"'), flags: { compatibility } },
        async (local) => {
          const controller = compatibility === 'albc' ? 'ingress.k8s.aws/alb' : 'albatross.dev/alb';
          await local.apply(
            yaml({
              apiVersion: 'networking.k8s.io/v1',
              kind: 'IngressClass',
              metadata: { name: 'ours' },
              spec: { controller },
            }),
          );
          await answers(local);
          const [group] = groups(local);
          const object = yaml(bookkeeping(group?.name ?? '', group?.arn ?? ''));
          await local.apply(object);
          local.writes();
          await local.remove(object);
          await local.restart({ flags: { compatibility } });
          await local.rest();
          assert.deepEqual(
            local.writes().filter((operation) => operation.endsWith('Targets')),
            [],
          );
          await answers(local);
        },
      ));
  }
});

// Mistakes in what users write, each by a member of a group whose other members are not to be hurt. They go through the same
// life: the mistake, its correction, the mistake again (the last good rules stay), the end.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type LocalController, withController } from '../support/local-controller.ts';
import { assertNothingLeft } from './nothing-left.ts';
import { ingress, type IngressOptions, services, yaml } from './manifests.ts';

type Mistake = {
  /** Of the Ingress, and the first label of its host. */
  readonly name: string;
  readonly title: string;
  readonly wrong: IngressOptions;
  readonly reason: string;
  /** What the event must name: object, field, value, what is allowed, next step. */
  readonly says: readonly string[];
  /** A warning: the member is served all the same. */
  readonly isServed?: true;
};

const annotation = (name: string, value: string): Pick<IngressOptions, 'annotations'> => ({
  annotations: { [name]: value },
});

const sixHeaders = JSON.stringify(
  Array.from({ length: 6 }, (_, index) => ({
    field: 'http-header',
    httpHeaderConfig: { httpHeaderName: `x-${index}`, values: ['1'] },
  })),
);

const mistakes: readonly Mistake[] = [
  {
    name: 'json',
    title: 'an annotation that is no JSON',
    wrong: annotation('conditions.web', '[{"field": '),
    reason: 'FailedBuildModel',
    says: [
      'Ingress shop/json: annotation alb.ingress.kubernetes.io/conditions.web is "[{"field": "',
      'not valid JSON',
      'allowed: a JSON array',
      'For example',
    ],
  },
  {
    name: 'yaml',
    title: 'an annotation that is YAML where JSON is asked for',
    wrong: {
      ...annotation('actions.web', 'type: fixed-response'),
      rules: [['yaml.example.com', '/', 'web:use-annotation']],
    },
    reason: 'FailedBuildModel',
    says: ['Ingress shop/yaml', 'actions.web is "type: fixed-response"', 'not valid JSON', 'For example'],
  },
  {
    name: 'enum',
    title: 'a word that is none of the allowed ones',
    wrong: annotation('target-type', 'pod'),
    reason: 'FailedBuildModel',
    says: ['Ingress shop/enum', 'target-type is "pod"', 'allowed: instance, ip', 'For example'],
  },
  {
    name: 'listen',
    title: 'a listen port out of range',
    wrong: annotation('listen-ports', '[{"HTTP": 70000}]'),
    reason: 'FailedBuildModel',
    says: ['Ingress shop/listen', 'listen-ports is', '70000', 'from 1 to 65535'],
  },
  {
    name: 'health',
    title: 'a health check port out of range',
    wrong: annotation('healthcheck-port', '70000'),
    reason: 'FailedBuildModel',
    says: ['Ingress shop/health', 'healthcheck-port is "70000"', 'not within 1 and 65535', 'For example'],
  },
  {
    name: 'interval',
    title: 'a health check interval out of range',
    wrong: annotation('healthcheck-interval-seconds', '4'),
    reason: 'FailedBuildModel',
    says: ['Ingress shop/interval', 'healthcheck-interval-seconds is "4"', 'not within 5 and 300'],
  },
  {
    name: 'port',
    title: 'a port that the Service has not',
    wrong: { rules: [['port.example.com', '/', 'web:81']] },
    reason: 'FailedBuildModel',
    says: ['Ingress shop/port', 'port 81 of Service shop/web', 'which has the ports 80', 'Correct the port'],
  },
  {
    name: 'service',
    title: 'a Service that does not exist is answered with 503',
    wrong: { rules: [['service.example.com', '/', 'absent']] },
    reason: 'ServiceNotFound',
    says: ['Ingress shop/service', 'Service shop/absent', 'does not exist', '503', 'Create the Service'],
    isServed: true,
  },
  {
    name: 'disagree',
    title: 'members that disagree on a setting of the load balancer',
    wrong: annotation('scheme', 'internet-facing'),
    reason: 'FailedBuildModel',
    says: [
      'Ingress shop/disagree disagrees with Ingress shop/good on the scheme',
      'internet-facing here, internal in Ingress shop/good',
      'Write the same value in both',
    ],
  },
  {
    name: 'values',
    title: 'more conditions than a rule has values',
    wrong: annotation('conditions.web', sixHeaders),
    reason: 'FailedBuildModel',
    says: [
      'Ingress shop/values',
      'values.example.com/',
      'has 8 conditions',
      'holds 5 values',
      'fewer headers',
    ],
  },
  {
    name: 'nocert',
    title: 'a host for which ACM has no certificate',
    wrong: annotation('listen-ports', '[{"HTTP": 80}, {"HTTPS": 443}]'),
    reason: 'FailedBuildModel',
    says: ['Ingress shop/nocert', 'host nocert.example.com', 'HTTPS listener 443', 'Request or import'],
  },
  {
    name: 'host',
    title: 'a host and path that another member has already',
    wrong: { rules: [['good.example.com', '/', 'web']] },
    reason: 'RuleDuplicate',
    says: ['Ingress shop/host', 'same host and path', 'Ingress shop/good', 'Take one of the two away'],
    isServed: true,
  },
  {
    name: 'unknown',
    title: 'an annotation that nobody knows has no effect',
    wrong: annotation('schema', 'internal'),
    reason: 'AnnotationUnknown',
    says: ['Ingress shop/unknown', 'alb.ingress.kubernetes.io/schema is unknown', 'io/scheme'],
    isServed: true,
  },
];

const good = ingress('good', {
  annotations: { 'group.name': 'shop', 'group.order': '1', scheme: 'internal' },
  rules: [['good.example.com', '/', 'good']],
});

const member = (name: string, { annotations, ...rest }: IngressOptions): object =>
  ingress(name, {
    rules: [[`${name}.example.com`, '/', 'web']],
    ...rest,
    annotations: { 'group.name': 'shop', 'group.order': '2', ...annotations },
  });

async function status(local: LocalController, name: string): Promise<number> {
  return (await local.request(`http://${name}.example.com/`)).status;
}

/** A few at a time: the controller keeps to AWS's request limits, and more would only wait for them. */
const shares = [mistakes.slice(0, 5), mistakes.slice(5, 9), mistakes.slice(9)];

describe('mistakes of users hold nobody but their own Ingress, and say what to do', {
  concurrency: 3,
}, () => {
  for (const share of shares) {
    const wrong = yaml(...share.map((mistake) => member(mistake.name, mistake.wrong)));
    const right = yaml(...share.map(({ name }) => member(name, {})));
    const others = yaml(...services('shop', 'good', 'web'), good);
    test(share.map(({ name }) => name).join(', '), async (context) =>
      withController({ before: `${others}\n---\n${wrong}` }, async (local) => {
        await local.rest();
        for (const mistake of share) {
          await context.test(
            `${mistake.title}: the event says it, the neighbour works, nothing of it is made`,
            () => assertTold(local, mistake),
          );
        }
        assert.deepEqual(
          local.events('Ingress', 'shop/good').filter((event) => event.startsWith('Failed')),
          [],
        );
        await context.test('corrected, every one of them is served', async () => {
          await local.apply(right);
          for (const { name } of share) assert.equal(await status(local, name), 200, name);
        });
        await context.test('made again, the last good rules stay, and AWS is not touched', async () => {
          local.writes();
          await local.apply(
            yaml(...share.filter(({ isServed }) => !isServed).map((each) => member(each.name, each.wrong))),
          );
          assert.deepEqual(local.writes(), []);
          for (const { name } of share) assert.equal(await status(local, name), 200, name);
        });
        await context.test('made again and deleted, they leave nothing', async () => {
          await local.apply(wrong);
          await local.remove(wrong);
          for (const { name } of share) {
            assert.equal(local.ingress('shop', name), undefined, name);
            assert.equal(await status(local, name), 404, name);
          }
          assert.equal(await status(local, 'good'), 200);
          await local.remove(others);
          assertNothingLeft(local);
        });
      }),
    );
  }
});

async function assertTold(local: LocalController, mistake: Mistake): Promise<void> {
  const { name, reason, says, isServed } = mistake;
  const events = local.events('Ingress', `shop/${name}`);
  const found = events.filter((event) => event.startsWith(`${reason}: `));
  assert.equal(found.length, 1, events.join('\n'));
  for (const words of says) assert.ok(found[0]?.includes(words), `${words} in ${found[0]}`);
  assert.doesNotMatch(events.join('\n'), /\n\s+at |[a-z]Error:|\.ts:/);
  assert.equal(await status(local, 'good'), 200);
  if (isServed) return;
  assert.equal(await status(local, name), 404);
  assert.deepEqual(local.ingress('shop', name)?.metadata.finalizers ?? [], []);
}

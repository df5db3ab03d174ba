// What a Prometheus that was set up for ALBC finds at /metrics of a running controller.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePorts } from '../support/free-ports.ts';
import { type LocalController, withController } from '../support/local-controller.ts';
import { ingress, services, yaml } from './manifests.ts';

type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** Samples of each series, by its name. */
async function scrape(port: number): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const samples = text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', its = '']) => [key, its]);
    return [[name, { labels: Object.fromEntries(pairs), value: Number(value) } as Sample] as const];
  });
  const byName = Map.groupBy(samples, ([name]) => name);
  return new Map([...byName].map(([name, its]) => [name, its.map(([, sample]) => sample)]));
}

const withMetrics = async (
  work: (local: LocalController, scraped: () => ReturnType<typeof scrape>) => Promise<void>,
): Promise<void> => {
  const [port = 0] = await freePorts(1);
  const flags = { 'metrics-bind-addr': `127.0.0.1:${port}` };
  await withController({ before: yaml(...services('shop', 'web', 'api')), flags }, (local) =>
    work(local, () => scrape(port)),
  );
};

const errors = 'awslbc_controller_reconcile_errors_total';

test("OPS-04: ALBC's metrics of the controller are served with its names and labels, and follow what happens", () =>
  withMetrics(async (local, scraped) => {
    await local.rest();
    const before = await scraped();
    const cache = (samples: typeof before) =>
      Object.fromEntries(
        (samples.get('awslbc_controller_cache_object_total') ?? []).map(({ labels, value }) => [
          labels['resource'],
          value,
        ]),
      );
    assert.deepEqual(cache(before), { service: 2, ingress: 0, targetgroupbinding: 0 });
    assert.equal(before.get(errors), undefined);

    await local.apply(yaml(ingress('site', { rules: [['a.example.com', '/', 'web']] })));
    const made = await scraped();
    assert.deepEqual(cache(made), { service: 2, ingress: 1, targetgroupbinding: 1 });
    const stages = (samples: typeof before) =>
      Object.fromEntries(
        (samples.get('awslbc_controller_reconcile_stage_duration_count') ?? []).map(({ labels, value }) => {
          assert.deepEqual(Object.keys(labels).toSorted(), ['controller', 'reconcile_stage']);
          return [labels['reconcile_stage'], value];
        }),
      );
    const names = ['fetch_ingress', 'add_group_finalizer', 'build_model', 'deploy_model'];
    for (const stage of [...names, 'dns_resolve_and_update_status', 'remove_group_finalizer'])
      assert.ok((stages(made)[stage] ?? 0) > 0, stage);
    const talkers = made.get('awslbc_controller_top_talkers') ?? [];
    const [targetGroup] = local.world.aws.state.targetGroups.values();
    assert.deepEqual(
      talkers.map(({ labels }) => labels),
      [
        { controller: 'ingress', namespace: 'shop', name: 'site' },
        { controller: 'targetgroupbinding', namespace: 'shop', name: targetGroup?.name },
      ],
    );
    assert.ok(talkers.every(({ value }) => value > 0));

    const countOf = async (error_category: string): Promise<number> =>
      (await scraped()).get(errors)?.find(({ labels }) => labels['error_category'] === error_category)
        ?.value ?? 0;
    local.world.aws.faults.add({ operation: 'CreateRule', times: 1, action: { kind: 'deny' } });
    await local.apply(yaml(ingress('site', { rules: [['b.example.com', '/', 'web']] })));
    assert.equal(await countOf('deploy_model_error'), 1);
    assert.equal(await countOf('build_model_error'), 0);
    await local.apply(
      yaml(
        ingress('site', {
          annotations: { 'healthcheck-port': 'one' },
          rules: [['b.example.com', '/', 'web']],
        }),
      ),
    );
    assert.ok((await countOf('build_model_error')) > 0);
    local.world.aws.faults.add({ operation: 'RegisterTargets', times: 1, action: { kind: 'deny' } });
    await local.apply(yaml(ingress('other', { rules: [['c.example.com', '/', 'api']] })));
    assert.equal(await countOf('register_pod_endpoint_error'), 1);
    const controllers = (await scraped()).get(errors)?.map(({ labels }) => labels['controller']);
    assert.deepEqual(new Set(controllers), new Set(['ingress', 'targetGroupBinding']));
    const later = await scraped();
    assert.ok((stages(later)['build_model'] ?? 0) > (stages(made)['build_model'] ?? 0));
  }));

test('OPS-05: aws_target_group_info joins a Service to the dimension that CloudWatch knows its target group by', () =>
  withMetrics(async (local, scraped) => {
    const rules = [
      ['a.example.com', '/', 'web'],
      ['a.example.com', '/api', 'api'],
    ] as const;
    await local.apply(yaml(ingress('site', { rules })));
    const shown = async () =>
      (await scraped())
        .get('aws_target_group_info')
        ?.map(({ labels, value }) => ({ ...labels, value }))
        .toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
    const [api, web] = ['api', 'web'].map((service) => {
      const arn = [...local.world.aws.state.targetGroups.values()].find(({ name }) =>
        name.startsWith(`k8s-shop-${service}-`),
      )?.arn;
      return { namespace: 'shop', service, target_group: arn?.split(':').at(-1), value: 1 };
    });
    assert.match(web?.target_group ?? '', /^targetgroup\/k8s-shop-web-\w{10}\/\w{16}$/);
    assert.deepEqual(await shown(), [api, web]);
    await local.apply(yaml(ingress('site', { rules: rules.slice(0, 1) })));
    assert.deepEqual(await shown(), [web]);
  }));

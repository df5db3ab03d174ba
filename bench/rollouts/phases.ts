import { nodeOf, type PhaseResult, type Stage } from './stage.ts';

/** Every Deployment rolled once, all at the same time. */
export function rollOuts(stage: Stage, name: string, apps: readonly string[]): Promise<PhaseResult> {
  return stage.phase(name, async () => {
    await Promise.all(
      apps.map(async (app) => {
        await stage.kubectl(`rollout restart -n ${app} deployment/web`);
        await stage.kubectl(`rollout status -n ${app} deployment/web --timeout=180s`);
      }),
    );
    await stage.settle(apps);
  });
}

/** Each node as an autoscaler would replace it: the new one first, then a taint, eviction, the drained mark, the end. */
export function nodeReplacement(stage: Stage, apps: readonly string[]): Promise<PhaseResult> {
  return stage.phase('3 nodes replaced, instance and ip mode', async () => {
    for (const zone of ['a', 'b', 'c'] as const) {
      const old = nodeOf(zone, 0).name;
      await stage.addNodes([nodeOf(zone, 1)]);
      await stage.settle(apps);
      await stage.kubectl(`taint node ${old} karpenter.sh/disrupted=:NoSchedule`);
      await stage.kubectl(`drain ${old} --ignore-daemonsets --timeout=180s`);
      const drained = 'jsonpath={.metadata.annotations.albatross\\.dev/drained}';
      await stage.kubectl(`wait node/${old} --for=${drained} --timeout=120s`);
      await stage.kubectl(`delete node ${old}`);
      await stage.settle(apps);
    }
  });
}

export function targetModeSwitch(stage: Stage, app: string, to: 'ip' | 'instance'): Promise<PhaseResult> {
  return stage.phase(`target mode switched to ${to}`, async () => {
    const annotation = `alb.ingress.kubernetes.io/target-type=${to}`;
    await stage.kubectl(`annotate ingress -n ${app} web --overwrite ${annotation}`);
    await stage.settle([app]);
  });
}

/** The pods listen on both ports throughout. */
export function targetPortChange(stage: Stage, app: string): Promise<PhaseResult> {
  return stage.phase('targetPort of the Service changed', async () => {
    await patch(stage, app, 'service', [{ op: 'replace', path: '/spec/ports/0/targetPort', value: 9090 }]);
    await stage.settle([app]);
  });
}

/** The new port beside the old one, then the Ingress to it, then the old one away. */
export function servicePortChange(stage: Stage, app: string): Promise<PhaseResult> {
  return stage.phase('port of the Service changed', async () => {
    const port = { name: 'other', port: 81, targetPort: 8080 };
    await patch(stage, app, 'service', [{ op: 'add', path: '/spec/ports/-', value: port }]);
    await stage.settle([app]);
    const path = '/spec/rules/0/http/paths/0/backend/service/port/number';
    await patch(stage, app, 'ingress', [{ op: 'replace', path, value: 81 }]);
    await stage.settle([app]);
    await patch(stage, app, 'service', [{ op: 'remove', path: '/spec/ports/0' }]);
    await stage.settle([app]);
  });
}

const patch = (stage: Stage, app: string, kind: string, operations: readonly object[]): Promise<string> =>
  stage.kubectl(`patch ${kind} -n ${app} web --type=json -p ${JSON.stringify(operations)}`);

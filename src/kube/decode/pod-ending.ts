import type { PodEnding } from '../../core/domain/draining.ts';
import { Field } from './field.ts';

/** Of a v1 Pod how it ends; Kubernetes' default grace is 30 s. @throws DecodeError */
export function decodePodEnding(raw: unknown): PodEnding {
  const object = new Field(raw);
  const metadata = object.at('metadata');
  const spec = object.at('spec');
  const sleeps = spec.at('containers').list((container) => sleepOf(container.at('lifecycle').at('preStop')));
  return {
    pod: `${metadata.at('namespace').textOr('')}/${metadata.at('name').text()}`,
    graceSeconds: spec.at('terminationGracePeriodSeconds').optionalInteger() ?? 30,
    sleepSeconds: sleeps.includes(undefined) ? undefined : Math.max(0, ...sleeps.map((sleep) => sleep ?? 0)),
  };
}

/** `sleep: {seconds: 20}`, or a command that sleeps; 0 without a hook, undefined for another one. */
function sleepOf(hook: Field): number | undefined {
  if (!hook.present) return 0;
  const seconds = hook.at('sleep').at('seconds').optionalInteger();
  if (seconds !== undefined) return seconds;
  const command = hook
    .at('exec')
    .at('command')
    .list((word) => word.text());
  const found = /(?:^|[\s/;])sleep (\d+)\b/.exec(command.join(' '));
  return found === null ? undefined : Number(found[1]);
}

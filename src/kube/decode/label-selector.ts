import type { LabelSelector } from '../../core/domain/cluster.ts';
import type { Field } from './field.ts';

/** meta/v1 LabelSelector. */
export function labelSelector(field: Field): LabelSelector {
  return {
    matchLabels: field.at('matchLabels').texts(),
    matchExpressions: field.at('matchExpressions').list((expression) => ({
      key: expression.at('key').text(),
      operator: expression.at('operator').oneOf(['In', 'NotIn', 'Exists', 'DoesNotExist']),
      values: expression.at('values').list((value) => value.text()),
    })),
  };
}

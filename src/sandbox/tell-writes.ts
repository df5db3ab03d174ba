import type { AwsSimulator } from '../simulator/aws/server.ts';

/** Prints every write to the simulated AWS as it happens. */
export function tellWrites(aws: AwsSimulator, print: (line: string) => void): void {
  let mark = aws.trace.mark;
  const tell = () => {
    for (const { operation, params, errorCode, seq } of aws.trace.writes(mark)) {
      print(
        `  AWS ${operation} ${subjectOf(params)}${errorCode === undefined ? '' : ` refused: ${errorCode}`}`,
      );
      mark = seq + 1;
    }
  };
  // A change is told before its call is in the trace.
  aws.onChange(() => queueMicrotask(tell));
}

/** What a call is about, in a word: a name, or the last part of an ARN. */
function subjectOf(params: Readonly<Record<string, unknown>>): string {
  const key = [
    'Name',
    'GroupName',
    'RuleArn',
    'ListenerArn',
    'TargetGroupArn',
    'LoadBalancerArn',
    'GroupId',
  ].find((name) => params[name] !== undefined);
  const value = params[key ?? ''];
  const text = typeof value === 'string' ? value : '';
  return text.startsWith('arn:')
    ? text.replace(/^.*?:(?:loadbalancer|targetgroup|listener|listener-rule)\//, '')
    : text;
}

// A listener of a network load balancer: what comes goes on, byte for byte, to the listener of the load balancer behind it.

import { connect, createServer, type Server, type Socket } from 'node:net';
import { targetGroupArns } from '../aws/elbv2/actions.ts';
import type { AwsState, Listener, Target, TargetGroup } from '../aws/state.ts';

export type TcpServer = Server & { readonly closeAllConnections: () => void };

/** Which target of a target group answers; undefined: none does. */
type Choose = (group: TargetGroup) => Target | undefined;

const registered: Choose = ({ targets }) =>
  [...targets.values()].find(({ deregisteredAt }) => deregisteredAt === undefined);

/** The listener that is the target of one of a network load balancer; undefined: none is registered, or none is chosen. */
export function listenerBehind(
  { arn }: Pick<Listener, 'arn'>,
  state: AwsState,
  choose = registered,
): Listener | undefined {
  const byDefault = [...state.rules.values()].find(
    ({ listenerArn, priority }) => listenerArn === arn && priority === 'default',
  );
  const [group] = targetGroupArns(byDefault?.actions ?? []).map((one) => state.targetGroups.get(one));
  const target = group && choose(group);
  return [...state.listeners.values()].find(
    ({ loadBalancerArn, port }) => loadBalancerArn === target?.id && port === (target.port ?? group?.port),
  );
}

/** Leads each connection to the loopback port that `portBehind` gives at that moment; without one it ends at once. */
export function tcpServer(portBehind: () => number | undefined): TcpServer {
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const port = portBehind();
    if (port === undefined) {
      incoming.resetAndDestroy();
      return;
    }
    const outgoing = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(one);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      // A broken connection only ends the other half.
      one.on('error', () => other.destroy());
      one.pipe(other);
    }
  });
  const closeAllConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return Object.assign(server, { closeAllConnections });
}

import type { ChangeInfo } from '@aws-sdk/client-route-53';
import { SimulatedError } from '../errors.ts';
import { hex } from '../ids.ts';
import type { CallContext } from '../operation.ts';

/** A change that all name servers get after a while. */
export function newChange({ state, now }: CallContext): ChangeInfo {
  const id = `C${hex(state.ids, 20).toUpperCase()}`;
  state.dnsChanges.set(id, now);
  return { Id: `/change/${id}`, Status: 'PENDING', SubmittedAt: new Date(now) };
}

export function changeOf(id: string | undefined, { state, knobs, now }: CallContext): ChangeInfo {
  const submitted = state.dnsChanges.get((id ?? '').replace(/^\/?change\//, ''));
  if (submitted === undefined)
    throw new SimulatedError('NoSuchChange', `A change with id ${id} does not exist`, 404);
  const isDone = now - submitted >= knobs.dnsChangeMs;
  return { Id: id, Status: isDone ? 'INSYNC' : 'PENDING', SubmittedAt: new Date(submitted) };
}

import type { AwsState } from './state.ts';

/** What calls change, and may still be described as it was. */
const changing = [
  'tags',
  'loadBalancers',
  'listeners',
  'rules',
  'targetGroups',
  'securityGroups',
] as const satisfies readonly (keyof AwsState)[];

type Changing = Pick<AwsState, (typeof changing)[number]>;

/** How far behind one reading after the other is, as a part of the longest lag: they do not even agree with each other. */
const parts = [1, 0.6, 0, 1, 0.3];

/** The account as it was a while ago. AWS answers each reading from some copy, which may not know the last writes yet. */
export class Past {
  /** The oldest first; each was true until something was about to change. */
  readonly #states: { readonly until: number; readonly state: Changing }[] = [];
  #readings = 0;

  /** Something is about to change. */
  keep(state: AwsState, { now, lagMs }: { readonly now: number; readonly lagMs: number }): void {
    const tooOld = this.#states.findIndex(({ until }) => until > now - lagMs);
    this.#states.splice(0, tooOld < 0 ? this.#states.length : tooOld);
    const kept = Object.fromEntries(changing.map((name) => [name, copy(state[name])])) as unknown as Changing;
    this.#states.push({ until: now, state: kept });
  }

  /** The account as the next reading shows it. */
  seen(state: AwsState, { now, lagMs }: { readonly now: number; readonly lagMs: number }): AwsState {
    const part = parts[this.#readings % parts.length] ?? 0;
    this.#readings += 1;
    const then = this.#states.find(({ until }) => until > now - lagMs * part);
    return then === undefined ? state : { ...state, ...then.state };
  }
}

/** Lists are never changed in place; maps and what is in them are. */
function copy(value: unknown): unknown {
  if (value instanceof Map) return new Map([...value].map(([key, inner]) => [key, copy(inner)]));
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)]));
}

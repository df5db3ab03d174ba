import type { Meta } from '../domain/cluster.ts';

/** When an object came, to be compared as text. One that is only coming (in a file, at admission) has no age yet: it is last. */
export const bornAt = ({ creationTimestamp }: Pick<Meta, 'creationTimestamp'>): string =>
  creationTimestamp === '' ? '9999-12-31T23:59:59Z' : creationTimestamp;

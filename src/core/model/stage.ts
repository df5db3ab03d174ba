/**
 * The order in which ALBC meets problems; it stops at the first, whose words are its event. Ours are all found, and sorted by
 * this, so the first one is ALBC's.
 */
export const stage = {
  leaving: 0,
  ports: 10,
  mergePorts: 20,
  scheme: 40,
  addressType: 41,
  subnets: 42,
  customerOwnedPool: 43,
  ipamPool: 44,
  securityGroups: 45,
  tags: 46,
  attributes: 47,
  capacity: 48,
  name: 49,
  sslRedirect: 50,
  listeners: 60,
  rules: 70,
  addOns: 80,
  frontendNlb: 85,
  /** What ALBC does not look at, and AWS may refuse. */
  ours: 90,
} as const;

/** A conflict between members is met after the mistakes of each. */
export const afterOwn = 0.5;
